"""A medical institution as it was on the day it was asked for, with the authority that approved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.trade.divisions import path_of, province_of


@dataclass(frozen=True)
class Authority:
    """A health authority 主管部门: its tier and division."""

    id: UUID
    name: str
    tier: str
    division: str
    window_address: str = ""
    phone: str = ""

    @property
    def path(self) -> str:
        """Its division from the province down, as rights and lists use it."""
        return path_of(self.division)


@dataclass(frozen=True)
class Institution:
    """The snapshot that an application keeps; `authority` approved it and so is competent (Order 13 art.9)."""

    id: UUID
    version: int
    name: str
    licence_number: str
    licence_status: str
    division: str
    category: str
    departments: tuple[str, ...]
    authority: Authority
    licence_valid_to: date | None = None
    grade: str = ""
    beds: int = 0
    address: str = ""
    is_township_or_village: bool = False
    is_county_or_below: bool = False
    is_prevention: bool = False
    is_military: bool = False
    superiors: tuple[Authority, ...] = ()
    subordinates: tuple[Authority, ...] = ()

    def authority_of(self, tier: str) -> Authority | None:
        """The authority that looks at this institution's cases on a tier; the competent one stands first."""
        authorities = (self.authority, *self.superiors, *self.subordinates)
        return next((one for one in authorities if one.tier == tier), None)

    @property
    def province(self) -> str:
        """The registering province: where the institution stands."""
        return province_of(self.division)
