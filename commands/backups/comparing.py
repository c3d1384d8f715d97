"""Compares a restored owner with its consumers' cursors, closes what they know further, and settles it one by one."""

from __future__ import annotations

import kombu
from kombu.exceptions import OperationalError

from commands.backups.places import consumers_of, database, followed
from shared.platform import closures
from shared.platform.bus.topology import bulk_inbox_name, inbox_name
from shared.platform.closures import Further, Settlement
from shared.platform.config import load_deployment


def known_further(owner: str) -> list[Further]:
    """The aggregates of an owner of which its consumers know more than it does."""
    with database(owner) as own, own.transaction(read_only=True) as session:
        given = closures.given_out(session)
    return closures.further(given, {consumer: _known(consumer, owner) for consumer in consumers_of(owner)})


def close(owner: str, found: list[Further]) -> int:
    """Close these aggregates to change; how many were open until now."""
    with database(owner) as own, own.transaction() as session:
        count = closures.close(session, found)
        session.commit()
    return count


def unread(owner: str) -> dict[str, int] | None:
    """How many messages still wait in each consumer's queues: among them may be news that was lost here.

    None where the broker doesn't answer.
    """
    queues = [queue(name) for name in consumers_of(owner) for queue in (inbox_name, bulk_inbox_name)]
    waiting = {}
    try:
        with kombu.Connection(load_deployment().amqp_uri, connect_timeout=5) as connection:
            for queue in queues:
                channel = connection.channel()
                try:
                    waiting[queue] = channel.queue_declare(queue, passive=True).message_count
                except connection.channel_errors:
                    continue  # no such queue, so nothing waits in it
    except (OSError, OperationalError):
        return None
    return {queue: count for queue, count in waiting.items() if count}


def settle(owner: str, aggregate: str, settlement: Settlement, *, operator: str, reason: str) -> list[str]:
    """Settle one closed aggregate; the consumers that had to be led past lost events. Repeatable until it succeeds.

    Where it is resumed, every consumer stands behind the last event that any of them knows, and the owner's next event
    follows that. Consumers come first: an owner that announces already would be ahead of them.
    """
    known = {consumer: _known(consumer, owner).get(aggregate, 0) for consumer in consumers_of(owner)}
    with database(owner) as own:
        with own.transaction(read_only=True) as session:
            waiting = next((each for each in closures.unsettled(session) if each.aggregate == aggregate), None)
        highest = max([*known.values(), waiting.known_sequence if waiting else 0])
        passed = []
        if waiting and settlement is Settlement.RESUMED:
            passed = [name for name in known if _pass_over(name, owner, aggregate, highest)]
        with own.transaction() as session:
            closures.settle(session, aggregate, settlement, known_sequence=highest, operator=operator, reason=reason)
            session.commit()
    return passed


def _known(consumer: str, owner: str) -> dict[str, int]:
    with database(consumer) as own, own.transaction(read_only=True) as session:
        return closures.known_to(session, owner)


def _pass_over(consumer: str, owner: str, aggregate: str, sequence: int) -> bool:
    kind = aggregate.partition(":")[0]
    if all(event.aggregate != kind for event in followed(consumer, owner)):
        return False
    with database(consumer) as own, own.transaction() as session:
        passed = closures.pass_over(session, f"{owner}/{aggregate}", sequence)
        session.commit()
    return passed
