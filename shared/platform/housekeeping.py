"""What every service forgets in time: stored answers, counted attempts, and news and inbox rows past their term."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import eventlet
from nameko.extensions import SharedExtension
from sqlalchemy.orm import Session

from . import idempotency, inbox_store, outbox, rate_limits
from .config import settings_of
from .database_extension import DatabaseExtension
from .errors import Unavailable
from .logging import get_logger

FIRST_AFTER_SECONDS: Final = 60.0
EVERY_SECONDS: Final = 3600.0

_log = get_logger(__name__)


class Housekeeping(SharedExtension):
    """Runs on each replica; started with the unit of work provider."""

    storage = DatabaseExtension()

    def start(self) -> None:
        """The first round comes a minute after the start, then one an hour."""
        keep_days = settings_of(self.container).outbox_keep_days
        self._rounds: dict[str, Callable[[Session], int]] = {
            "idempotency": idempotency.purge,
            "rate_hit": rate_limits.purge,
            "outbox": lambda session: outbox.purge(session, keep_days),
            "inbox": lambda session: inbox_store.purge(session, keep_days),
        }
        self._thread: Any = self.container.spawn_managed_thread(self._run, identifier="housekeeping")

    def stop(self) -> None:
        """Stop waiting for the next round."""
        self._thread.kill()

    def _run(self) -> None:
        eventlet.sleep(FIRST_AFTER_SECONDS)
        while True:
            self.tidy()
            eventlet.sleep(EVERY_SECONDS)

    def tidy(self) -> None:
        """One round; what can't be done now is done in the next."""
        for table, purge in self._rounds.items():
            try:
                with self.storage.database.transaction() as session:
                    gone = purge(session)
                    session.commit()
            except Unavailable as error:
                _log.info("housekeeping_waits", table=table, reason=error.code)
                continue
            if gone:
                _log.info("rows_forgotten", table=table, rows=gone)
