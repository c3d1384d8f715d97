"""How people and desks are reached: copies of what `accounts` announces."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing

from ..domain import mailboxes
from ..models import ContactRow, StaffRow

_PHONE, _EMAIL = "phone", "email"


class Contacts:
    """Contact points and staff roles, read models of `accounts`."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def keep_contact(
        self, subject: str, account_id: UUID, *, phone: str | None, verified: bool, email: str | None, now: datetime
    ) -> None:
        """How somebody is reached from now on."""
        self._session.merge(
            ContactRow(
                subject=subject,
                account_id=account_id,
                phone=None if phone is None else self._ring.seal(phone, purpose=_PHONE),
                phone_verified=verified,
                email=None if email is None else self._ring.seal(email, purpose=_EMAIL),
                changed_at=now,
            )
        )

    def keep_staff(
        self,
        staff_id: UUID,
        account_id: UUID,
        *,
        organisation_id: UUID,
        organisation_kind: str,
        role: str,
        active: bool,
        province: str,
    ) -> None:
        """Who acts for an organisation from now on."""
        self._session.merge(
            StaffRow(
                staff_id=staff_id,
                account_id=account_id,
                organisation_id=organisation_id,
                organisation_kind=organisation_kind,
                role=role,
                active=active,
                province=province,
            )
        )

    def is_staffed(self, role: str, province: str) -> bool:
        """Whether anybody acts in a role for an authority of a province."""
        found = select(StaffRow.staff_id).where(
            StaffRow.role == role,
            StaffRow.province == province,
            StaffRow.organisation_kind == "authority",
            StaffRow.active,
        )
        return self._session.scalar(found.limit(1)) is not None

    def phone_of(self, subject: str) -> str | None:
        """The verified phone of a person or a member of staff; None if there is none."""
        row = self._session.get(ContactRow, subject)
        if row is None or row.phone is None or not row.phone_verified:
            return None
        return self._ring.open(row.phone, purpose=_PHONE)

    def subjects_behind(self, mailbox: str) -> list[str]:
        """Those with a verified phone who read somebody's own or a desk's mailbox; nobody for a whole group's."""
        desk = mailboxes.desk_in(mailbox)
        if desk is None:
            owner = mailboxes.owner_of(mailbox)
            candidates = [] if owner is None else [owner]
        else:
            organisation_id, role = desk
            candidates = [
                f"staff:{staff_id}"
                for staff_id in self._session.scalars(
                    select(StaffRow.staff_id)
                    .where(StaffRow.organisation_id == organisation_id, StaffRow.role == role, StaffRow.active)
                    .order_by(StaffRow.staff_id)
                )
            ]
        return [subject for subject in candidates if self.phone_of(subject) is not None]
