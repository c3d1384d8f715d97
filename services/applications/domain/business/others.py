"""The eight kinds that this release can't start yet: listed, since all nine are offered under their names."""

from __future__ import annotations

from shared.trade.statuses import BusinessType

from .kind import BusinessKind

CHANGE_KINDS = ("ORG_SAME_AUTH", "ORG_IN_PROVINCE", "ORG_CROSS_PROVINCE", "SCOPE", "CATEGORY", "PERSON")

UPGRADE = BusinessKind(BusinessType.UPGRADE, (), "SJ")
MIL_IN = BusinessKind(BusinessType.MIL_IN, (), "JR")
MIL_OUT = BusinessKind(BusinessType.MIL_OUT, (), "JC")
CHANGE = BusinessKind(BusinessType.CHANGE, CHANGE_KINDS, "BG")
CANCEL = BusinessKind(BusinessType.CANCEL, (), "ZX")
MULTI_ADD = BusinessKind(BusinessType.MULTI_ADD, (), "BA")
MULTI_DEL = BusinessKind(BusinessType.MULTI_DEL, (), "QB")
PLACE_DEL = BusinessKind(BusinessType.PLACE_DEL, (), "QD")
