"""Aggregates that are closed to change: a restored owner knows less of them than its consumers (design D13).

An event that such an owner announces would carry a number that consumers have seen already, and they would skip it in
silence. So the outbox refuses, `Conflict("aggregate_closed")`, and with it the whole unit of work, until an operator
has settled the aggregate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy import exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from . import inbox_store
from .clock import now
from .errors import InvalidInput, NotFound
from .ids import new_id
from .inbox_rules import Status
from .platform_tables import closed_aggregate, inbox, inbox_cursor, outbox_sequence

_UNFINISHED: Final = (Status.WAITING.value, Status.PARKED.value, Status.DEAD.value)


class Settlement(Enum):
    """What an operator decides about a closed aggregate."""

    RESUMED = "resumed"  # what the owner holds is right now; its next event follows what consumers know
    ABANDONED = "abandoned"  # it stays closed for ever: the record began after the backup, or is replaced by another


@dataclass(frozen=True, slots=True)
class Further:
    """An aggregate of which consumers know more than its owner; `known` is how far, by consumer."""

    aggregate: str
    own_sequence: int
    known: Mapping[str, int]

    @property
    def known_sequence(self) -> int:
        """The highest number that anybody knows."""
        return max(self.known.values())


@dataclass(frozen=True, slots=True)
class Closed:
    """An aggregate that waits for an operator."""

    aggregate: str
    own_sequence: int
    known_sequence: int
    known_to: str
    closed_at: datetime


def applied_of(consumer: Session, owner: str) -> dict[str, int]:
    """How far a consumer has applied each aggregate of an owner."""
    prefix = f"{owner}/"
    rows = consumer.execute(
        select(inbox_cursor.c.stream, inbox_cursor.c.sequence).where(
            inbox_cursor.c.stream.startswith(prefix, autoescape=True)
        )
    )
    return {row.stream.removeprefix(prefix): row.sequence for row in rows}


def known_to(consumer: Session, owner: str) -> dict[str, int]:
    """How far a consumer knows each aggregate of an owner: applied, or kept to be applied."""
    prefix, known = f"{owner}/", applied_of(consumer, owner)
    kept = consumer.execute(
        select(inbox.c.stream, inbox.c.sequence).where(
            inbox.c.status.in_(_UNFINISHED), inbox.c.stream.startswith(prefix, autoescape=True)
        )
    )
    for row in kept:
        name = row.stream.removeprefix(prefix)
        known[name] = max(known.get(name, 0), row.sequence)
    return known


def given_out(owner: Session) -> dict[str, int]:
    """The last sequence that an owner has given out in each of its aggregates."""
    return {row.aggregate: row.sequence for row in owner.execute(select(outbox_sequence))}


def further(own: Mapping[str, int], knowledge: Mapping[str, Mapping[str, int]]) -> list[Further]:
    """The aggregates of which a consumer knows more than their owner, by name; `knowledge` is by consumer."""
    ahead: dict[str, dict[str, int]] = {}
    for consumer, known in knowledge.items():
        for aggregate, sequence in known.items():
            if sequence > own.get(aggregate, 0):
                ahead.setdefault(aggregate, {})[consumer] = sequence
    return [Further(name, own.get(name, 0), ahead[name]) for name in sorted(ahead)]


def close(owner: Session, found: Iterable[Further]) -> int:
    """Close these aggregates; how many were open until now. One that is closed already stays as it is."""
    dialect = postgresql if owner.connection().dialect.name == "postgresql" else sqlite
    count = 0
    for item in found:
        # The refusal hangs on the sequence's row, so there has to be one. Locked, it lets what is under way end first.
        owner.execute(
            dialect.insert(outbox_sequence).values(aggregate=item.aggregate, sequence=0).on_conflict_do_nothing()
        )
        owner.execute(
            select(outbox_sequence.c.sequence).where(outbox_sequence.c.aggregate == item.aggregate).with_for_update()
        )
        is_closed = exists().where(closed_aggregate.c.aggregate == item.aggregate, closed_aggregate.c.closed)
        if owner.scalar(select(is_closed)):
            continue
        owner.execute(
            insert(closed_aggregate).values(
                id=new_id(),
                aggregate=item.aggregate,
                own_sequence=item.own_sequence,
                known_sequence=item.known_sequence,
                known_to=", ".join(f"{name} #{sequence}" for name, sequence in sorted(item.known.items())),
                closed=True,
                closed_at=now(),
            )
        )
        count += 1
    return count


def unsettled(owner: Session) -> list[Closed]:
    """The closed aggregates that wait for an operator, by name."""
    rows = owner.execute(
        select(
            closed_aggregate.c.aggregate,
            closed_aggregate.c.own_sequence,
            closed_aggregate.c.known_sequence,
            closed_aggregate.c.known_to,
            closed_aggregate.c.closed_at,
        )
        .where(closed_aggregate.c.closed, closed_aggregate.c.settled_as.is_(None))
        .order_by(closed_aggregate.c.aggregate)
    )
    return [Closed(*row) for row in rows]


def settle(
    owner: Session, aggregate: str, settlement: Settlement, *, known_sequence: int, operator: str, reason: str
) -> None:
    """Record what an operator decided; `RESUMED` lets the owner's next event follow `known_sequence`.

    `NotFound` where the aggregate doesn't wait for an operator, `InvalidInput` without a reason.
    """
    if not reason.strip():
        raise InvalidInput("reason_required")
    found = _waiting_id(owner, aggregate)
    if found is None:
        raise NotFound("aggregate_not_closed")
    if settlement is Settlement.RESUMED:
        owner.execute(
            update(outbox_sequence)
            .where(outbox_sequence.c.aggregate == aggregate, outbox_sequence.c.sequence < known_sequence)
            .values(sequence=known_sequence)
        )
    owner.execute(
        update(closed_aggregate)
        .where(closed_aggregate.c.id == found)
        .values(
            closed=settlement is Settlement.ABANDONED,
            known_sequence=known_sequence,
            settled_as=settlement.value,
            settled_by=operator,
            settled_at=now(),
            reason=reason.strip(),
        )
    )


def pass_over(consumer: Session, stream: str, sequence: int) -> bool:
    """Let a consumer go on behind `sequence` where events before it are lost; False where it lacks none.

    What it keeps and can still apply in turn stays. Otherwise its cursor goes to `sequence`, and what it kept that
    waits for a lost event is given up.
    """
    cursor = inbox_store.lock_cursor(consumer, stream)
    kept = set(
        consumer.scalars(
            select(inbox.c.sequence).where(
                inbox.c.stream == stream, inbox.c.status.in_(_UNFINISHED), inbox.c.sequence <= sequence
            )
        )
    )
    if cursor >= sequence or kept >= set(range(cursor + 1, sequence + 1)):
        return False
    consumer.execute(
        update(inbox)
        .where(inbox.c.stream == stream, inbox.c.sequence <= sequence, inbox.c.status.in_(_UNFINISHED))
        .values(
            status=Status.DISCARDED.value,
            error="an event before it was lost in a restore",
            envelope=None,
            next_try_at=None,
            applied_at=now(),
        )
    )
    inbox_store.move_cursor(consumer, stream, sequence)
    return True


def _waiting_id(owner: Session, aggregate: str) -> object | None:
    found: object | None = owner.scalar(
        select(closed_aggregate.c.id).where(
            closed_aggregate.c.aggregate == aggregate,
            closed_aggregate.c.closed,
            closed_aggregate.c.settled_as.is_(None),
        )
    )
    return found
