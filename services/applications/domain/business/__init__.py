"""The registry of the nine kinds of business, in the order of the source page: a module each."""

from __future__ import annotations

from shared.platform.errors import RuleViolated
from shared.trade.statuses import BusinessType

from . import cancel, change, mil_in, mil_out, multi_add, multi_del, place_del, reg, upgrade
from .kind import About, BusinessKind, Confirming, Field, FieldKind, Material, NeededMaterial, Step

__all__ = [
    "KINDS",
    "About",
    "BusinessKind",
    "Confirming",
    "Field",
    "FieldKind",
    "Material",
    "NeededMaterial",
    "Step",
    "kind_of",
    "startable_kind",
    "sub_kinds",
]

_MODULES = (reg, upgrade, mil_in, mil_out, change, cancel, multi_add, multi_del, place_del)

KINDS: dict[tuple[BusinessType, str], BusinessKind] = {
    (kind.type, kind.sub_kind): kind for module in _MODULES for kind in module.KINDS
}
"""Every kind under its type and sub-kind, "" where a type has none."""


def kind_of(name: str, sub_kind: str) -> BusinessKind:
    """The kind by its names; unknown ones are a fault of who stored them: `KeyError`."""
    return KINDS[BusinessType(name), sub_kind]


def sub_kinds(name: BusinessType) -> tuple[BusinessKind, ...]:
    """All kinds of a type, in the order of its section; never none."""
    return tuple(kind for (of_type, _), kind in KINDS.items() if of_type is name)


def startable_kind(name: str, sub_kind: str, starter: str = "physician") -> BusinessKind:
    """The kind that `starter` may begin; without a sub-kind the first of its type that they may.

    Raises `RuleViolated("business_not_available")` where there is none.
    """
    offered = [kind for kind in sub_kinds(BusinessType(name)) if starter in kind.starters]
    found = [kind for kind in offered if sub_kind in ("", kind.sub_kind)]
    if not found:
        raise RuleViolated("business_not_available", type=name, sub_kind=sub_kind)
    return found[0]
