"""The engine of one service's database: PostgreSQL through psycopg 3, or one SQLite file with one writer at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from .errors import Unavailable
from .name_lookup import Lookup
from .psycopg_green import complete, install_if_green

#: How long a unit of work waits for a connection or for SQLite's write lock before it answers `Unavailable`.
WAIT_SECONDS: Final = 10.0

_RETURNED: Final = "yizhu_returned_at"
_IDLE_SECONDS: Final = 5.0
_UNIT: Final = "yizhu_unit"  # of a connection: whether a unit of work reads or writes over it

# The server is starting, stopping, out of room, or chose this transaction as a deadlock's victim: the same transaction
# may succeed later.
_PASSING_STATES: Final = ("08", "53", "57P", "58", "40001", "40P01", "55P03")
_PASSING_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
    }
)


class Database:
    """The database of one service in this process: engine, pool, and SQLite's one green write lock."""

    def __init__(self, service: str, url: str, *, pool_size: int = 20) -> None:
        self.service = service
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = make_engine(url, pool_size=pool_size)
        self._writing = self.engine.execution_options(**{_UNIT: "writes"})
        self._reading = self.engine.execution_options(**{_UNIT: "reads"}, postgresql_readonly=True)
        # Under eventlet this is the green lock; units of work of one process queue here and not inside SQLite, where a
        # waiting writer would hold the whole process (design D5).
        self._write_lock = threading.Lock()
        self._working: set[int] = set()
        self._on_announced: list[Callable[[], None]] = []

    def begin(self, *, read_only: bool) -> Session:
        """A session for one transaction of the calling green thread, which may have one open only."""
        worker = threading.get_ident()
        if worker in self._working:
            raise RuntimeError(f"a unit of work of {self.service} is open already")
        if self.is_sqlite and not read_only and not self._write_lock.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("database_unavailable", service=self.service)
        self._working.add(worker)
        session = Session(self._reading if read_only else self._writing, expire_on_commit=False)
        session.info["worker"] = worker
        session.info["locked"] = self.is_sqlite and not read_only
        return session

    def end(self, session: Session, *, killed: bool = False) -> None:
        """Roll back what was not committed, and give connection and lock back.

        `killed`: the green thread was ended in the middle of a statement, so the connection is in no known state and
        is thrown away. So is one over which nothing can be rolled back any more: the server has done that itself.
        """
        try:
            if killed:
                session.invalidate()
            else:
                _close(session)
        finally:
            self._working.discard(session.info["worker"])
            if session.info.pop("locked", False):
                self._write_lock.release()

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """A short transaction of the platform's own; its user commits. A database that is away is `Unavailable`."""
        session = self.begin(read_only=read_only)
        killed = False
        try:
            yield session
        except Exception as error:
            if database_away(error):
                raise Unavailable("database_unavailable", service=self.service) from error
            raise
        except BaseException:
            killed = True
            raise
        finally:
            self.end(session, killed=killed)

    def when_announced(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each commit that put news into the outbox; it must not wait."""
        self._on_announced.append(wake)

    def announced(self) -> None:
        """News was committed."""
        for wake in self._on_announced:
            wake()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _close(session: Session) -> None:
    try:
        session.close()
    except DBAPIError as error:
        if not database_away(error):
            raise
        session.invalidate()


def make_engine(url: str, *, pool_size: int = 20) -> Engine:
    """An engine on which all of the system's promises about transactions hold; see `Database`."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool_size)
    is_green = install_if_green()
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=WAIT_SECONDS,
        pool_recycle=1800,
        pool_use_lifo=True,
        hide_parameters=True,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "application_name": "yizhu",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "options": "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000",
        },
    )
    if is_green:
        lookup = Lookup()
        event.listen(engine, "do_connect", lambda dialect, record, arguments, parameters: complete(parameters, lookup))
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", _ask_if_idle)
    return engine


def _note_return(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_RETURNED] = monotonic()


def _ask_if_idle(connection: psycopg.Connection[Any], record: ConnectionPoolEntry, proxy: Any) -> None:
    """A connection that lay idle may have been lost meanwhile; asking each time would cost each transaction a trip."""
    returned = record.info.get(_RETURNED)
    if returned is None or monotonic() - returned < _IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError("lost while idle") from error


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={"check_same_thread": False, "timeout": 5.0},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    """WAL with full sync: a committed record survives a power loss, and readers never wait for the writer."""
    connection.isolation_level = None  # sqlite3 would begin by itself, deferred, and only before a write
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at its first statement: taking it later may fail and would undo the work."""
    unit = connection.get_execution_options().get(_UNIT)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if unit == 'reads' else 'OFF'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if unit == "writes" else "BEGIN")


def database_away(error: BaseException) -> bool:
    """Whether the database, not the statement, is the cause: the same work may succeed when it is back."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and database_away(error.orig))
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _PASSING_SQLITE
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None:
            return isinstance(error, psycopg.OperationalError)
        return error.sqlstate.startswith(_PASSING_STATES)
    return False


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()
