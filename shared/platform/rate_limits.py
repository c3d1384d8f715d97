"""How often something may be tried: windows counted in the service's own database, the same for all its replicas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from nameko.extensions import DependencyProvider
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from .clock import now
from .config import settings_of
from .crypto import storage_ring
from .database_extension import DatabaseExtension
from .engine import Database
from .errors import TooManyAttempts
from .platform_tables import rate_hit
from .working_days import local_date, start_of_day

_PURPOSE: Final = "rate_limit"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` attempts in `seconds`.

    The window slides: it always reaches back from now. A `fixed` one begins anew at each multiple of its length since
    midnight in China, as in "ten messages a day".
    """

    count: int
    seconds: int
    fixed: bool = False

    def window_start(self, moment: datetime) -> datetime:
        """From when on attempts count at `moment`."""
        if not self.fixed:
            return moment - timedelta(seconds=self.seconds)
        midnight = start_of_day(local_date(moment))
        whole_windows = int((moment - midnight).total_seconds()) // self.seconds
        return midnight + timedelta(seconds=whole_windows * self.seconds)

    def free_again(self, hits: list[datetime], moment: datetime) -> datetime | None:
        """When the next attempt is allowed, given the attempts so far in ascending order; None if it is now."""
        start = self.window_start(moment)
        counted = [hit for hit in hits if (hit >= start if self.fixed else hit > start)]
        if len(counted) < self.count:
            return None
        if self.fixed:
            return start + timedelta(seconds=self.seconds)
        return counted[-self.count] + timedelta(seconds=self.seconds)


class RateLimiter:
    """Counts attempts in transactions of its own, so that an attempt counts whatever becomes of the command."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hit(self, key: str, limits: Iterable[Limit]) -> int:
        """Count one attempt under `key`, or raise `TooManyAttempts(retry_after=seconds)` without counting it.

        Gives what `give_back` takes. `key` may hold a phone number or an address: what is stored is a keyed hash. Not
        inside a unit of work.
        """
        all_limits = list(limits)
        longest = max(limit.seconds for limit in all_limits)
        hashed = self._hashed(key)
        moment = now()
        with self._database.transaction() as session:
            _lock(session, hashed)
            hits = _hits(session, hashed, moment - timedelta(seconds=longest))
            _refuse_beyond(all_limits, hits, moment)
            counted = session.scalars(
                insert(rate_hit)
                .values(key=hashed, at=moment, forget_at=moment + timedelta(seconds=longest))
                .returning(rate_hit.c.id)
            ).one()
            session.commit()
        return int(counted)

    def give_back(self, hits: Iterable[int]) -> None:
        """Undo attempts that turned out not to count: one that succeeded where only failures are limited."""
        with self._database.transaction() as session:
            session.execute(delete(rate_hit).where(rate_hit.c.id.in_(list(hits))))
            session.commit()

    def check(self, key: str, limits: Iterable[Limit]) -> None:
        """Raise as `hit` would, and count nothing."""
        all_limits = list(limits)
        moment = now()
        longest = max(limit.seconds for limit in all_limits)
        with self._database.transaction(read_only=True) as session:
            hits = _hits(session, self._hashed(key), moment - timedelta(seconds=longest))
        _refuse_beyond(all_limits, hits, moment)

    def attempts(self, key: str, seconds: int) -> int:
        """How many attempts were counted under `key` in the last `seconds`."""
        with self._database.transaction(read_only=True) as session:
            return len(_hits(session, self._hashed(key), now() - timedelta(seconds=seconds)))

    def forget(self, key: str) -> None:
        """Begin anew, for instance after a login that succeeded."""
        with self._database.transaction() as session:
            session.execute(delete(rate_hit).where(rate_hit.c.key == self._hashed(key)))
            session.commit()

    def _hashed(self, key: str) -> str:
        return storage_ring(self._database.service).index(key, purpose=_PURPOSE)


class RateLimiterProvider(DependencyProvider):
    """Gives a service its `RateLimiter`."""

    storage = DatabaseExtension()

    def get_dependency(self, worker_ctx: Any) -> RateLimiter:
        """The same for every worker; it keeps nothing in memory."""
        return RateLimiter(self.storage.database)

    def setup(self) -> None:
        """Read the service's keys at start, so that missing ones stop the service before it takes work."""
        storage_ring(settings_of(self.container).service)


def purge(session: Session) -> int:
    """Forget the attempts that no limit counts any more; how many."""
    gone = session.execute(delete(rate_hit).where(rate_hit.c.forget_at < now()))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def _lock(session: Session, hashed: str) -> None:
    """Two attempts under one key are counted one after the other; on SQLite all writers are."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": hashed})


def _hits(session: Session, hashed: str, since: datetime) -> list[datetime]:
    return list(
        session.scalars(
            select(rate_hit.c.at).where(rate_hit.c.key == hashed, rate_hit.c.at > since).order_by(rate_hit.c.at)
        )
    )


def _refuse_beyond(limits: list[Limit], hits: list[datetime], moment: datetime) -> None:
    waits = [free for limit in limits if (free := limit.free_again(hits, moment)) is not None]
    if waits:
        raise TooManyAttempts("too_many_attempts", retry_after=max(1, ceil((max(waits) - moment).total_seconds())))
