"""Staff of organisations: which role belongs to which kind of organisation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.platform.errors import PermissionDenied
from shared.trade.resident_id import ResidentId

from .field_faults import field_fault
from .organisations import AUTHORITY, EXAM_CENTRE, INSTITUTION

ROLES_OF = {
    INSTITUTION: frozenset({"clerk"}),
    AUTHORITY: frozenset({"window", "officer", "head", "administrator", "security"}),
    EXAM_CENTRE: frozenset({"examiner"}),
}
"""A clerk (经办人) confirms for an institution; window, officer and head of section act for an authority.

Those who look after the security of accounts (安全管理员) are others than the administrators (等保三级, 三员分立).
"""

ORGANISATION = "organisation"
"""How a phone of staff is known to be theirs: their organisation says so."""


@dataclass(frozen=True)
class PhoneProof:
    """An administrator of the organisation vouched for a phone when entering it: who, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class StaffMember:
    """Somebody who acts for an organisation, in one role, with an account of their own.

    `id_number` tells which human being it is: who is also an applicant decides nothing about the own case (回避).
    """

    id: UUID
    version: int
    account_id: UUID
    organisation_id: UUID
    organisation_kind: str
    role: str
    name: str
    login_name: str
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    is_active: bool = True
    id_number: ResidentId | None = field(default=None, repr=False)
    phone_proof: PhoneProof | None = None

    @property
    def has_proved_phone(self) -> bool:
        """Whether text messages may go to the phone: somebody vouched for it, and they still act here."""
        return self.is_active and self.phone is not None and self.phone_proof is not None


def check_role(role: str, organisation_kind: str) -> None:
    """Refuse a role that the organisation doesn't have."""
    if role not in ROLES_OF.get(organisation_kind, frozenset()):
        raise field_fault("role", "role_not_of_organisation")


def require_active(member: StaffMember) -> None:
    """Whoever left acts no more; the account and its history stay."""
    if not member.is_active:
        raise PermissionDenied("account_disabled")
