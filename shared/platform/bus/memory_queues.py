"""What the in-process bus keeps: messages in queues, who reads them, and when a publish counts as dealt with."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any


class Settlement:
    """Counts the queues that still hold a message; the last one to let it go confirms it."""

    __slots__ = ("_done", "left")

    def __init__(self, queues: int, done: Callable[[], None]) -> None:
        self.left = queues
        self._done = done

    def one(self) -> None:
        """A queue has acknowledged, dropped or expired its copy."""
        self.left -= 1
        if self.left == 0:
            self._done()


class Parcel:
    """A message in one queue: the body and properties, which queues share, and what is this queue's own."""

    __slots__ = ("body", "exchange", "expires", "properties", "queue", "redelivered", "routing_key", "settlement")

    def __init__(
        self, body: bytes, properties: dict[str, Any], exchange: str, routing_key: str, settlement: Settlement | None
    ) -> None:
        self.body = body
        self.properties = properties
        self.exchange = exchange
        self.routing_key = routing_key
        self.settlement = settlement
        self.redelivered = False
        self.queue = ""
        expiration = properties.get("expiration")
        self.expires = None if expiration is None else time.monotonic() + float(expiration) / 1000

    def into(self, queue: str) -> Parcel:
        """A copy for one queue."""
        copy = Parcel.__new__(Parcel)
        copy.body, copy.properties, copy.settlement = self.body, self.properties, self.settlement
        copy.exchange, copy.routing_key, copy.expires = self.exchange, self.routing_key, self.expires
        copy.redelivered, copy.queue = False, queue
        return copy

    def settle(self) -> None:
        """This queue is done with it."""
        if self.settlement is not None:
            self.settlement.one()


class Delivery:
    """What a listener gets, with the attributes of py-amqp's message that the bus reads."""

    __slots__ = ("body", "channel", "delivery_info", "properties")

    def __init__(self, parcel: Parcel, tag: int, channel: Any) -> None:
        self.body = parcel.body
        self.properties = parcel.properties
        self.channel = channel
        self.delivery_info = {
            "delivery_tag": tag,
            "exchange": parcel.exchange,
            "routing_key": parcel.routing_key,
            "redelivered": parcel.redelivered,
        }


class Listener:
    """One consumer of one queue, and how many deliveries it holds."""

    __slots__ = ("callback", "held", "no_ack", "plain", "queue")

    def __init__(self, queue: str, callback: Callable[[Any], None], *, no_ack: bool, plain: bool) -> None:
        self.queue = queue
        self.callback = callback
        self.no_ack = no_ack
        self.plain = plain  # a `Delivery`, not kombu's message
        self.held = 0


class MemoryQueue(deque[Parcel]):
    """One queue: its parcels, the readers to wake, and what becomes of it when they leave."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[Any] = []
        self.ends_with_consumer = False
        self.dead_letter_exchange = ""

    def wake(self) -> None:
        """There is something to read."""
        for reader in self.readers:
            reader.something_to_read.set()
