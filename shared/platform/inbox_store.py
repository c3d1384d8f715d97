"""The inbox in the database: the cursor of each stream and the events that are not just history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Update, and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .clock import now
from .events import Envelope
from .inbox_rules import Kept, Status
from .platform_tables import inbox, inbox_cursor

#: Applied rows stay as long as the owners' outbox rows (design D13); the cursor stays for ever.
KEEP_DAYS: Final = 400


def cursor_of(session: Session, stream: str) -> int:
    """The last sequence applied in the stream, 0 before the first."""
    return session.scalar(select(inbox_cursor.c.sequence).where(inbox_cursor.c.stream == stream)) or 0


def lock_cursor(session: Session, stream: str) -> int:
    """`cursor_of`, and nobody else applies an event of this stream until the transaction ends."""
    locked = select(inbox_cursor.c.sequence).where(inbox_cursor.c.stream == stream).with_for_update()
    known: int | None = session.scalar(locked)
    if known is not None:
        return known
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(inbox_cursor).values(stream=stream, sequence=0, updated_at=now())
    session.execute(first.on_conflict_do_nothing())
    return int(session.scalar(locked) or 0)


def move_cursor(session: Session, stream: str, sequence: int) -> None:
    """The stream is applied up to `sequence`."""
    session.execute(
        update(inbox_cursor).where(inbox_cursor.c.stream == stream).values(sequence=sequence, updated_at=now())
    )


def kept_of(session: Session, stream: str, sequence: int) -> Kept | None:
    """What is stored of the stream's event."""
    row = session.execute(
        select(inbox.c.status, inbox.c.attempts, inbox.c.next_try_at).where(
            inbox.c.stream == stream, inbox.c.sequence == sequence
        )
    ).one_or_none()
    return None if row is None else Kept(Status(row.status), row.attempts, row.next_try_at)


def has_next(session: Session, stream: str, sequence: int) -> bool:
    """Whether the stream's event `sequence` came ahead of its turn and waits."""
    kept = kept_of(session, stream, sequence)
    return kept is not None and kept.status is Status.WAITING


def keep(session: Session, envelope: Envelope, body: str, kept: Kept, error: str | None, known: Kept | None) -> None:
    """Store the event with what became of it; `known` is what was stored before."""
    values = {
        "status": kept.status.value,
        "attempts": kept.attempts,
        "next_try_at": kept.next_try_at,
        "error": error,
        "envelope": body,
    }
    if known is None:
        session.execute(
            insert(inbox).values(
                id=envelope.id,
                stream=envelope.stream,
                sequence=envelope.sequence,
                type=envelope.type,
                received_at=now(),
                **values,
            )
        )
    else:
        session.execute(_row(envelope).values(**values))


def applied(session: Session, envelope: Envelope, known: Kept | None) -> None:
    """The event is applied in this transaction; its content is no longer needed."""
    moment = now()
    if known is None:
        session.execute(
            insert(inbox).values(
                id=envelope.id,
                stream=envelope.stream,
                sequence=envelope.sequence,
                type=envelope.type,
                status=Status.APPLIED.value,
                attempts=0,
                received_at=moment,
                applied_at=moment,
            )
        )
    else:
        session.execute(
            _row(envelope).values(
                status=Status.APPLIED.value, applied_at=moment, next_try_at=None, error=None, envelope=None
            )
        )
    move_cursor(session, envelope.stream, envelope.sequence)


def forget(session: Session, envelope: Envelope) -> None:
    """The kept event is of a type that the service has no handler for any more."""
    session.execute(delete(inbox).where(inbox.c.stream == envelope.stream, inbox.c.sequence == envelope.sequence))


def due(session: Session, moment: datetime, limit: int) -> Sequence[str]:
    """The kept events whose turn has come and whose wait is over, the oldest first, as they were received."""
    rows = session.scalars(
        select(inbox.c.envelope)
        .join(
            inbox_cursor,
            and_(inbox_cursor.c.stream == inbox.c.stream, inbox.c.sequence == inbox_cursor.c.sequence + 1),
        )
        .where(
            # As in the partial index, which PostgreSQL and SQLite use only for conditions they can see in it.
            inbox.c.status.in_(("WAITING", "PARKED", "DEAD")),
            or_(
                inbox.c.status == Status.WAITING.value,
                and_(
                    inbox.c.status == Status.PARKED.value,
                    or_(inbox.c.next_try_at.is_(None), inbox.c.next_try_at <= moment),
                ),
            ),
        )
        .order_by(inbox.c.received_at, inbox.c.id)
        .limit(limit)
    )
    return [envelope for envelope in rows if envelope is not None]


def next_body(session: Session, stream: str) -> str | None:
    """The event that waits to be applied next in the stream, as it was received."""
    return session.scalar(
        select(inbox.c.envelope).where(
            inbox.c.stream == stream,
            inbox.c.sequence == cursor_of(session, stream) + 1,
            inbox.c.status == Status.WAITING.value,
        )
    )


def purge(session: Session, keep_days: int = KEEP_DAYS) -> int:
    """Forget events applied longer than `keep_days` ago; how many."""
    gone = session.execute(delete(inbox).where(inbox.c.applied_at < now() - timedelta(days=keep_days)))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def _row(envelope: Envelope) -> Update:
    return update(inbox).where(inbox.c.stream == envelope.stream, inbox.c.sequence == envelope.sequence)
