"""Where the services of a deployment keep their databases, and which news each follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from commands.migrate import migrations_folder
from commands.services import SERVICES, handled_events, known_events, service_class
from shared.platform.bus.topology import followed_events
from shared.platform.config import SettingsError, database_url_of
from shared.platform.contract import EventType
from shared.platform.engine import Database

#: The services with a database of their own.
KEEPERS = tuple(name for name in SERVICES if migrations_folder(name) is not None)


def keepers(names: list[str] | None) -> tuple[str, ...]:
    """The services with a database that a command was given; all, if none was named."""
    if not names:
        return KEEPERS
    if unknown := set(names) - set(KEEPERS):
        raise SettingsError("service", f"without a database: {', '.join(sorted(unknown))}; there are {KEEPERS}")
    return tuple(name for name in KEEPERS if name in names)


def database_url(service: str) -> str:
    """The address of a service's database, which has to be PostgreSQL."""
    url = database_url_of(service)
    if url.startswith("sqlite"):
        raise SettingsError("DATABASE_URL", "backups are of PostgreSQL; of SQLite, copy the stopped system's folder")
    return url


@contextmanager
def database(service: str) -> Iterator[Database]:
    """A service's database for the length of the block."""
    opened = Database(service, database_url(service), pool_size=1)
    try:
        yield opened
    finally:
        opened.close()


def followed(consumer: str, owner: str) -> list[EventType]:
    """The event types of `owner` that reach `consumer`."""
    handled = handled_events(service_class(consumer))
    return [event for event in followed_events(handled, known_events()) if event.service == owner]


def consumers_of(owner: str) -> tuple[str, ...]:
    """The services that follow an owner's news."""
    return tuple(name for name in KEEPERS if name != owner and followed(name, owner))
