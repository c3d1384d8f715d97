"""Puts messages straight into one queue: news once more for one consumer, while the others hear nothing of it."""

from __future__ import annotations

from collections.abc import Iterable

import kombu
from amqp.exceptions import NotFound

from .codec import CONTENT_ENCODING, CONTENT_TYPE
from .connection import CONNECT_TIMEOUT, VERIFIED
from .messages import OutgoingMessage
from .topology import REDELIVERY_EXCHANGE


class QueueMissing(Exception):
    """The queue has not been declared, or not bound to the operators' exchange; the text is its name."""


def put_into_queue(uri: str, queue: str, messages: Iterable[OutgoingMessage]) -> int:
    """Send all in their order, each confirmed by the broker before the next; how many. For a command, not a service.

    The user of `uri` has to be one that may write to the operators' exchange, or the broker refuses with
    `amqp.exceptions.AccessRefused`. Raises `QueueMissing` when a message finds no queue, and an `OSError` or
    `kombu.exceptions.OperationalError` when the broker is away: then any beginning of the messages may have arrived,
    and the consumer's inbox absorbs a second one.
    """
    count = 0
    returned: list[str] = []
    with kombu.Connection(
        uri,
        ssl=VERIFIED if uri.startswith("amqps") else False,
        connect_timeout=CONNECT_TIMEOUT,
        transport_options={"confirm_publish": True},
    ) as connection:
        # The broker returns what finds no queue before it confirms it.
        producer = kombu.Producer(
            connection.channel(), on_return=lambda _error, _exchange, key, _m: returned.append(key)
        )
        for message in messages:
            try:
                producer.publish(
                    message.body,
                    exchange=REDELIVERY_EXCHANGE,
                    routing_key=queue,
                    mandatory=True,
                    content_type=CONTENT_TYPE,
                    content_encoding=CONTENT_ENCODING,
                    delivery_mode="persistent",
                    message_id=message.message_id,
                    type=message.routing_key,
                    headers=dict(message.headers),
                )
            except NotFound as error:  # a broker on which nothing was declared, or by an earlier release
                raise QueueMissing(queue) from error
            if returned:
                raise QueueMissing(queue)
            count += 1
    return count
