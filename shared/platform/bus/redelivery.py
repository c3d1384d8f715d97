"""Puts messages straight into one queue: news once more for one consumer, while the others hear nothing of it."""

from __future__ import annotations

from collections.abc import Iterable

import kombu
from amqp.exceptions import NotFound

from .codec import CONTENT_ENCODING, CONTENT_TYPE
from .connection import CONNECT_TIMEOUT, VERIFIED
from .messages import OutgoingMessage


class QueueMissing(Exception):
    """The queue has not been declared; the text is its name."""


def put_into_queue(uri: str, queue: str, messages: Iterable[OutgoingMessage]) -> int:
    """Send all in their order, each confirmed by the broker before the next; how many. For a command, not a service.

    Raises `QueueMissing`, and an `OSError` or `kombu.exceptions.OperationalError` when the broker is away: then any
    beginning of the messages may have arrived, and the consumer's inbox absorbs a second one.
    """
    count = 0
    with kombu.Connection(
        uri,
        ssl=VERIFIED if uri.startswith("amqps") else False,
        connect_timeout=CONNECT_TIMEOUT,
        transport_options={"confirm_publish": True},
    ) as connection:
        channel = connection.channel()
        try:
            kombu.Queue(queue)(channel).queue_declare(passive=True)
        except NotFound as error:
            raise QueueMissing(queue) from error
        producer = kombu.Producer(channel)
        for message in messages:
            producer.publish(
                message.body,
                exchange="",
                routing_key=queue,
                content_type=CONTENT_TYPE,
                content_encoding=CONTENT_ENCODING,
                delivery_mode="persistent",
                message_id=message.message_id,
                type=message.routing_key,
                headers=dict(message.headers),
            )
            count += 1
    return count
