"""Which service calls which (design §2): broker rights are made from this table, and the source is held to it."""

from __future__ import annotations

from typing import Final

#: Caller to callees. No other call exists, and the graph has no cycle; all other news travels as events.
CALLS: Final[dict[str, frozenset[str]]] = {
    "gateway": frozenset({"accounts", "applications", "review", "sync", "notices"}),
    "accounts": frozenset({"sync", "notices"}),
    "applications": frozenset({"sync", "accounts"}),
    "review": frozenset({"accounts"}),
    "sync": frozenset(),
    "notices": frozenset(),
}


def callers() -> dict[str, frozenset[str]]:
    """The same read the other way: callee to callers."""
    return {callee: frozenset(caller for caller, called in CALLS.items() if callee in called) for callee in CALLS}
