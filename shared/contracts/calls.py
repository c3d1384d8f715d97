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
