"""Filings of further institutions: written once; an end that lies ahead may be brought forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from shared.platform.database import save_versioned
from shared.platform.errors import NotFound

from ..domain.filing import EndReason, Filing
from ..models import FilingRow

_PLAIN = (
    "registration_id",
    "person_id",
    "province",
    "institution_id",
    "institution_name",
    "authority_id",
    "authority_name",
    "authority_path",
    "valid_from",
    "valid_to",
    "decision_number",
    "application_id",
)


class Filings:
    """The filings of this service."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, filing: Filing, *, at: datetime) -> None:
        """Write a new one; the database refuses a second for the same institution and days."""
        values = {name: getattr(filing, name) for name in _PLAIN}
        self._session.execute(
            insert(FilingRow).values(
                id=filing.id,
                version=1,
                scopes=list(filing.scopes),
                holds_until=filing.holds_until,
                filed_at=at,
                **values,
            )
        )

    def get(self, filing_id: UUID) -> Filing:
        """The filing, or `NotFound`."""
        row = self._session.get(FilingRow, filing_id)
        if row is None:
            raise NotFound("filing_not_found")
        return filing_of(row)

    def of_person(self, person_id: UUID) -> tuple[Filing, ...]:
        """All filings there ever were of a person, the earliest first."""
        return self._all(select(FilingRow).where(FilingRow.person_id == person_id))

    def of_registration(self, registration_id: UUID) -> tuple[Filing, ...]:
        """All filings there ever were on a registration, the earliest first."""
        return self._all(select(FilingRow).where(FilingRow.registration_id == registration_id))

    def open_at(self, institution_id: UUID, today: date) -> tuple[Filing, ...]:
        """The filings at an institution that hold or will hold."""
        return self._all(
            select(FilingRow).where(
                FilingRow.institution_id == institution_id,
                FilingRow.holds_until > today,
                FilingRow.holds_until > FilingRow.valid_from,  # one that ended before it began never holds
            )
        )

    def end(self, filing: Filing, *, at: datetime) -> Filing:
        """Write the end that `ended_on` and `end_reason` tell; `Conflict("filing_changed")` if it changed meanwhile."""
        version = save_versioned(
            self._session,
            FilingRow,
            filing.id,
            filing.version,
            {
                "holds_until": filing.holds_until,
                "ended_on": filing.ended_on,
                "end_reason": None if filing.end_reason is None else filing.end_reason.value,
                "ended_at": at,
                "closed_at": at,  # who ends it tells of it
            },
            "filing_changed",
        )
        return replace(filing, version=version)

    def _all(self, query: Select[FilingRow]) -> tuple[Filing, ...]:
        rows = self._session.scalars(query.order_by(FilingRow.valid_from, FilingRow.id))
        return tuple(filing_of(row) for row in rows)


def due_to_close(today: date) -> Select[FilingRow]:
    """Filings whose last day is over and whose end was not told yet, for `each_due`."""
    return select(FilingRow).where(FilingRow.closed_at.is_(None), FilingRow.holds_until <= today)


def due_to_remind(last_day: date) -> Select[FilingRow]:
    """Filings that end by a day and of which nobody was reminded, for `each_due`."""
    return select(FilingRow).where(
        FilingRow.closed_at.is_(None),
        FilingRow.reminded_at.is_(None),
        FilingRow.ended_on.is_(None),
        FilingRow.valid_to <= last_day,
    )


def filing_of(row: FilingRow) -> Filing:
    """The filing in a row."""
    return Filing(
        id=row.id,
        version=row.version,
        scopes=tuple(row.scopes),
        ended_on=row.ended_on,
        end_reason=None if row.end_reason is None else EndReason(row.end_reason),
        **{name: getattr(row, name) for name in _PLAIN},
    )
