"""Reminding an institution of what is overdue: again and again, until it is done (domain.md §9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from . import mailboxes
from .notice import Notice, Occasion

#: Whose silence is reminded. An authority's own delay is its superiors' affair, told when the period ends.
REMINDED = "clerk"


@dataclass(frozen=True)
class Reminder:
    """A case that waits on an institution beyond its period; `told` counts the reminders that went out already."""

    case_id: UUID
    passed_event: UUID
    application_id: UUID
    organisation_id: UUID
    number: str
    type: str
    clock: str
    due_on: date
    province: str
    next_at: datetime
    told: int = 0

    @property
    def occasion(self) -> Occasion:
        """What the next reminder is known by: made from its number, so that it is the same one if it is made twice."""
        return Occasion(uuid5(self.passed_event, f"reminder {self.told + 1}"), self.province)


def overdue(reminder: Reminder) -> list[Notice]:
    """The next reminder for the institution's clerks. It is never more: silence is no confirmation."""
    facts = {
        "number": reminder.number,
        "type": reminder.type,
        "clock": reminder.clock,
        "due_on": reminder.due_on,
        "count": reminder.told + 1,
    }
    desk = mailboxes.of_desk(reminder.organisation_id, REMINDED)
    return [Notice("overdue_reminder", desk, facts, reminder.application_id)]
