"""A PostgreSQL for tests: the one at `DATABASE_URL`, or a private one on a free port that can be stopped and killed."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

BINARIES = (Path("/usr/lib/postgresql/15/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
START_SECONDS = 30.0


class PostgresMissing(RuntimeError):
    """No server is named and none is installed."""


class Postgres:
    """One server. `with Postgres() as server: url = server.create_database("review")`."""

    def __init__(self, *, private: bool = False) -> None:
        self._given = "" if private else os.environ.get("DATABASE_URL", "")
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._port = 0
        self._created: list[str] = []

    @property
    def is_private(self) -> bool:
        """Whether the server is ours to stop."""
        return not self._given.startswith("postgresql")

    @property
    def server_url(self) -> str:
        """The server's address without a database, fit for `DATABASE_URL`."""
        if not self.is_private:
            parts = urlsplit(self._given)
            return parts._replace(path="", query="").geturl()
        return f"postgresql://yizhu@127.0.0.1:{self._port}"

    def url(self, database: str) -> str:
        """The address of one database, for SQLAlchemy."""
        return f"{self.server_url}/{database}".replace("postgresql://", "postgresql+psycopg://", 1)

    def create_database(self, name: str = "") -> str:
        """Make an empty database, of a name of its own unless one is given, and give its address for SQLAlchemy."""
        name = name or f"test_{secrets.token_hex(6)}"
        with self._maintenance() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        self._created.append(name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database with whoever is still connected to it."""
        with self._maintenance() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def __enter__(self) -> Self:
        if self.is_private:
            self._initialise()
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_private:
            self.kill()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
        else:
            for name in self._created:
                self.drop_database(name)

    def ask_for_passwords(self) -> None:
        """Let every role but the server's own user prove who it is, as servers in containers do."""
        if self._folder is None or self._process is None:
            raise RuntimeError("the server at DATABASE_URL is not ours to set")
        rules = "host all yizhu 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self._folder / "data" / "pg_hba.conf").write_text(rules)
        with self._maintenance() as connection:
            connection.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        """Start the private server and wait until it answers."""
        if self._folder is None:
            raise RuntimeError("the server at DATABASE_URL is not ours to start")
        self._process = subprocess.Popen(
            [_binary("postgres"), "-D", str(self._folder / "data")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "log").open("ab"),
            cwd=self._folder,
            user=_server_user(),
            group=_server_user(),
        )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._maintenance().close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self._folder / "log").read_text(errors="replace")[-2000:]) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Stop the private server in good order, ending its connections."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the private server at once, as a power cut would."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _initialise(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="yizhu-postgres-"))
        if user := _server_user():
            shutil.chown(self._folder, user, user)
        data = self._folder / "data"
        subprocess.run(
            [_binary("initdb"), "-D", data, "-U", "yizhu", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            user=_server_user(),
            group=_server_user(),
        )
        self._port = _free_port()
        with (data / "postgresql.conf").open("a") as settings:
            # Tests kill the server, never the machine: what it wrote survives that without reaching the disk.
            settings.write(
                f"listen_addresses = '127.0.0.1'\nport = {self._port}\nunix_socket_directories = ''\n"
                "fsync = off\nfull_page_writes = off\n"
                "shared_buffers = 64MB\nmax_connections = 200\n"
            )

    def _maintenance(self) -> psycopg.Connection[Any]:
        return psycopg.connect(f"{self.server_url}/postgres", autocommit=True, connect_timeout=5)


@contextmanager
def postgres(*, private: bool = False) -> Iterator[Postgres]:
    """A server for the length of the block; `private` even where DATABASE_URL names one, for tests that stop it."""
    with Postgres(private=private) as server:
        yield server


def is_available() -> bool:
    """Whether `Postgres()` can be used here."""
    if os.environ.get("DATABASE_URL", "").startswith("postgresql"):
        return True
    return any((folder / "postgres").exists() for folder in BINARIES)


def _binary(name: str) -> str:
    for folder in BINARIES:
        if (folder / name).exists():
            return str(folder / name)
    raise PostgresMissing("no PostgreSQL: set DATABASE_URL or install postgresql-15")


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; its own user, and the group of the same name, comes with the package."""
    return "postgres" if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
