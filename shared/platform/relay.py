"""The relay: takes news out of the outbox and hands it to the broker, in order, whatever happens to either.

A batch is read in a short transaction, published and confirmed outside any, and marked in a second one. A crash in
between publishes rows twice, never not at all; the inboxes absorb the second one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import eventlet
from nameko.extensions import SharedExtension
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from . import outbox
from .bus.connection import is_in_process
from .bus.errors import PublishFailed
from .bus.messages import OutgoingMessage
from .bus.publisher import BatchPublisher
from .bus.waiting import Signal
from .config import settings_of
from .database_extension import DatabaseExtension
from .engine import Database, database_away
from .errors import Unavailable
from .logging import get_logger

BATCH: Final = 500
#: How often the relay looks by itself: for rows of other replicas, of a command, or left by one that was killed.
POLL_SECONDS: Final = 0.25
#: How often a replica without the turn asks for it.
ASK_SECONDS: Final = 1.0
#: Seconds between attempts while broker or database is away; the last one stays.
RETRY_AFTER: Final = (0.2, 0.5, 1.0, 2.0, 3.0)
CONFIRM_SECONDS: Final = 30.0
#: In process a confirm says that each consumer is through with the message; what takes longer is asked for again.
CONFIRM_SECONDS_IN_PROCESS: Final = 1.0
# The lock that says which process relays; advisory locks are counted within one database, so all services share it.
_LOCK_KEY: Final = 4_711

_log = get_logger(__name__)


class Turn:
    """The right to relay a database's outbox: one process has it at a time, so that the order is kept.

    On PostgreSQL it is a session's advisory lock on a connection of its own, over which the outbox is read and marked
    too: if the process dies, the server frees the lock, and who has lost the session can't go on without noticing. An
    SQLite file belongs to one process.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._ask_again_at = 0.0

    def is_mine(self) -> bool:
        """Whether this process may relay now; asks for the right if it hasn't got it."""
        if self._database.is_sqlite or self._connection is not None:
            return True
        if time.monotonic() < self._ask_again_at:
            return False
        self._ask_again_at = time.monotonic() + ASK_SECONDS
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}):
            self._connection = connection
            return True
        connection.close()
        return False

    @contextmanager
    def statement(self, *, read_only: bool = False) -> Iterator[Connection]:
        """For one statement, which is a transaction of its own."""
        if self._connection is not None:
            yield self._connection
            self._connection.commit()
            return
        with self._database.transaction(read_only=read_only) as session:
            yield session.connection()
            session.commit()

    def give_up(self) -> None:
        """Close the connection, and free the lock with it."""
        connection, self._connection = self._connection, None
        self._ask_again_at = 0.0
        if connection is not None:
            # Not back into the pool: the next user of the session would hold the lock without knowing.
            connection.invalidate()
            connection.close()


class Relay(SharedExtension):
    """Publishes a service's outbox; started with its unit of work provider."""

    storage = DatabaseExtension()

    def __init__(self) -> None:
        self._wake = Signal()
        self._stopping = False
        self._thread: Any = None

    def start(self) -> None:
        """Wake on each commit with news, and look at the rows that an earlier process left."""
        database, settings = self.storage.database, settings_of(self.container)
        seconds = CONFIRM_SECONDS_IN_PROCESS if is_in_process(settings.amqp_uri) else CONFIRM_SECONDS
        self._turn = Turn(database)
        self._batches = OutboxBatches(self._turn, BatchPublisher(settings.amqp_uri, settings.service), seconds)
        database.when_announced(self._wake.set)
        self._thread = self.container.spawn_managed_thread(self._run, identifier="relay")

    def stop(self) -> None:
        """Finish the batch under way; what is left stays in the outbox for the next process."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            with eventlet.Timeout(5, False):
                self._thread.wait()
            self._thread.kill()

    def _run(self) -> None:
        failures = 0
        try:
            while not self._stopping:
                try:
                    emptied = not self._turn.is_mine() or self._batches.relay_next()
                    failures = 0
                except (PublishFailed, Unavailable, SQLAlchemyError) as error:
                    if isinstance(error, SQLAlchemyError) and not database_away(error):
                        raise
                    self._turn.give_up()
                    self._batches.from_the_start()
                    _log.warning("relay_waits", reason=type(error).__name__, attempt=failures + 1)
                    eventlet.sleep(RETRY_AFTER[min(failures, len(RETRY_AFTER) - 1)])
                    failures += 1
                    continue
                if emptied:
                    self._wake.wait(POLL_SECONDS)
        finally:
            self._turn.give_up()
            self._batches.close()


class Publisher(Protocol):
    """What the relay needs of `BatchPublisher`."""

    def publish(self, messages: Sequence[OutgoingMessage], timeout: float) -> set[str]:
        """Publish all in order; the ids that were confirmed in time."""

    def close(self) -> None:
        """Close the connection."""


class OutboxBatches:
    """One batch after another out of an outbox."""

    def __init__(self, turn: Turn, publisher: Publisher, confirm_seconds: float = CONFIRM_SECONDS) -> None:
        """`turn` has to be this process's at each batch."""
        self._turn = turn
        self._publisher = publisher
        self._confirm_seconds = confirm_seconds
        self._beyond = 0

    def relay_next(self) -> bool:
        """Publish the next batch and mark what was confirmed; whether the end of the outbox was reached."""
        rows = self._read()
        messages = [OutgoingMessage(str(row.id), row.type, row.envelope.encode()) for row in rows]
        confirmed = self._publisher.publish(messages, self._confirm_seconds) if messages else set()
        self._mark([row.position for row in rows if str(row.id) in confirmed])
        # A row that a slow consumer has not come to yet never holds up the news for others: go on behind it, and come
        # back to it from the start.
        at_the_end = len(rows) < BATCH
        self._beyond = 0 if at_the_end else rows[-1].position
        return at_the_end

    def from_the_start(self) -> None:
        """Begin again with the oldest row."""
        self._beyond = 0

    def close(self) -> None:
        """Close the connection to the broker."""
        self._publisher.close()

    def _read(self) -> list[outbox.Unpublished]:
        with self._turn.statement(read_only=True) as connection:
            return outbox.unpublished(connection, BATCH, self._beyond)

    def _mark(self, positions: list[int]) -> None:
        if positions:
            with self._turn.statement() as connection:
                outbox.mark_published(connection, positions)
