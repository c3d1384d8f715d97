"""Who holds a qualification and what rests on it: copies of what `accounts` and `applications` announce."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..domain.qualification_news import Use
from ..models import QualificationUseRow, RecognisedRow


class Qualifications:
    """Holders and uses of qualifications, a read model."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def recognise(self, qualification_id: UUID, person_id: UUID, region: str, year: int) -> None:
        """Somebody with an account holds it."""
        self._session.merge(
            RecognisedRow(qualification_id=qualification_id, person_id=person_id, region=region, year=year)
        )

    def holder_of(self, qualification_id: UUID) -> UUID | None:
        """Who holds it; None if nobody with an account does."""
        row = self._session.get(RecognisedRow, qualification_id)
        return None if row is None else row.person_id

    def exams_of(self, person_id: UUID) -> list[tuple[str, int]]:
        """Region and year of the exams that somebody passed."""
        found = select(RecognisedRow.region, RecognisedRow.year).where(RecognisedRow.person_id == person_id).distinct()
        return [(row.region, row.year) for row in self._session.execute(found.order_by("region", "year"))]

    def use(self, use_id: UUID, qualification_id: UUID | None, use: Use) -> None:
        """An application or a registration rests on a qualification; one that has ended stays so."""
        known = self._session.get(QualificationUseRow, (use.kind, use_id))
        self._session.merge(
            QualificationUseRow(
                kind=use.kind,
                id=use_id,
                qualification_id=qualification_id,
                number=use.number,
                institution_id=use.institution_id,
                authority_id=use.authority_id,
                ended_at=None if known is None else known.ended_at,
            )
        )

    def end(self, kind: str, use_id: UUID, at: datetime) -> None:
        """It rests on nothing any more."""
        row = self._session.get(QualificationUseRow, (kind, use_id))
        if row is None:
            self._session.add(QualificationUseRow(kind=kind, id=use_id, number="", ended_at=at))
        elif row.ended_at is None:
            row.ended_at = at
        self._session.flush()

    def uses_at(self, qualification_id: UUID, at: datetime) -> list[Use]:
        """What rested on it at a moment: what its annulment has ended since is concerned as well."""
        rows = self._session.scalars(
            select(QualificationUseRow)
            .where(
                QualificationUseRow.qualification_id == qualification_id,
                or_(QualificationUseRow.ended_at.is_(None), QualificationUseRow.ended_at >= at),
            )
            .order_by(QualificationUseRow.kind, QualificationUseRow.id)
        )
        return [
            Use(row.kind, row.number, row.institution_id, row.authority_id)
            for row in rows
            if row.institution_id is not None and row.authority_id is not None
        ]
