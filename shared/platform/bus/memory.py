"""The in-process bus: kombu's memory transport without polling, with RabbitMQ's behaviour where ours depends on it.

Added to kombu's: a reader is woken instead of polling; what is not acknowledged goes back to the queue it came from, at
its front; mandatory messages that no queue takes are returned; exclusive and auto-delete queues end with their
consumer; messages expire; a publish is confirmed when every bound queue has acknowledged it. Bodies are always bytes,
so that no service can share an object with another. Nothing survives the process.
"""

from __future__ import annotations

import time
from typing import Any, NoReturn

import eventlet
from amqp.exceptions import RecoverableConnectionError
from kombu.transport import TRANSPORT_ALIASES, memory, virtual

from .memory_channel import Channel
from .waiting import Signal

#: Deliveries after which a reader lets the other green threads run.
TURN = 50


class Transport(memory.Transport):
    """One connection to the in-process bus, with its reader's wake-up."""

    Channel = Channel
    global_state = virtual.BrokerState()
    recoverable_connection_errors = ()
    recoverable_channel_errors = ()
    driver_type = "inproc"
    driver_name = "inproc"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self.something_to_read = Signal()
        self._closed = False

    def deliver_some(self, most: int) -> int:
        """Hand over up to `most` waiting messages, the channels taking turns."""
        delivered = 0
        while delivered < most:
            before = delivered
            for channel in list(self.channels):
                if not channel.closed and channel.deliver_one():
                    delivered += 1
            if delivered == before:
                break
        return delivered

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver one message, waiting for it at most `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.deliver_some(1):
            left = None if end is None else end - time.monotonic()
            if (left is not None and left <= 0) or not self.something_to_read.wait(left):
                raise TimeoutError

    def read_forever(self) -> NoReturn:
        """Deliver messages until the connection is closed, which raises."""
        while True:
            while self.deliver_some(TURN) >= TURN:
                eventlet.sleep(0)
            if self._closed:
                raise RecoverableConnectionError("connection closed")
            self.something_to_read.wait()

    def farewell(self) -> None:
        """End `read_forever`."""
        self._closed = True
        self.something_to_read.set()

    def collect(self) -> None:
        """Close every channel at once and end the reader."""
        self.close_connection(self)
        self.farewell()

    def _collect(self, connection: Any) -> None:
        self.collect()

    def close_connection(self, connection: Any) -> None:
        """Close every channel."""
        for channel in [*self._avail_channels, *self.channels]:
            channel.close()
        self._avail_channels.clear()
        self.channels.clear()


TRANSPORT_ALIASES["inproc"] = f"{__name__}:Transport"
