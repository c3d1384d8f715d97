"""The one `Database` of a service in this process, for every extension that needs it."""

from __future__ import annotations

from nameko.extensions import SharedExtension

from .config import settings_of
from .engine import Database


class DatabaseExtension(SharedExtension):
    """Makes the `Database` from `settings.database_url`, once a container, when first asked for."""

    def __init__(self) -> None:
        self._database: Database | None = None

    @property
    def database(self) -> Database:
        """Shared by workers, relay, inbox and timers of the service."""
        if self._database is None:
            settings = settings_of(self.container)
            # 60 workers share 10 connections and at most 20: most of a worker's time is spent outside transactions.
            pool = min(20, max(5, settings.rpc_workers // 6))
            self._database = Database(settings.service, settings.database_url, pool_size=pool)
        return self._database

    def setup(self) -> None:
        """Make it at start, so that an address that can't be read stops the service before it takes work."""
        self._database = self.database

    def stop(self) -> None:
        """Close its connections."""
        self.database.close()
