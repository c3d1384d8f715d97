"""The inbox in the database: the cursor of each stream and the events that are not just history.

The statements of the common way are made once: building them anew costs more than PostgreSQL needs to carry them out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BindParameter, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .clock import now
from .events import Envelope
from .inbox_rules import Kept, Status
from .platform_tables import inbox, inbox_cursor

#: Applied rows stay as long as the owners' outbox rows (design D13); the cursor stays for ever.
KEEP_DAYS: Final = 400

_stream: Final[BindParameter[str]] = bindparam("of_stream")
_sequence: Final[BindParameter[int]] = bindparam("of_sequence")
_of_stream: Final = inbox.c.stream == _stream
_of_event: Final = and_(_of_stream, inbox.c.sequence == _sequence)

_CURSOR: Final = select(inbox_cursor.c.sequence).where(inbox_cursor.c.stream == _stream)
_LOCKED_CURSOR: Final = _CURSOR.with_for_update()
_MOVE_CURSOR: Final = (
    update(inbox_cursor)
    .where(inbox_cursor.c.stream == _stream)
    .values(sequence=bindparam("to"), updated_at=bindparam("moment"))
)
_KEPT: Final = select(inbox.c.sequence, inbox.c.status, inbox.c.attempts, inbox.c.next_try_at).where(
    _of_stream, inbox.c.sequence.in_((_sequence, _sequence + 1))
)
_STANDING: Final = (
    select(inbox_cursor.c.sequence.label("cursor"), inbox.c.status, inbox.c.attempts, inbox.c.next_try_at)
    .join_from(
        inbox_cursor,
        inbox,
        and_(inbox.c.stream == inbox_cursor.c.stream, inbox.c.sequence == _sequence),
        isouter=True,
    )
    .where(inbox_cursor.c.stream == _stream)
)
_ADD: Final = insert(inbox)
_CHANGE: Final = (
    update(inbox)
    .where(_of_event)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("status", "attempts", "next_try_at", "error", "envelope", "applied_at")
        }
    )
)
_NEXT: Final = (
    select(inbox.c.envelope)
    .join(inbox_cursor, and_(inbox_cursor.c.stream == inbox.c.stream, inbox.c.sequence == inbox_cursor.c.sequence + 1))
    .where(_of_stream, inbox.c.status == Status.WAITING.value)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a stream is applied, and what is kept of one of its events and of the next one."""

    cursor: int
    kept: Kept | None
    next_waits: bool = False


def look(session: Session, envelope: Envelope) -> Standing:
    """Where the event stands now; it may change as soon as this is read."""
    row = (
        session.connection()
        .execute(_STANDING, {"of_stream": envelope.stream, "of_sequence": envelope.sequence})
        .one_or_none()
    )
    if row is None:
        return Standing(0, None)
    return Standing(row.cursor, None if row.status is None else Kept(Status(row.status), row.attempts, row.next_try_at))


def lock(session: Session, envelope: Envelope) -> Standing:
    """Where the event stands; nobody else applies an event of its stream until the transaction ends."""
    cursor = lock_cursor(session, envelope.stream)
    # A statement of its own: one that waited for the lock would still show the rows as they were before.
    rows = session.connection().execute(_KEPT, {"of_stream": envelope.stream, "of_sequence": envelope.sequence})
    found = {row.sequence: Kept(Status(row.status), row.attempts, row.next_try_at) for row in rows}
    following = found.get(envelope.sequence + 1)
    next_waits = following is not None and following.status is Status.WAITING
    return Standing(cursor, found.get(envelope.sequence), next_waits)


def lock_cursor(session: Session, stream: str) -> int:
    """The last sequence applied in the stream, 0 before the first, locked until the transaction ends."""
    connection = session.connection()
    known: int | None = connection.scalar(_LOCKED_CURSOR, {"of_stream": stream})
    if known is not None:
        return known
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(inbox_cursor).values(stream=stream, sequence=0, updated_at=now())
    connection.execute(first.on_conflict_do_nothing())
    return int(connection.scalar(_LOCKED_CURSOR, {"of_stream": stream}) or 0)


