"""Who holds a qualification and what rests on it: copies of what `accounts` and `applications` announce."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..domain.qualification_news import Use
from ..models import QualificationUseRow, RecognisedRow

APPLICATION, REGISTRATION = "application", "registration"


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

    def applies(self, application_id: UUID, qualification_id: UUID | None, use: Use) -> None:
        """An application rests on a qualification; one that has ended stays so."""
        known = self._session.get(QualificationUseRow, (APPLICATION, application_id))
        self._keep(application_id, qualification_id, use, ended_at=None if known is None else known.ended_at)

    def end_application(self, application_id: UUID, at: datetime) -> None:
        """It rests on nothing any more."""
        row = self._session.get(QualificationUseRow, (APPLICATION, application_id))
        if row is None:
            self._session.add(QualificationUseRow(kind=APPLICATION, id=application_id, number="", ended_at=at))
        elif row.ended_at is None:
            row.ended_at = at
        self._session.flush()

    def register(
        self,
        registration_id: UUID,
        qualification_id: UUID | None,
        use: Use,
        *,
        application_id: UUID | None,
        is_registered: bool,
        at: datetime,
    ) -> None:
        """A registration stands as it is told; one that was left may be taken up again (domain §3.5)."""
        known = self._session.get(QualificationUseRow, (REGISTRATION, registration_id))
        ended_at = None if known is None else known.ended_at
        self._keep(
            registration_id,
            qualification_id,
            use,
            application_id=application_id,
            ended_at=None if is_registered else ended_at or at,
        )

    def _keep(
        self,
        use_id: UUID,
        qualification_id: UUID | None,
        use: Use,
        *,
        ended_at: datetime | None,
        application_id: UUID | None = None,
    ) -> None:
        self._session.merge(
            QualificationUseRow(
                kind=use.kind,
                id=use_id,
                qualification_id=qualification_id,
                number=use.number,
                institution_id=use.institution_id,
                authority_id=use.authority_id,
                application_id=application_id,
                ended_at=ended_at,
            )
        )
        self._session.flush()

    def use_of(self, kind: str, use_id: UUID) -> Use | None:
        """What is known of an application or a registration; None if nothing but its end."""
        row = self._session.get(QualificationUseRow, (kind, use_id))
        return None if row is None else _use(row)

    def partners_of(self, registration_id: UUID, application_id: UUID, *, ended: bool) -> tuple[str, ...]:
        """The practice codes of other registrations that the same application has ended, or opened."""
        over = QualificationUseRow.ended_at.is_not(None)
        rows = self._session.scalars(
            select(QualificationUseRow.number)
            .where(
                QualificationUseRow.application_id == application_id,
                QualificationUseRow.kind == REGISTRATION,
                QualificationUseRow.id != registration_id,
                over if ended else ~over,
            )
            .order_by(QualificationUseRow.number)
        )
        return tuple(rows)

    def registrations_beside(self, registration_id: UUID, person_id: UUID) -> tuple[Use, ...]:
        """The registrations of a person that stand, but for one."""
        rows = self._session.scalars(
            select(QualificationUseRow)
            .join(RecognisedRow, RecognisedRow.qualification_id == QualificationUseRow.qualification_id)
            .where(
                RecognisedRow.person_id == person_id,
                QualificationUseRow.kind == REGISTRATION,
                QualificationUseRow.id != registration_id,
                QualificationUseRow.ended_at.is_(None),
            )
            .order_by(QualificationUseRow.id)
        )
        return tuple(use for row in rows if (use := _use(row)) is not None)

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
        return [use for row in rows if (use := _use(row)) is not None]


def _use(row: QualificationUseRow) -> Use | None:
    if row.institution_id is None or row.authority_id is None:
        return None
    return Use(row.kind, row.number, row.institution_id, row.authority_id)
