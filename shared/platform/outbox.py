"""The outbox: news is a row in the transaction of the change it tells of; a relay publishes it after the commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from . import tracing
from .clock import now
from .contract import EventType
from .errors import Conflict, InvalidInput
from .ids import new_id
from .platform_tables import closed_aggregate, outbox, outbox_sequence
from .schemas import WireSchema
from .work_context import WorkContext

#: How long a published row stays, so that it can be published again (design D13, knob `outbox.keep_days`).
KEEP_DAYS: Final = 400
_ROWS_A_STATEMENT: Final = 500

_schemas: dict[type[WireSchema], WireSchema] = {}


@dataclass(frozen=True, slots=True)
class News:
    """What changed in one aggregate; `data` is of the event type's form."""

    aggregate_id: UUID
    data: Mapping[str, Any] | object
    province: str
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unpublished:
    """One row on its way to the broker."""

    position: int
    id: UUID
    type: str
    envelope: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the kept rows are meant: everything that is given has to hold; `until` is not included."""

    type_name: str | None = None
    aggregate: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What holds of a published row that is meant."""
        given = (
            None if self.type_name is None else outbox.c.type == self.type_name,
            None if self.aggregate is None else outbox.c.aggregate == self.aggregate,
            None if self.since is None else outbox.c.occurred_at >= self.since,
            None if self.until is None else outbox.c.occurred_at < self.until,
        )
        return [outbox.c.published_at.is_not(None), *(condition for condition in given if condition is not None)]


def add(
    session: Session,
    context: WorkContext,
    event_type: EventType,
    *,
    aggregate_id: UUID,
    data: Mapping[str, Any] | object,
    province: str,
    occurred_at: datetime | None = None,
) -> UUID:
    """Put one event into the outbox with the next sequence of its aggregate; its id."""
    return add_all(session, context, event_type, [News(aggregate_id, data, province, occurred_at)])[0]


def add_all(session: Session, context: WorkContext, event_type: EventType, news: Sequence[News]) -> list[UUID]:
    """Put an event of one type for each of many aggregates, none named twice; their ids in the same order."""
    if event_type.service != context.service:
        raise ValueError(f"{context.service} can't announce {event_type.name}: its owner does")
    if len({item.aggregate_id for item in news}) != len(news):
        raise ValueError(f"{event_type.name}: an aggregate is named twice in one batch")
    ids: list[UUID] = []
    for batch in _batches(news, _ROWS_A_STATEMENT):
        names = [f"{event_type.aggregate}:{item.aggregate_id}" for item in batch]
        sequences = _next_sequences(session, names)
        rows = [_row(context, event_type, item, name, sequences[name]) for item, name in zip(batch, names, strict=True)]
        session.connection().execute(_ADD, rows if len(rows) > 1 else rows[0])
        ids += [row["id"] for row in rows]
    return ids


def add_snapshot(
    session: Session,
    context: WorkContext,
    event_type: EventType,
    aggregate_id: UUID,
    state: Callable[[], News],
) -> UUID:
    """Put the state of one aggregate into the outbox as the next event of its sequence; its id.

    The sequence is counted up first, and its row stays locked until the transaction ends: what `state` reads then is
    what all events before this one have told, no more and no less, and every later change comes behind it.
    """
    if event_type.service != context.service or not event_type.snapshot:
        raise ValueError(f"{event_type.name} is no snapshot of {context.service}")
    name = f"{event_type.aggregate}:{aggregate_id}"
    sequence = _next_sequences(session, [name])[name]
    row = _row(context, event_type, state(), name, sequence)
    session.connection().execute(_ADD, row)
    event_id: UUID = row["id"]
    return event_id


# A closed aggregate has a row in `outbox_sequence`, so the refusal costs no statement of its own.
_OPEN: Final = ~exists().where(
    closed_aggregate.c.aggregate == literal_column("outbox_sequence.aggregate"), closed_aggregate.c.closed
)


def _counting_up(dialect: Any) -> Any:
    """Count an aggregate's sequence up by one, from nothing to 1; no row where the aggregate is closed."""
    first = dialect.insert(outbox_sequence).values(aggregate=bindparam("aggregate"), sequence=1)
    counted = first.on_conflict_do_update(
        index_elements=[outbox_sequence.c.aggregate], set_={"sequence": outbox_sequence.c.sequence + 1}, where=_OPEN
    )
    return counted.returning(outbox_sequence.c.sequence)


# Made once: building them anew costs more than the database needs to carry them out.
_ADD: Final = insert(outbox)
_COUNT_UP: Final = {"postgresql": _counting_up(postgresql), "sqlite": _counting_up(sqlite)}