def move_cursor(session: Session, stream: str, sequence: int) -> None:
    """The stream is applied up to `sequence`."""
    session.connection().execute(_MOVE_CURSOR, {"of_stream": stream, "to": sequence, "moment": now()})


def keep(session: Session, envelope: Envelope, body: str, kept: Kept, error: str | None, known: Kept | None) -> None:
    """Store the event with what became of it; `known` is what was stored before."""
    _store(session, envelope, known, kept=kept, error=error, body=body, applied_at=None)


def applied(session: Session, envelope: Envelope, known: Kept | None) -> None:
    """The event is applied in this transaction; its content is no longer needed."""
    done = Kept(Status.APPLIED, 0 if known is None else known.attempts)
    _store(session, envelope, known, kept=done, error=None, body=None, applied_at=now())
    move_cursor(session, envelope.stream, envelope.sequence)


def leap(session: Session, snapshot: Envelope) -> None:
    """What is kept of the stream before the snapshot is told by it: nobody has to apply it any more."""
    session.connection().execute(
        update(inbox)
        .where(
            inbox.c.stream == snapshot.stream,
            inbox.c.sequence < snapshot.sequence,
            inbox.c.status.in_((Status.WAITING.value, Status.PARKED.value, Status.DEAD.value)),
        )
        .values(
            status=Status.DISCARDED.value,
            error=f"replaced by snapshot #{snapshot.sequence}",
            envelope=None,
            next_try_at=None,
            applied_at=now(),
        )
    )


def forget(session: Session, envelope: Envelope) -> None:
    """The kept event is of a type that the service has no handler for."""
    session.connection().execute(
        delete(inbox).where(_of_event), {"of_stream": envelope.stream, "of_sequence": envelope.sequence}
    )


def due(session: Session, moment: datetime, limit: int, snapshots: Collection[str] = ()) -> Sequence[str]:
    """The kept events whose turn has come and whose wait is over, the oldest first, as they were received.

    `snapshots` are the types that need no predecessor, since they tell a state.
    """
    in_turn = inbox.c.sequence == inbox_cursor.c.sequence + 1
    if snapshots:
        leaps = and_(inbox.c.sequence > inbox_cursor.c.sequence, inbox.c.type.in_(sorted(snapshots)))
        in_turn = or_(in_turn, leaps)
    rows = session.scalars(
        select(inbox.c.envelope)
        .join(inbox_cursor, and_(inbox_cursor.c.stream == inbox.c.stream, in_turn))
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
    body: str | None = session.connection().scalar(_NEXT, {"of_stream": stream})
    return body


def purge(session: Session, keep_days: int = KEEP_DAYS) -> int:
    """Forget events applied longer than `keep_days` ago; how many."""
    gone = session.connection().execute(delete(inbox).where(inbox.c.applied_at < now() - timedelta(days=keep_days)))
    return gone.rowcount


def _store(
    session: Session,
    envelope: Envelope,
    known: Kept | None,
    *,
    kept: Kept,
    error: str | None,
    body: str | None,
    applied_at: datetime | None,
) -> None:
    values: dict[str, Any] = {
        "status": kept.status.value,
        "attempts": kept.attempts,
        "next_try_at": kept.next_try_at,
        "error": error,
        "envelope": body,
        "applied_at": applied_at,
    }
    place = {"of_stream": envelope.stream, "of_sequence": envelope.sequence}
    if known is not None:
        session.connection().execute(_CHANGE, {f"new_{name}": value for name, value in values.items()} | place)
        return
    values |= {
        "id": envelope.id,
        "stream": envelope.stream,
        "sequence": envelope.sequence,
        "type": envelope.type,
        "received_at": now(),
    }
    session.connection().execute(_ADD, values)
