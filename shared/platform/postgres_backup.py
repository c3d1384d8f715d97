"""Backs up several PostgreSQL databases as of one moment, and restores them; knows of no service's content.

The databases have no common transaction. A barrier stands in for one: in each database the tables through which
databases learn of each other are locked against writing, and while all are locked, each database's snapshot is taken.
Whatever one of them knows of another was committed there before. The locks last for milliseconds, the dumps are made
from the snapshots afterwards, and nobody waits for those.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

#: In this order, which is that of everybody who writes several of them: whoever the barrier waits for, it holds nothing
#: that they need.
BARRIER_TABLES: Final = ("inbox", "outbox_sequence", "outbox", "idempotency")
LOCK_WAIT_MS: Final = 400
BARRIER_TRIES: Final = 100
_PAUSE_SECONDS: Final = 0.2
#: The first pg_restore that sets `transaction_timeout`, whatever the server's version.
_SAYS_MORE: Final = 17
_STEADY_TEXT: Final = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
_ENVIRONMENT: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class BackupFailed(Exception):
    """A backup or a restore could not be made; the text is one line for the operator, without any content."""


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and a sum over their content that doesn't depend on their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One database as of the barrier; usable while the block of `snapshots` lasts."""

    url: str
    name: str
    connection: psycopg.Connection[Any]

    def sums(self) -> dict[str, TableSum]:
        """Every table's sum, by name."""
        return _sums(self.connection)

    def revision(self) -> str:
        """The version of the schema."""
        return _revision(self.connection)

    def dump(self, file: Path) -> None:
        """Write the database into a file for `restore`."""
        _run("pg_dump", self.url, "--format=custom", "--no-owner", "--no-privileges", "--no-comments",
             f"--snapshot={self.name}", f"--file={file}")  # fmt: skip


@contextmanager
def snapshots(urls: Mapping[str, str]) -> Iterator[dict[str, Snapshot]]:
    """Snapshots of all databases as of one barrier, by the given names; `BackupFailed` if there is no getting one."""
    with ExitStack() as open_connections:
        readers = {name: open_connections.enter_context(_connected(url)) for name, url in urls.items()}
        lockers = {name: open_connections.enter_context(_connected(url)) for name, url in urls.items()}
        for _ in range(BARRIER_TRIES):
            if _all_locked(lockers.values()):
                break
            time.sleep(_PAUSE_SECONDS)
        else:
            raise BackupFailed("the databases were never quiet enough; try again at a quieter time")
        taken = {name: Snapshot(urls[name], _exported(reader), reader) for name, reader in readers.items()}
        for locker in lockers.values():
            locker.rollback()
            locker.close()
        yield taken


def sessions(url: str) -> int:
    """How many others are connected to a database; a restore has to have it for itself."""
    with _connected(url) as connection:
        answer = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return int(_row(answer)[0])


def check_programs(url: str) -> None:
    """`BackupFailed` where pg_restore is not fit for the server: 17 and later say what no server before 17 knows."""
    with _connected(url) as connection:
        server = connection.info.server_version // 10_000
    told = subprocess.run([_found("pg_restore"), "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", told)
    client = int(number[0]) if number else 0
    if client < server or server < _SAYS_MORE <= client:
        raise BackupFailed(f"pg_restore {client} is not fit for PostgreSQL {server}: take that of the same version")


def is_empty(url: str) -> bool:
    """Whether a database has no table at all."""
    with _connected(url) as connection:
        return not _tables(connection)


def clear(url: str) -> None:
    """Remove everything that a database holds."""
    with _connected(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("ALTER SCHEMA public OWNER TO pg_database_owner")
        connection.commit()


def restore(url: str, file: Path) -> None:
    """Bring a dump into an empty database, in one transaction: all of it or nothing."""
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
         "--no-comments", f"--dbname={conninfo_to_dict(_conninfo(url))['dbname']}", str(file))  # fmt: skip


def sums(url: str) -> dict[str, TableSum]:
    """Every table's sum as it is now."""
    with _connected(url) as connection:
        return _sums(connection)


def _all_locked(connections: Any) -> bool:
    held = list(connections)
    for connection in held:
        try:
            connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_WAIT_MS)))
            for table in BARRIER_TABLES:
                connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            for each in held:
                each.rollback()
            return False
    return True


def _exported(connection: psycopg.Connection[Any]) -> str:
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return str(_row(connection.execute("SELECT pg_export_snapshot()"))[0])


def _sums(connection: psycopg.Connection[Any]) -> dict[str, TableSum]:
    connection.execute(_STEADY_TEXT)
    found = {}
    for table in _tables(connection):
        answer = connection.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(('x' || left(md5(content), 16))::bit(64)::bigint::numeric), 0)"
                " FROM (SELECT t::text AS content FROM {} AS t) AS rows"
            ).format(sql.Identifier(table))
        )
        row = _row(answer)
        found[table] = TableSum(int(row[0]), str(row[1]))
    return found


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.relname"
    )
    return [row[0] for row in rows]


def _revision(connection: psycopg.Connection[Any]) -> str:
    return str(_row(connection.execute("SELECT version_num FROM alembic_version"))[0])


def _row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    """The one row of an answer that has always one."""
    row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise BackupFailed("PostgreSQL gave no answer where it always does")
    return row


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        connection = psycopg.connect(
            _conninfo(url),
            connect_timeout=5,
            application_name="yizhu-backup",
            options="-c statement_timeout=0 -c idle_in_transaction_session_timeout=0",
        )
    except psycopg.OperationalError as error:
        raise BackupFailed(f"no PostgreSQL answers for {make_url(url).database}") from error
    with connection:
        yield connection


def _run(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; the password travels in the environment, where other users can't see it."""
    given = conninfo_to_dict(_conninfo(url))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {
        variable: str(given[key]) for key, variable in _ENVIRONMENT.items() if given.get(key)
    }
    done = subprocess.run(
        [_found(program), "--no-password", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"{program} failed for {given.get('dbname')}: {_first_error(done.stderr)}")


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(f"{program} is not installed (Debian: postgresql-client)")
    return found


def _first_error(output: bytes) -> str:
    """The first line alone: those that follow may quote rows."""
    lines: Sequence[str] = output.decode(errors="replace").strip().splitlines()
    return lines[0][:300] if lines else "no reason given"


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
