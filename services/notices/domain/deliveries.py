"""How often a delivery is tried, and when it becomes work for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from .notice import OF_DEADLINES

#: Waits after the first, second … failed attempt; after the last one it is given up.
BACK_OFF: Final = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
#: A delivery that was taken and not heard of again, because the process died, is taken anew after this.
LEASE: Final = timedelta(minutes=2)
#: Deadlines come near and pass at midnight; nobody is texted about them then.
DAY_BEGINS, DAY_ENDS = time(8), time(20)


@dataclass(frozen=True)
class Delivery:
    """One message on its way to one phone; `attempts` counts the one under way."""

    id: UUID
    message_id: UUID
    channel: str
    subject: str
    text: str
    attempts: int
    province: str


def leaves_at(template: str, local: datetime) -> datetime:
    """When a text message may leave that is made at `local` time: news at once, reminders of deadlines by day."""
    if template not in OF_DEADLINES or DAY_BEGINS <= local.time() < DAY_ENDS:
        return local
    day = local.date() if local.time() < DAY_BEGINS else local.date() + timedelta(days=1)
    return datetime.combine(day, DAY_BEGINS, local.tzinfo)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts have failed; None when it is given up."""
    return now + BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
