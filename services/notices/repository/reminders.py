"""Cases that wait on an institution beyond their period."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from ..domain.reminders import Reminder
from ..models import ReminderRow


class Reminders:
    """What has to be reminded of, until it is done."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def start(self, reminder: Reminder) -> None:
        """Remind from now on; a later period of the same case takes the place of an earlier one."""
        self._session.merge(ReminderRow(**asdict(reminder)))
        self._session.flush()

    def stop(self, case_id: UUID) -> None:
        """There is nothing left to remind of."""
        self._session.execute(delete(ReminderRow).where(ReminderRow.case_id == case_id))

    def count(self, reminder: Reminder, next_at: datetime) -> None:
        """One more went out; when the next one does."""
        self._session.execute(
            update(ReminderRow)
            .where(ReminderRow.case_id == reminder.case_id)
            .values(told=reminder.told + 1, next_at=next_at)
        )


def due(now: datetime) -> Select[ReminderRow]:
    """The reminders whose time has come."""
    return select(ReminderRow).where(ReminderRow.next_at <= now)


def reminder_of(row: ReminderRow) -> Reminder:
    """The reminder that a row holds."""
    return Reminder(**{field.name: getattr(row, field.name) for field in fields(Reminder)})
