"""Who looked at a person's record (谁查看过); rows are only added, the words of a reason rest sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.errors import InvalidInput
from shared.platform.ids import new_id

from ..models import AccessRow

_REASON = "access_reason"


@dataclass(frozen=True)
class Access:
    """One look at a person's data."""

    at: datetime
    service: str
    role: str
    organisation: str
    what: str
    reason: str


class AccessLog:
    """The log by person, newest first."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def add(self, person_id: UUID, access: Access, organisation_id: UUID | None) -> None:
        """Write one look down."""
        self._session.add(
            AccessRow(
                id=new_id(),
                person_id=person_id,
                at=access.at,
                service=access.service,
                role=access.role,
                organisation_id=organisation_id,
                organisation=access.organisation,
                what=access.what[:120],
                reason=self._ring.seal(access.reason[:300], purpose=_REASON) if access.reason else "",
            )
        )
        self._session.flush()

    def page(self, person_id: UUID, *, after: str | None, limit: int) -> tuple[list[Access], str | None]:
        """One page, and the cursor of the next."""
        query = select(AccessRow).where(AccessRow.person_id == person_id)
        if after is not None:
            at, row_id = _read_cursor(after)
            query = query.where(or_(AccessRow.at < at, and_(AccessRow.at == at, AccessRow.id < row_id)))
        rows = self._session.scalars(query.order_by(AccessRow.at.desc(), AccessRow.id.desc()).limit(limit + 1)).all()
        page = rows[:limit]
        cursor = f"{page[-1].at.isoformat()}_{page[-1].id}" if len(rows) > limit else None
        return [self._access(row) for row in page], cursor

    def _access(self, row: AccessRow) -> Access:
        reason = self._ring.open(row.reason, purpose=_REASON) if row.reason else ""
        return Access(row.at, row.service, row.role, row.organisation, row.what, reason)


def _read_cursor(text: str) -> tuple[datetime, UUID]:
    at, _, row_id = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment, UUID(row_id)
    except ValueError as error:
        raise InvalidInput("invalid_input", fields={"after": ["cursor_invalid"]}) from error
