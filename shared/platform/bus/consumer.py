"""Reading a service's inbox queues: raw messages, one after another in each queue, never given back."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import eventlet

from .connection import CONNECTION_ERRORS, Link
from .messages import IncomingMessage
from .waiting import Signal

_log = logging.getLogger(__name__)

PREFETCH = 100
#: Seconds to wait before a message is handed over once more after `Verdict.PAUSE`; the last one stays.
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Verdict(Enum):
    """What the callback says of a message."""

    ACK = "ack"  # applied, parked or known already: it may leave the queue
    PAUSE = "pause"  # the database or another service is away: hand over the same message again in a while
    UNREADABLE = "unreadable"  # not even an event: to the dead-letter exchange


class QueueConsumer:
    """Hands the messages of each queue to `handle`, one after another, and acknowledges as it says.

    The queues do not wait for each other, so a mass publication in the second never holds up the first. A message
    stays unacknowledged until its verdict; if the process or the connection ends before, the broker delivers it again,
    to whoever is next, in its old place. `handle` runs in a greenlet of its own and may wait. An exception from it is
    a fault of this program: logged, and treated as PAUSE, so that no event is lost by it.
    """

    def __init__(
        self,
        uri: str,
        queues: Sequence[str],
        handle: Callable[[IncomingMessage], Verdict],
        *,
        name: str = "inbox",
        prefetch: int = PREFETCH,
    ) -> None:
        self._handle = handle
        self._prefetch = prefetch
        self._flows = [_Flow(self, queue) for queue in queues]
        self._link = Link(uri, name, on_open=self._open, on_lost=self._lost)
        self._stopping = False
        self._workers: list[Any] = []

    def run(self) -> None:
        """Read until `stop`; for a managed thread of the container."""
        self._workers = [eventlet.spawn(flow.run) for flow in self._flows]
        try:
            self._link.run()
        finally:
            for worker in self._workers:
                worker.kill()

    def wait_until_reading(self, timeout: float) -> bool:
        """Whether the queues are being read, within `timeout` seconds."""
        return self._link.wait_open(timeout) is not None

    def at_hand(self) -> dict[str, int]:
        """How many messages of each queue were delivered here and not yet dealt with."""
        return {flow.queue: flow.at_hand for flow in self._flows}

    def stop(self, grace: float = 10.0) -> None:
        """Finish the message at hand in each queue, leave the others to the next reader, close the connection."""
        self._stopping = True
        for flow in self._flows:
            flow.arrived.set()
        with eventlet.Timeout(grace, False):
            for worker in self._workers:
                worker.wait()
        self._link.stop()

    def _open(self, channel: Any) -> None:
        channel.limit(self._prefetch)
        for flow in self._flows:
            channel.listen(flow.queue, flow.receive)

    def _lost(self) -> None:
        for flow in self._flows:
            flow.forget()


class _Flow:
    """One queue's deliveries, handled in order."""

    def __init__(self, consumer: QueueConsumer, queue: str) -> None:
        self.queue = queue
        self.arrived = Signal()
        self._consumer = consumer
        self._waiting: deque[Any] = deque()
        self._busy = False

    @property
    def at_hand(self) -> int:
        """Deliveries that wait, and the one that is being dealt with."""
        return len(self._waiting) + self._busy

    def receive(self, delivery: Any) -> None:
        """A delivery came; it waits for its turn."""
        self._waiting.append(delivery)
        self.arrived.set()

    def forget(self) -> None:
        """The connection is lost: the broker delivers these again."""
        self._waiting.clear()
        self.arrived.set()

    def run(self) -> None:
        """Handle one delivery after another until the consumer stops."""
        while not self._consumer._stopping:
            if not self._waiting:
                self.arrived.wait()
                continue
            self._busy = True
            try:
                self._deal_with(self._waiting.popleft())
            finally:
                self._busy = False

    def _deal_with(self, delivery: Any) -> None:
        message = self._message(delivery)
        pauses = 0
        while True:
            verdict = self._verdict(message)
            if verdict is not Verdict.PAUSE:
                _settle(delivery, verdict)
                return
            self._sleep(PAUSES[min(pauses, len(PAUSES) - 1)])
            pauses += 1
            if self._consumer._stopping or delivery.channel is not self._consumer._link.channel:
                return

    def _verdict(self, message: IncomingMessage) -> Verdict:
        try:
            return self._consumer._handle(message)
        except Exception:  # noqa: BLE001 - whatever it is, the event must not be lost by it
            _log.exception("event_not_handled", extra={"queue": self.queue, "message_id": message.message_id})
            return Verdict.PAUSE

    def _sleep(self, seconds: float) -> None:
        # Deliveries that arrive meanwhile shorten no pause; stopping does.
        with eventlet.Timeout(seconds, False):
            while not self._consumer._stopping:
                self.arrived.wait()

    def _message(self, delivery: Any) -> IncomingMessage:
        properties, info = delivery.properties, delivery.delivery_info
        return IncomingMessage(
            body=delivery.body,
            headers=properties.get("application_headers") or {},
            message_id=properties.get("message_id"),
            routing_key=info["routing_key"],
            exchange=info["exchange"],
            queue=self.queue,
            redelivered=bool(info["redelivered"]),
        )


def _settle(delivery: Any, verdict: Verdict) -> None:
    tag = delivery.delivery_info["delivery_tag"]
    try:
        if verdict is Verdict.ACK:
            delivery.channel.basic_ack(tag)
        else:
            delivery.channel.basic_reject(tag, requeue=False)
    except CONNECTION_ERRORS:
        # The broker delivers it again, and the inbox knows it by its id.
        _log.debug("event_acknowledgement_lost")
