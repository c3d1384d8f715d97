"""What a service's database says about being ready: it answers, its schema is there, its news leaves in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text

from . import outbox
from .engine import Database


def database_answers(database: Database) -> bool:
    """Whether the database takes a statement now."""
    with database.engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar() == 1


@dataclass(frozen=True)
class SchemaAtHead:
    """Whether the database is at the newest version that this release knows.

    A version that this release doesn't know was made by a later one, which has to leave the schema fit for the release
    before it: during a rolling upgrade the old processes stay ready.
    """

    database: Database
    known: Sequence[str]  # the versions of this release, the newest first

    def __call__(self) -> bool:
        """A database without any version is never ready."""
        with self.database.engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return version is not None and (version == self.known[0] or version not in self.known)


@dataclass
class OutboxMoves:
    """Whether the oldest row that waits for the broker has been the same for less than `limit` seconds.

    It is the wait since it was first seen here, not the event's age: the clock of a trial is moved by months, and rows
    that are published again are old from the start.
    """

    database: Database
    limit: float
    seconds: Callable[[], float] = time.monotonic
    _oldest: int | None = field(default=None, init=False)
    _since: float = field(default=0.0, init=False)

    def __call__(self) -> bool:
        """True while news leaves, or there is none."""
        return self.lag() < self.limit

    def lag(self) -> float:
        """For how many seconds the oldest waiting row has stood still, as far as it was looked at; 0 without one."""
        with self.database.engine.connect() as connection:
            waiting = outbox.unpublished(connection, 1)
        oldest = waiting[0].position if waiting else None
        if oldest is None or oldest != self._oldest:
            self._oldest, self._since = oldest, self.seconds()
        return 0.0 if oldest is None else self.seconds() - self._since
