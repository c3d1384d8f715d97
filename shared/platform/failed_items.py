"""Items of timed work that failed: held back until their next try, dead after the last, never in the way of others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, delete, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from .clock import now
from .faults import told_of
from .inbox_rules import Status, after_failure
from .logging import get_logger
from .platform_tables import failed_item

_log = get_logger(__name__)


def not_held_back(task: str, key: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """A condition on the items' table: no attempt at the item has failed, or its next try is due."""
    # An id is text with hyphens on PostgreSQL and without on SQLite; the stored name has none.
    name = func.replace(cast(key, String), "-", "")
    held = (
        select(failed_item.c.item)
        .where(failed_item.c.task == task, failed_item.c.item == name)
        .where(or_(failed_item.c.status == Status.DEAD.value, failed_item.c.next_try_at > now()))
    )
    return ~held.exists()


def record(session: Session, task: str, item: Any, error: Exception) -> None:
    """The item failed once more by its own error."""
    known = session.execute(
        select(failed_item.c.attempts).where(failed_item.c.task == task, failed_item.c.item == name_of(item))
    ).one_or_none()
    moment, told = now(), told_of(error)
    kept = after_failure(0 if known is None else known.attempts, moment)
    values = {
        "status": kept.status.value,
        "attempts": kept.attempts,
        "next_try_at": kept.next_try_at,
        "error": told,
        "last_failed_at": moment,
    }
    if known is None:
        session.execute(insert(failed_item).values(task=task, item=name_of(item), first_failed_at=moment, **values))
    else:
        session.execute(
            update(failed_item).where(failed_item.c.task == task, failed_item.c.item == name_of(item)).values(**values)
        )
    tell = _log.error if kept.status is Status.DEAD else _log.warning
    tell("item_dead" if kept.status is Status.DEAD else "item_failed", task=task, item=str(item), reason=told)


def forget(session: Session, task: str, item: Any) -> bool:
    """The item is done, or a person lets it be tried anew; whether it had failed before."""
    gone = session.execute(delete(failed_item).where(failed_item.c.task == task, failed_item.c.item == name_of(item)))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def name_of(item: Any) -> str:
    """The name under which an item is stored."""
    return item.hex if isinstance(item, UUID) else str(item).replace("-", "")
