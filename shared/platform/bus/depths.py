"""How many messages wait in a service's own queues, asked of the broker with no right but to those queues."""

from __future__ import annotations

import time
from collections.abc import Sequence

import eventlet

from .connection import CONNECTION_ERRORS, open_connection

#: How long an answer is good: however often somebody scrapes, the broker is asked no more often.
GOOD_SECONDS = 10.0
#: How long a scrape waits for the broker.
ASK_SECONDS = 2.0


class QueueDepths:
    """Asks by a passive declaration, over a connection that it opens and closes: the readers' own must not wait."""

    def __init__(self, uri: str, queues: Sequence[str]) -> None:
        self._uri = uri
        self._queues = queues
        self._known: dict[str, int] = {}
        self._good_until = 0.0

    def read(self) -> dict[str, int]:
        """Messages that wait in each queue, by its name; empty if the broker doesn't say in time."""
        if time.monotonic() < self._good_until:
            return self._known
        # Set before the question, so that a second scrape meanwhile doesn't ask too.
        self._good_until = time.monotonic() + GOOD_SECONDS
        found: dict[str, int] = {}
        with eventlet.Timeout(ASK_SECONDS, False):
            try:
                found = self._ask()
            except CONNECTION_ERRORS:
                found = {}
        self._known = found
        return found

    def _ask(self) -> dict[str, int]:
        connection = open_connection(self._uri)
        try:
            channel = connection.channel()
            return {queue: int(channel.queue_declare(queue, passive=True).message_count) for queue in self._queues}
        finally:
            connection.release()
