"""Periodic assessments, and what somebody was reminded of."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ..domain.register_acts import PeriodicAssessment
from ..models import PeriodicAssessmentRow, ReminderRow


class PeriodicAssessments:
    """The results that authorities entered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, assessment: PeriodicAssessment, *, at: datetime) -> None:
        """Write one; it is never taken back, a later one speaks for itself."""
        self._session.execute(
            insert(PeriodicAssessmentRow).values(
                id=assessment.id,
                registration_id=assessment.registration_id,
                assessed_on=assessment.assessed_on,
                passed=assessment.passed,
                authority_id=assessment.authority_id,
                recorded_at=at,
            )
        )

    def last_passed(self, registration_id: UUID) -> date | None:
        """The day of the last assessment that was passed."""
        day: date | None = self._session.scalar(
            select(func.max(PeriodicAssessmentRow.assessed_on)).where(
                PeriodicAssessmentRow.registration_id == registration_id, PeriodicAssessmentRow.passed
            )
        )
        return day


class Reminders:
    """What was told already."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, subject_id: UUID, kind: str, due_on: date, at: datetime) -> bool:
        """Note that somebody is reminded now; False where they were before."""
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        noted = dialect.insert(ReminderRow).values(subject_id=subject_id, kind=kind, due_on=due_on, told_at=at)
        done = self._session.execute(noted.on_conflict_do_nothing().returning(ReminderRow.subject_id))
        return done.first() is not None
