"""The running system as child processes: started, made ready, killed, restarted, listened to; nothing stays behind.

with System.embedded() as system:                            # every service in one process
    httpx.get(f"{system.url}/api/v1/…")
with System.distributed(amqp_uri, database_url) as system:   # one process a service
    system.kill("review")                                    # -9
    system.start("review")
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
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

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0
STOP_WITHIN = 45.0
ALL = "all"
_PR_SET_PDEATHSIG = 1


class NotReady(RuntimeError):
    """A process ended, or did not get ready in time; the text ends with what it logged."""


@dataclass
class ServiceProcess:
    """One process of the system: `name` is a service, or `all` when every service lives in it."""

    name: str
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self, services: Iterable[str]) -> None:
        """Start it; its log goes on where it ended."""
        if self.is_running:
            raise RuntimeError(f"{self.name} is running")
        self.starts += 1
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "commands", "serve", *services],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def is_ready(self) -> bool:
        """Whether `/readyz` says so now; `NotReady` if the process has ended."""
        if not self.is_running:
            status = None if self.process is None else self.process.returncode
            raise NotReady(f"{self.name} ended with {status}:\n{self.tail()}")
        return get_status(f"http://127.0.0.1:{self.environment['ADMIN_PORT']}/readyz") == 200

    def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit status. One that does not end in time is killed and told."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{self.name} did not stop within {STOP_WITHIN:.0f} s:\n{self.tail()}") from None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


@dataclass
class System:
    """A whole deployment in a folder of its own, on free ports of 127.0.0.1."""

    folder: Path
    environment: dict[str, str]
    services: tuple[str, ...] = SERVICES
    is_embedded: bool = True
    keeps_folder: bool = False
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
                lambda: process.is_ready() and _accepts(int(self.environment["PORT"])),
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
            environment = self.environment | {"ADMIN_PORT": str(free_port())}
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


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def get_status(url: str, within: float = 5.0) -> int:
    """The status of a GET, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=within) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_until(
    condition: Callable[[], bool], within: float, complaint: str | Callable[[], str], every: float = 0.05
) -> None:
    """Poll `condition` until it holds; `NotReady` with `complaint` when it does not in time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise NotReady(complaint if isinstance(complaint, str) else complaint())
        time.sleep(every)


def eventually(probe: Callable[[], Any], within: float = 20.0, every: float = 0.05) -> Any:
    """The first truthy answer of `probe`; for what a test expects to happen soon. Fails with the last answer."""
    end = time.monotonic() + within
    while not (answer := probe()):
        assert time.monotonic() < end, f"it did not happen within {within} s; last answer: {answer!r}"
        time.sleep(every)
    return answer


def _end_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
