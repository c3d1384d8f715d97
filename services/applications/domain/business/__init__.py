"""The registry of the nine kinds of business, in the order of the source page."""

from __future__ import annotations

from services.applications.domain.business.others import (
    CANCEL,
    CHANGE,
    MIL_IN,
    MIL_OUT,
    MULTI_ADD,
    MULTI_DEL,
    PLACE_DEL,
    UPGRADE,
)
from shared.platform.errors import RuleViolated
from shared.trade.statuses import BusinessType

from .kind import BusinessKind, Effect, Field, FieldKind, Material, NeededMaterial, Step
from .reg import REG

__all__ = [
    "KINDS",
    "BusinessKind",
    "Effect",
    "Field",
    "FieldKind",
    "Material",
    "NeededMaterial",
    "Step",
    "available_kind",
    "kind_of",
]

KINDS: dict[BusinessType, BusinessKind] = {
    kind.type: kind for kind in (REG, UPGRADE, MIL_IN, MIL_OUT, CHANGE, CANCEL, MULTI_ADD, MULTI_DEL, PLACE_DEL)
}


def kind_of(name: str) -> BusinessKind:
    """The kind by its name; an unknown name is a fault of the caller's schema: `ValueError`."""
    return KINDS[BusinessType(name)]


def available_kind(name: str, sub_kind: str | None = None) -> BusinessKind:
    """The kind, if it can be started in this release: else `RuleViolated("business_not_available")`."""
    kind = kind_of(name)
    if not kind.available or (sub_kind is not None and sub_kind not in kind.available_sub_kinds):
        raise RuleViolated("business_not_available", type=name, sub_kind=sub_kind or "")
    return kind
