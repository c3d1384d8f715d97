"""The running system as child processes: started, made ready, killed, restarted, listened to; nothing stays behind.

with System.embedded() as system:                            # every service in one process
    httpx.get(f"{system.url}/api/v1/…")
with System.distributed(amqp_uri, database_url) as system:   # one process a service
    system.kill("review")                                    # -9
    system.start("review")
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import kombu
import psycopg
from psycopg import sql

from commands.services import SERVICES
from shared.platform.clock import OffsetClock
from shared.platform.config import database_url_for
from shared.platform.identity import Actor, IdentitySigner
from tests.support.service_process import ROOT, ServiceProcess
from tests.support.waiting import NotReady, accepts, eventually, free_port, get_status, wait_until

__all__ = [
    "ALL",
    "ROOT",
    "NotReady",
    "ServiceProcess",
    "System",
    "eventually",
    "free_port",
    "get_status",
    "wait_until",
]

READY_WITHIN = 60.0
ALL = "all"


@dataclass
class System:
    """A whole deployment in a folder of its own, on free ports of 127.0.0.1."""

    folder: Path
    environment: dict[str, str]
    services: tuple[str, ...] = SERVICES
    is_embedded: bool = True
    keeps_folder: bool = False
    own_settings: dict[str, dict[str, str]] = field(default_factory=dict)  # of one service's process alone
    processes: dict[str, ServiceProcess] = field(default_factory=dict)

    @classmethod
    def embedded(cls, folder: Path | None = None, *, services: Iterable[str] = SERVICES, **settings: str) -> System:
        """Every service in one process, on the in-process bus and SQLite."""
        return cls._made(folder, tuple(services), {"AMQP_URI": "inproc://"} | settings)

    @classmethod
    def distributed(
        cls,
        amqp_uri: str,
        database_url: str | None = None,
        folder: Path | None = None,
        *,
        services: Iterable[str] = SERVICES,
        **settings: str,
    ) -> System:
        """One process a service, on RabbitMQ and PostgreSQL (without `database_url`: SQLite files).

        Each system makes databases of its own on the server and removes them at the end. One broker serves one system
        at a time.
        """
        prefix = f"yizhu_t{os.getpid()}_{time.monotonic_ns() % 10**9}"
        given = {"AMQP_URI": amqp_uri} | settings
        if database_url is not None:
            given["DATABASE_URL"] = f"{database_url.rstrip('/').rsplit('/postgres', 1)[0]}/{prefix}"
        return cls._made(folder, tuple(services), given)

    @classmethod
    def _made(cls, folder: Path | None, services: tuple[str, ...], settings: dict[str, str]) -> System:
        home = folder or Path(tempfile.mkdtemp(prefix="yizhu-"))
        home.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_URI", "_FILE"))}
        environment = inherited | {
            "ENVIRONMENT": "test",
            "DATABASE_URL": f"sqlite:///{home}/db",
            "KEYS_DIR": str(home / "keys"),
            "FILES_DIR": str(home / "files"),
            "CLOCK_URI": f"file://{home}/clock",
            "PROVINCES_DIR": str(ROOT / "provinces"),
            "ORIGIN": "test",
            "PROVINCES": "43,44",
            "PORT": str(free_port()),
            "PYTHONWARNINGS": "ignore",
            "PYTHONUNBUFFERED": "1",
            "EVENTLET_NO_GREENDNS": "yes",  # as in the image: names are looked up in threads
            **settings,
        }
        environment.setdefault("PUBLIC_URL", f"http://127.0.0.1:{environment['PORT']}")
        return cls(home, environment, services, settings["AMQP_URI"].startswith("inproc"), folder is not None)

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.environment['PORT']}"

    @property
    def keys_dir(self) -> Path:
        """The folder of the deployment's keys."""
        return Path(self.environment["KEYS_DIR"])

    def database_url(self, service: str) -> str:
        """The address of a service's database, for SQL in tests."""
        return database_url_for(service, self.environment["DATABASE_URL"])

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(self) -> None:
        """The deploy steps: keys, and where processes are apart, databases, schema and topology."""
        self.command("keys", "init")
        if self.is_embedded:
            return
        self._forget_queues()
        if self.environment["DATABASE_URL"].startswith("postgresql"):
            self._each_database("CREATE DATABASE {}")
        else:
            (self.folder / "db").mkdir(exist_ok=True)
        self.command("migrate", *(name for name in self.services if name != "gateway"))
        self.command("declare")

    def start(self, *names: str) -> None:
        """Start these processes (all that don't run, if none is named), and return when they are ready."""
        wanted = [self._process(name) for name in names] if names else self._all_processes()
        begun = [process for process in wanted if not process.is_running]
        for process in begun:
            process.start(self.services if process.name == ALL else [process.name])
        for process in begun:
            self.wait_ready(process.name)

    def start_without_waiting(self, name: str) -> None:
        """Start a process and return at once, as a supervisor does."""
        process = self._process(name)
        process.start(self.services if process.name == ALL else [process.name])

    def wait_ready(self, name: str = ALL, within: float = READY_WITHIN) -> None:
        """Poll `/readyz` until the process is ready, and for the gateway's also its public port."""
        process = self._process(name)
        wait_until(process.is_ready, within, lambda: f"{name} did not get ready:\n{process.tail()}")
        if process.name == "gateway" or (process.name == ALL and "gateway" in self.services):
            wait_until(
                lambda: process.is_ready() and accepts(int(self.environment["PORT"])),
                within,
                lambda: f"the gateway does not answer:\n{process.tail()}",
            )

    def kill(self, *names: str) -> None:
        """End processes as a power cut would (-9)."""
        for name in names:
            self._process(name).end(signal.SIGKILL)

    def stop(self, *names: str) -> None:
        """End processes in good order; each has to end with status 0."""
        for name in names or tuple(self.processes):
            status = self._process(name).end(signal.SIGTERM)
            assert status == 0, f"{name} ended with {status}:\n{self._process(name).tail()}"

    def restart(self, *names: str) -> None:
        """Kill and start again; returns when they are ready."""
        self.kill(*names)
        self.start(*names)

    def close(self) -> None:
        """End every process and remove what the system left on disk, on the server and on the broker."""
        for process in self.processes.values():
            process.end(signal.SIGKILL)
        if not self.is_embedded:
            self._forget_queues()
            if self.environment["DATABASE_URL"].startswith("postgresql"):
                self._each_database("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        if not self.keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *arguments: str, check: bool = True, within: float = 180.0) -> subprocess.CompletedProcess[str]:
        """Run `python -m commands …` with this system's settings."""
        done = subprocess.run(
            [sys.executable, "-m", "commands", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        assert not check or done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done

    def advance_clock(self, by: timedelta) -> None:
        """Move the clocks of all services forward; they see it within a fifth of a second."""
        self._clock.advance(by)
        time.sleep(0.25)

    @property
    def _clock(self) -> OffsetClock:
        return OffsetClock(Path(self.environment["CLOCK_URI"].removeprefix("file://")))

    def token(self, actor: Actor, signed_by: str = "accounts") -> str:
        """A caller context as `signed_by` would sign it, for calls straight to a service."""
        return IdentitySigner.of(signed_by, self.keys_dir).sign(
            actor, at=self._clock.now(), lifetime=timedelta(hours=1)
        )

    def log(self, *names: str) -> str:
        """What processes have written so far; all of them, if none is named."""
        chosen = [self._process(name) for name in names] if names else list(self.processes.values())
        return "".join(process.log.read_text(errors="replace") for process in chosen if process.log.exists())

    def log_lines(self, *names: str) -> list[dict[str, Any]]:
        """The JSON lines among it."""
        return [json.loads(line) for line in self.log(*names).splitlines() if line.startswith("{")]

    def faults(self) -> list[dict[str, Any]]:
        """Log lines at error level: a journey without faults has none."""
        return [line for line in self.log_lines() if line.get("level") in ("error", "critical")]

    def _all_processes(self) -> list[ServiceProcess]:
        return [self._process(name) for name in ((ALL,) if self.is_embedded else self.services)]

    def _process(self, name: str) -> ServiceProcess:
        key = ALL if self.is_embedded else name
        if key not in self.processes:
            environment = self.environment | {"ADMIN_PORT": str(free_port())} | self.own_settings.get(key, {})
            self.processes[key] = ServiceProcess(key, environment, self.folder / f"{key}.log")
        return self.processes[key]

    def _each_database(self, statement: str) -> None:
        server, _, prefix = self.environment["DATABASE_URL"].rpartition("/")
        address = re.sub(r"^postgresql\+\w+", "postgresql", server)
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            for service in self.services:
                if service != "gateway":
                    connection.execute(sql.SQL(statement).format(sql.Identifier(f"{prefix}_{service}")))

    def _forget_queues(self) -> None:
        try:
            with kombu.Connection(self.environment["AMQP_URI"], connect_timeout=5) as connection:
                channel = connection.default_channel
                for service in SERVICES:
                    for queue in (f"rpc-{service}", *(f"{service}.inbox{end}" for end in ("", ".bulk", ".unreadable"))):
                        channel.queue_delete(queue)
        except OSError:
            # A test may have ended its broker; then there is nothing left on it to forget.
            return