def _next_sequences(session: Session, aggregates: Sequence[str]) -> dict[str, int]:
    """Count up each aggregate's sequence. Its row stays locked until the transaction ends, so the order is dense.

    `Conflict("aggregate_closed")` where an operator has to settle an aggregate first, after a restore.
    """
    connection = session.connection()
    count_up = _COUNT_UP[connection.dialect.name]
    if len(aggregates) == 1:
        sequence = connection.scalar(count_up, {"aggregate": aggregates[0]})
        if sequence is None:
            raise Conflict("aggregate_closed", aggregate=aggregates[0])
        return {aggregates[0]: int(sequence)}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    # Always in the same order: two transactions that announce for the same aggregates never lock each other out.
    first = [{"aggregate": name, "sequence": 1} for name in sorted(aggregates)]
    counted = (
        dialect.insert(outbox_sequence)
        .values(first)
        .on_conflict_do_update(
            index_elements=[outbox_sequence.c.aggregate],
            set_={"sequence": outbox_sequence.c.sequence + 1},
            where=_OPEN,
        )
        .returning(outbox_sequence.c.aggregate, outbox_sequence.c.sequence)
    )
    given = {row.aggregate: row.sequence for row in connection.execute(counted)}
    for name in aggregates:
        if name not in given:
            raise Conflict("aggregate_closed", aggregate=name)
    return given


def _row(context: WorkContext, event_type: EventType, news: News, aggregate: str, sequence: int) -> dict[str, Any]:
    event_id, occurred_at = new_id(), news.occurred_at or now()
    envelope = {
        "id": str(event_id),
        "type": event_type.name,
        "occurred_at": occurred_at.isoformat(),
        "origin": context.origin,
        "province": news.province,
        "aggregate": aggregate,
        "sequence": sequence,
        "correlation_id": context.correlation_id,
        "causation_id": context.causation_id,
        "actor": context.actor,
        "data": dump_data(event_type, news.data),
    }
    tracing.carry(envelope)
    return {
        "id": event_id,
        "type": event_type.name,
        "aggregate": aggregate,
        "sequence": sequence,
        "occurred_at": occurred_at,
        "envelope": orjson.dumps(envelope).decode(),
    }


def dump_data(event_type: EventType, data: Mapping[str, Any] | object) -> Any:
    """The data in wire form, checked against the event type's schema as a consumer will; `TypeError` if it isn't so."""
    schema = schema_of(event_type)
    if isinstance(data, Mapping) and (unknown := data.keys() - schema.dump_fields.keys()):
        raise TypeError(f"{event_type.name} has no {', '.join(sorted(map(str, unknown)))}")
    wire = schema.dump(data)
    try:
        schema.load(wire)
    except InvalidInput as error:
        raise TypeError(f"{event_type.name}: wrong {', '.join(sorted(error.facts.get('fields', {})))}") from error
    return wire


def schema_of(event_type: EventType) -> WireSchema:
    """The event type's schema, made once."""
    known = _schemas.get(event_type.data)
    if known is None:
        known = _schemas[event_type.data] = event_type.data()
    return known


_UNPUBLISHED: Final = (
    select(outbox.c.position, outbox.c.id, outbox.c.type, outbox.c.envelope)
    .where(outbox.c.published_at.is_(None), outbox.c.position > bindparam("beyond"))
    .order_by(outbox.c.position)
    .limit(bindparam("at_most"))
)


_MARK_PUBLISHED: Final = (
    update(outbox)
    .where(outbox.c.position.in_(bindparam("positions", expanding=True)))
    .values(published_at=bindparam("moment"))
)


def unpublished(connection: Connection, limit: int, beyond: int = 0) -> list[Unpublished]:
    """The next rows that the broker hasn't confirmed, in order, from after position `beyond`; one statement."""
    rows = connection.execute(_UNPUBLISHED, {"beyond": beyond, "at_most": limit})
    return [Unpublished(*row) for row in rows]


def mark_published(connection: Connection, positions: Sequence[int]) -> None:
    """The broker has confirmed these rows; one statement."""
    connection.execute(_MARK_PUBLISHED, {"positions": list(positions), "moment": now()})


def publish_again(session: Session, selection: Selection) -> int:
    """Let the relay publish kept rows once more, in their order; consumers skip what they have applied. How many."""
    again = update(outbox).where(*selection.conditions()).values(published_at=None)
    return int(session.execute(again).rowcount)  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def kept_rows(
    session: Session, selection: Selection, types: Collection[str], *, beyond: int, limit: int
) -> list[Unpublished]:
    """The next published rows of these types that are meant, in their order, from after position `beyond`."""
    rows = session.execute(
        select(outbox.c.position, outbox.c.id, outbox.c.type, outbox.c.envelope)
        .where(outbox.c.position > beyond, outbox.c.type.in_(sorted(types)), *selection.conditions())
        .order_by(outbox.c.position)
        .limit(limit)
    )
    return [Unpublished(*row) for row in rows]


def waiting(session: Session) -> int:
    """How many rows the broker hasn't confirmed."""
    return int(session.scalar(select(func.count()).where(outbox.c.published_at.is_(None))) or 0)


def kept(session: Session) -> int:
    """How many published rows are kept."""
    return int(session.scalar(select(func.count()).where(outbox.c.published_at.is_not(None))) or 0)


def purge(session: Session, keep_days: int = KEEP_DAYS) -> int:
    """Forget rows published longer than `keep_days` ago; how many."""
    gone = session.execute(delete(outbox).where(outbox.c.published_at < now() - timedelta(days=keep_days)))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def _batches(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
