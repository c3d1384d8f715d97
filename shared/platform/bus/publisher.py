"""Publishing events in batches: all of a batch is under way at once, and each message is confirmed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import eventlet

from .codec import CONTENT_ENCODING, CONTENT_TYPE
from .connection import CONNECTION_ERRORS, Link
from .errors import PublishFailed
from .guard import require_waiting_allowed
from .messages import OutgoingMessage
from .topology import events_exchange_name
from .waiting import Signal

PERSISTENT = 2


class BatchPublisher:
    """Publishes a service's events, persistent and confirmed; the relay of its outbox is the only user.

    On RabbitMQ a message is confirmed when the broker has it safe. On the in-process bus, where nothing survives, it is
    confirmed when every bound queue has acknowledged it. It connects when first used and again after a loss.
    """

    def __init__(self, uri: str, service: str) -> None:
        self._service = service
        self._exchange = events_exchange_name(service)
        self._link = Link(uri, f"{service} announces", on_open=self._open, on_lost=self._lost)
        self._reader: Any = None
        self._under_way: dict[int, str] = {}  # number on the channel -> message id, in the order of publishing
        self._numbers: dict[str, int] = {}  # the reverse
        self._given_up: set[str] = set()  # waited for in vain by an earlier batch, and still under way
        self._confirmed_since: set[str] = set()  # given up, and confirmed before they were published again
        self._number = 0
        self._losses = 0
        self._refused: set[str] = set()
        self._progress = Signal()

    def publish(self, messages: Sequence[OutgoingMessage], timeout: float = 30.0) -> set[str]:
        """Publish all in their order, wait for the confirms, and return the ids of those that are confirmed.

        An id is missing when nobody confirmed it within `timeout` seconds (in process: a consumer has not come to it
        yet) or when the broker refused it. Publish it again: a message that is still under way is then only waited
        for, and one that was confirmed meanwhile is not sent twice. Raises `PublishFailed` when the broker is away or
        the connection is lost: then any of them may have arrived, and the inbox absorbs the second one. One batch at a
        time.
        """
        require_waiting_allowed("publishing")
        end = time.monotonic() + timeout
        if self._reader is None:
            self._reader = eventlet.spawn(self._link.run)
        channel = self._link.wait_open(timeout)
        if channel is None:
            raise PublishFailed(f"{self._exchange}: no connection")
        losses = self._losses
        refused = self._refused = set()
        ids = {message.message_id for message in messages}
        known = self._numbers.keys() | (self._confirmed_since & ids)
        self._confirmed_since -= ids
        self._given_up -= ids
        try:
            for message in messages:
                if message.message_id not in known:
                    self._send(channel, message)
        except CONNECTION_ERRORS as error:
            raise PublishFailed(f"{self._exchange}: connection lost") from error
        while self._losses == losses and not self._numbers.keys().isdisjoint(ids):
            if not self._progress.wait(end - time.monotonic()) and time.monotonic() >= end:
                break
        if self._losses != losses:
            raise PublishFailed(f"{self._exchange}: connection lost")
        missing = ids & self._numbers.keys()
        self._given_up |= missing
        return ids - missing - refused

    def close(self) -> None:
        """Close the connection."""
        self._link.stop()
        self._lost()

    def _send(self, channel: Any, message: OutgoingMessage) -> None:
        # Noted before it is sent: without a bound queue, the in-process bus confirms at once.
        self._number += 1
        self._under_way[self._number] = message.message_id
        self._numbers[message.message_id] = self._number
        channel.send(
            self._exchange,
            message.routing_key,
            message.body,
            {
                "content_type": CONTENT_TYPE,
                "content_encoding": CONTENT_ENCODING,
                "application_headers": dict(message.headers),
                "delivery_mode": PERSISTENT,
                "message_id": message.message_id,
                "type": message.routing_key,
            },
        )

    def _open(self, channel: Any) -> None:
        self._number = 0
        channel.confirm(self._on_confirm)

    def _on_confirm(self, number: int, multiple: bool, taken: bool) -> None:
        # Numbers were added in ascending order, so those up to this one are the first.
        numbers = [known for known in self._under_way if known <= number] if multiple else [number]
        for known in numbers:
            message_id = self._under_way.pop(known, None)
            if message_id is not None:
                del self._numbers[message_id]
                if not taken:
                    self._refused.add(message_id)
                elif message_id in self._given_up:
                    self._confirmed_since.add(message_id)
                self._given_up.discard(message_id)
        self._progress.set()

    def _lost(self) -> None:
        self._losses += 1
        self._under_way.clear()
        self._given_up.clear()
        self._numbers.clear()
        self._progress.set()
