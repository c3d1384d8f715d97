"""Delivers kept events once more to one consumer, straight into its queues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from amqp.exceptions import AccessRefused
from kombu.exceptions import OperationalError

from commands.services import handled_events, known_events, service_class
from shared.platform import outbox
from shared.platform.bus.messages import OutgoingMessage
from shared.platform.bus.redelivery import QueueMissing, put_into_queue
from shared.platform.bus.topology import REDELIVERY_EXCHANGE, bulk_inbox_name, followed_events, inbox_name
from shared.platform.config import SettingsError, load_deployment
from shared.platform.engine import Database

_PAGE = 500


def redeliver(database: Database, consumer: str, selection: outbox.Selection) -> int:
    """Deliver what the consumer follows of the selected events; how many. Its inbox skips what it has applied."""
    if load_deployment().is_embedded:
        raise SettingsError("AMQP_URI", "the in-process bus has no door for one consumer; leave --consumer out")
    followed = [
        event
        for event in followed_events(handled_events(service_class(consumer)), known_events())
        if event.service == database.service
    ]
    count = 0
    for is_bulk, queue in ((False, inbox_name(consumer)), (True, bulk_inbox_name(consumer))):
        types = {event.name for event in followed if event.bulk is is_bulk}
        if types:
            count += deliver(queue, _messages(database, selection, types))
    return count


def deliver(queue: str, messages: Iterable[OutgoingMessage]) -> int:
    """Put messages into one queue of the deployment's broker; `SettingsError` says what is wrong with its address."""
    try:
        return put_into_queue(load_deployment().amqp_uri, queue, messages)
    except QueueMissing as missing:
        raise SettingsError("AMQP_URI", f"no queue {missing} there; run `python -m commands declare`") from None
    except AccessRefused:
        problem = f"this user may not write to {REDELIVERY_EXCHANGE}; in containers `operations` may"
        raise SettingsError("AMQP_URI", problem) from None
    except (OSError, OperationalError) as error:
        raise SettingsError("AMQP_URI", f"no RabbitMQ answers there ({type(error).__name__})") from error


def _messages(database: Database, selection: outbox.Selection, types: set[str]) -> Iterator[OutgoingMessage]:
    beyond = 0
    while True:
        with database.transaction(read_only=True) as session:
            rows = outbox.kept_rows(session, selection, types, beyond=beyond, limit=_PAGE)
        for row in rows:
            yield OutgoingMessage(str(row.id), row.type, row.envelope.encode())
        if len(rows) < _PAGE:
            return
        beyond = rows[-1].position
