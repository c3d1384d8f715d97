"""A task in a work list: who may see it, who holds it, and what a page of such tasks looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from shared.platform.errors import Conflict

from .workflow import DESKS

#: A claim ends by itself, so that a task doesn't lie with somebody who went home.
CLAIM_LASTS: Final = timedelta(hours=2)
#: Counts are exact up to here (design D17).
COUNTED_TO: Final = 100
#: What lies on a desk, by tab; `supplementing` only waits for the applicant.
OPEN_TABS: Final = ("confirm", "receive", "accept", "review", "decide", "exception")
#: The tabs that a role's desk can have something in.
TABS_OF_ROLE: Final[Mapping[str, tuple[str, ...]]] = {
    "clerk": ("confirm", "done_today", "done"),
    "window": ("receive", "accept", "supplementing", "done_today", "done"),
    "officer": ("receive", "accept", "review", "decide", "supplementing", "exception", "done_today", "done"),
    "head": ("receive", "accept", "review", "decide", "supplementing", "exception", "done_today", "done"),
}


@dataclass(frozen=True)
class Task:
    """What lies, or lay, on a desk of an organisation."""

    id: UUID
    case_id: UUID
    organisation_id: UUID
    desk: str
    step: str
    tab: str
    status: str
    waits: bool
    opened_at: datetime
    due_on: date | None
    provisional: bool
    claimed_by: UUID | None
    claimed_until: datetime | None
    done_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be done."""
        return self.status == "OPEN"

    def holder(self, now: datetime) -> UUID | None:
        """Who holds it now; a claim that has run out counts no more."""
        if self.claimed_by is None or self.claimed_until is None or self.claimed_until <= now:
            return None
        return self.claimed_by


@dataclass(frozen=True)
class Viewer:
    """Whose work list it is."""

    staff_id: UUID
    organisation_id: UUID
    role: str
    person_id: UUID | None = None

    @property
    def desks(self) -> tuple[str, ...]:
        """The desks that this role may work at."""
        return tuple(desk for desk, roles in DESKS.items() if self.role in roles)

    @property
    def tabs(self) -> tuple[str, ...]:
        """The tabs that this role sees."""
        return TABS_OF_ROLE.get(self.role, ())


@dataclass(frozen=True)
class Filter:
    """What a work list is narrowed to; `division` is a path, and what lies below it counts."""

    tab: str | None = None
    type: str | None = None
    division: str | None = None
    number: str | None = None
    name_index: str | None = None


@dataclass(frozen=True)
class Tally:
    """How many there are: exact up to 100, then `more` is true."""

    count: int
    more: bool

    @classmethod
    def of(cls, found: int) -> Tally:
        """A tally of what a count that stops after 101 has found."""
        return cls(min(found, COUNTED_TO), found > COUNTED_TO)


def require_free(task: Task, staff_id: UUID, role: str, now: datetime) -> None:
    """Refuse an act on a task that a colleague holds; the head of the section may step in.

    Raises `Conflict("task_claimed")`, and `Conflict("task_closed")` where it is done already.
    """
    if not task.is_open:
        raise Conflict("task_closed")
    holder = task.holder(now)
    if holder is not None and holder != staff_id and role != "head":
        raise Conflict("task_claimed", claimed_until=task.claimed_until.isoformat() if task.claimed_until else None)
