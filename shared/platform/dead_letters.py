"""The dead-letter store: events and timed items that failed at their last attempt, for a person to look at.

Of each aggregate one event is dead and its successors wait behind it, so replaying brings them back in order: the
service's own timer takes the event up again, and then the successors. These functions work on the service's database
alone; the service need not run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from . import failed_items, inbox_store
from .clock import now
from .errors import Conflict, NotFound
from .inbox_rules import Status
from .platform_tables import failed_item, inbox, inbox_cursor

#: An event that came ahead of its turn is followed by its predecessor within moments, unless something is wrong.
GAP_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event that could not be applied. `held_up` counts the events of its aggregate that wait behind it."""

    id: UUID
    type: str
    stream: str
    sequence: int
    attempts: int
    error: str
    received_at: datetime
    held_up: int
    status: str = Status.DEAD.value


@dataclass(frozen=True, slots=True)
class DeadItem:
    """An item of timed work that could not be done."""

    task: str
    item: str
    attempts: int
    error: str
    first_failed_at: datetime
    last_failed_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stream that waits for an event that never came: `missing` is the first, `held_up` counts those behind it."""

    stream: str
    missing: int
    held_up: int
    since: datetime


def gaps(session: Session, older_than: timedelta = GAP_AFTER, limit: int = 100) -> list[Gap]:
    """The streams that have waited so long for a missing event, the oldest first; have its owner publish it again."""
    first = func.min(inbox.c.sequence)
    rows = session.execute(
        select(inbox.c.stream, inbox_cursor.c.sequence + 1, func.count(), func.min(inbox.c.received_at))
        .join(inbox_cursor, inbox_cursor.c.stream == inbox.c.stream)
        .where(inbox.c.status.in_([Status.WAITING.value, Status.PARKED.value, Status.DEAD.value]))
        .group_by(inbox.c.stream, inbox_cursor.c.sequence)
        .having(first > inbox_cursor.c.sequence + 1, func.min(inbox.c.received_at) < now() - older_than)
        .order_by(func.min(inbox.c.received_at))
        .limit(limit)
    )
    return [Gap(*row) for row in rows]


def dead_events(session: Session, limit: int = 100, *, parked_too: bool = False) -> list[DeadEvent]:
    """The dead events, the oldest first; with `parked_too` also those that are still being retried."""
    statuses = [Status.DEAD.value] + ([Status.PARKED.value] if parked_too else [])
    behind = inbox.alias()
    held_up = (
        select(func.count())
        .where(
            behind.c.stream == inbox.c.stream,
            behind.c.sequence > inbox.c.sequence,
            behind.c.status == Status.WAITING.value,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            inbox.c.id,
            inbox.c.type,
            inbox.c.stream,
            inbox.c.sequence,
            inbox.c.attempts,
            func.coalesce(inbox.c.error, ""),
            inbox.c.received_at,
            held_up,
            inbox.c.status,
        )
        .where(inbox.c.status.in_(statuses))
        .order_by(inbox.c.received_at, inbox.c.id)
        .limit(limit)
    )
    return [DeadEvent(*row) for row in rows]


def dead_items(session: Session, limit: int = 100) -> list[DeadItem]:
    """The dead items of timed work, the oldest first."""
    rows = session.execute(
        select(
            failed_item.c.task,
            failed_item.c.item,
            failed_item.c.attempts,
            failed_item.c.error,
            failed_item.c.first_failed_at,
            failed_item.c.last_failed_at,
        )
        .where(failed_item.c.status == Status.DEAD.value)
        .order_by(failed_item.c.first_failed_at)
        .limit(limit)
    )
    return [DeadItem(*row) for row in rows]


def content_of(session: Session, event_id: UUID) -> Any:
    """The event as it came, its personal data sealed; `NotFound` if it isn't kept."""
    body = session.scalar(select(inbox.c.envelope).where(inbox.c.id == event_id))
    if body is None:
        raise NotFound("event_not_kept")
    return orjson.loads(body)


def replay(session: Session, event_id: UUID) -> None:
    """Let a dead event be tried again, with all its attempts; those behind it follow once it is applied."""
    again = session.execute(
        update(inbox)
        .where(inbox.c.id == event_id, inbox.c.status == Status.DEAD.value)
        .values(status=Status.PARKED.value, attempts=0, next_try_at=now())
    )
    if again.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise NotFound("event_not_dead")


def replay_all(session: Session) -> int:
    """`replay` for every dead event; how many."""
    again = session.execute(
        update(inbox)
        .where(inbox.c.status == Status.DEAD.value)
        .values(status=Status.PARKED.value, attempts=0, next_try_at=now())
    )
    return int(again.rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def discard(session: Session, event_id: UUID, reason: str) -> None:
    """Give a dead event up for good, so that those behind it go on; row, content and reason stay."""
    row = session.execute(
        select(inbox.c.stream, inbox.c.sequence).where(inbox.c.id == event_id, inbox.c.status == Status.DEAD.value)
    ).one_or_none()
    if row is None:
        raise NotFound("event_not_dead")
    if inbox_store.lock_cursor(session, row.stream) != row.sequence - 1:
        raise Conflict("event_not_next")
    session.execute(
        update(inbox)
        .where(inbox.c.id == event_id)
        .values(status=Status.DISCARDED.value, error=inbox.c.error + f"; discarded: {reason}", applied_at=now())
    )
    inbox_store.move_cursor(session, row.stream, row.sequence)


def replay_item(session: Session, task: str, item: str) -> None:
    """Let an item of timed work be tried anew at the timer's next run."""
    if not failed_items.forget(session, task, item):
        raise NotFound("item_not_dead")
