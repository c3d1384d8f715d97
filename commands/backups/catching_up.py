"""Delivers to a restored consumer what its cursors lack, from the rows that the owners' outboxes keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from commands.backups.places import KEEPERS, database, followed
from commands.redelivery import deliver
from shared.platform.bus.messages import OutgoingMessage
from shared.platform.bus.topology import bulk_inbox_name, inbox_name
from shared.platform.closures import applied_of, given_out
from shared.platform.contract import EventType
from shared.platform.engine import Database
from shared.platform.platform_tables import outbox

_PAGE = 500


@dataclass
class CaughtUp:
    """What was delivered from one owner, and the records whose next event its outbox no longer keeps."""

    owner: str
    delivered: int = 0
    beyond: list[str] = field(default_factory=list)


def catch_up(consumer: str) -> list[CaughtUp]:
    """Deliver to one consumer, in order, what it has not applied; by owner. Repeatable: its inbox skips the rest.

    What an owner has not published yet is left to its relay. Where the next event is kept no longer, the owner has to
    tell a snapshot.
    """
    done = []
    with database(consumer) as own:
        for owner in KEEPERS:
            events = followed(consumer, owner) if owner != consumer else []
            if events:
                with own.transaction(read_only=True) as session:
                    cursors = applied_of(session, owner)
                with database(owner) as source:
                    done.append(_from_owner(source, consumer, events, cursors))
    return done


def _from_owner(source: Database, consumer: str, events: list[EventType], cursors: dict[str, int]) -> CaughtUp:
    kinds = {event.aggregate for event in events}
    with source.transaction(read_only=True) as session:
        behind = {
            name: cursors.get(name, 0)
            for name, sequence in given_out(session).items()
            if name.partition(":")[0] in kinds and sequence > cursors.get(name, 0)
        }
    result = CaughtUp(source.service)
    if not behind:
        return result
    first: dict[str, int] = {}
    for bulk, queue in ((False, inbox_name(consumer)), (True, bulk_inbox_name(consumer))):
        types = {event.name for event in events if event.bulk is bulk}
        if types:
            result.delivered += deliver(queue, _lacking(source, types, behind, first))
    result.beyond = sorted(name for name, cursor in behind.items() if first.get(name, cursor + 2) > cursor + 1)
    return result


def _lacking(
    source: Database, types: set[str], behind: dict[str, int], first: dict[str, int]
) -> Iterator[OutgoingMessage]:
    """The kept rows behind the cursors, in their order; notes in `first` the first that there is of each record."""
    beyond = 0
    while True:
        with source.transaction(read_only=True) as session:
            rows = session.execute(
                select(outbox)
                .where(outbox.c.position > beyond, outbox.c.type.in_(sorted(types)))
                .order_by(outbox.c.position)
                .limit(_PAGE)
            ).all()
        for row in rows:
            if row.sequence > behind.get(row.aggregate, row.sequence):
                first[row.aggregate] = min(row.sequence, first.get(row.aggregate, row.sequence))
                if row.published_at is not None:
                    yield OutgoingMessage(str(row.id), row.type, row.envelope.encode())
        if len(rows) < _PAGE:
            return
        beyond = rows[-1].position
