"""Alembic for all services: one environment, one place for the addresses, one way to make the platform's tables.

A service's `migrations/env.py` is two lines:

    from services.review.models import Base
    run_env(Base.metadata)

and its first version calls `create_platform_tables(op)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic import command, context
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import URL, Engine, MetaData, make_url, text

from .engine import make_engine
from .platform_tables import PLATFORM

#: The platform's tables of its first release. A later release adds its own list and its own function, so that a
#: version once written goes on making what it made.
FIRST_TABLES: Final = (
    "outbox",
    "outbox_sequence",
    "inbox",
    "inbox_cursor",
    "idempotency",
    "failed_item",
    "rate_hit",
)
#: Aggregates closed after a restore came with the backups.
CLOSURE_TABLES: Final = ("closed_aggregate",)
_MIGRATION_LOCK: Final = 4_712


def run_env(metadata: MetaData) -> None:
    """Run Alembic's command at hand for one service; called by its `migrations/env.py` and by nothing else."""
    address = context.config.attributes.get("url") or context.config.get_main_option("sqlalchemy.url")
    if not address:
        raise RuntimeError("no database named: run `python -m commands migrate`")
    engine = make_engine(address, pool_size=1)
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                compare_type=True,
                render_as_batch=connection.dialect.name == "sqlite",
            )
            with context.begin_transaction():
                if connection.dialect.name == "postgresql":
                    # Two deployments that migrate at once: the second waits, and finds nothing left to do.
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                context.run_migrations()
    finally:
        engine.dispose()


def create_platform_tables(op: Operations | Any) -> None:
    """Make the tables that the platform keeps in each service's database; part of each service's first version."""
    PLATFORM.create_all(op.get_bind(), tables=[PLATFORM.tables[name] for name in FIRST_TABLES])


def drop_platform_tables(op: Operations | Any) -> None:
    """Undo `create_platform_tables`."""
    PLATFORM.drop_all(op.get_bind(), tables=[PLATFORM.tables[name] for name in FIRST_TABLES])


def create_closure_tables(op: Operations | Any) -> None:
    """Make the table of aggregates that are closed to change after a restore."""
    PLATFORM.create_all(op.get_bind(), tables=[PLATFORM.tables[name] for name in CLOSURE_TABLES])


def drop_closure_tables(op: Operations | Any) -> None:
    """Undo `create_closure_tables`."""
    PLATFORM.drop_all(op.get_bind(), tables=[PLATFORM.tables[name] for name in CLOSURE_TABLES])


def upgrade(folder: Path, url: str, revision: str = "head") -> None:
    """Bring a service's database up to `revision`; `folder` is its `migrations/`. The database has to exist.

    A version that this release doesn't know was made by a later one and stays: a province that goes back to the release
    before works on the schema as it is (see `SchemaAtHead`).
    """
    found = current(url)
    if found is not None and found not in versions(folder):
        return
    command.upgrade(_config(folder, url), revision)


def heads(folder: Path) -> list[str]:
    """The newest versions in a service's `migrations/`; a good folder has one."""
    return list(ScriptDirectory.from_config(_config(folder, "")).get_heads())


def versions(folder: Path) -> list[str]:
    """All versions in a service's `migrations/`, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config(folder, "")).walk_revisions()]


def current(url: str) -> str | None:
    """The version that a database is at."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def create_database_if_missing(url: str) -> bool:
    """Make the PostgreSQL database, or the folder of the SQLite file; True if it was missing."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        file = Path(address.database or "")
        file.parent.mkdir(parents=True, exist_ok=True)
        return not file.exists()
    try:
        psycopg.connect(_conninfo(url), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return _create_unless_there(address, error)
    return False


def _create_unless_there(address: URL, refusal: psycopg.OperationalError) -> bool:
    """Tell a missing database from all else that refuses a connection by asking the server for it."""
    server = address.set(database="postgres").render_as_string(hide_password=False)
    name = address.database or ""
    with psycopg.connect(_conninfo(server), autocommit=True, connect_timeout=5) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            raise refusal
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.DuplicateDatabase:
            return False
    return True


def differences(metadata: MetaData, engine: Engine, ignore: Iterable[str] = ()) -> list[Any]:
    """What the models say and the migrated database lacks, or the other way round; empty in a good service."""
    from alembic.autogenerate import compare_metadata

    hidden = set(ignore)

    def included(thing: Any, name: str | None, kind: str, *_: Any) -> bool:
        return not (kind == "table" and name in hidden)

    with engine.connect() as connection:
        options = {"include_object": included, "compare_type": False}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _config(folder: Path, url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


__all__ = [
    "create_closure_tables",
    "create_database_if_missing",
    "create_platform_tables",
    "current",
    "differences",
    "drop_closure_tables",
    "drop_platform_tables",
    "heads",
    "run_env",
    "upgrade",
    "versions",
]
