"""Runs services in this process until it is told to stop, in good order."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import eventlet
import nameko
import typer
from eventlet.event import Event
from nameko.containers import ServiceContainer
from prometheus_client import REGISTRY

from commands.keys import initialise_trial_keys
from commands.migrate import migrate_service, migrations_folder
from commands.services import chosen, declare_topology, known_events, service_class
from shared.contracts.calls import callers
from shared.platform import tracing
from shared.platform.bus.client import CallLink
from shared.platform.bus.server import CALLERS, RpcServer
from shared.platform.business_figures import family_of
from shared.platform.config import Deployment, SettingsError, load_deployment, load_settings
from shared.platform.database_extension import DatabaseExtension
from shared.platform.engine import Database
from shared.platform.figures import FIGURES
from shared.platform.health import HEALTH, serve_health
from shared.platform.inbox import Inbox
from shared.platform.logging import configure_logging, get_logger
from shared.platform.migrations import versions
from shared.platform.readiness import OutboxMoves, SchemaAtHead, database_answers

app = typer.Typer(add_completion=False)
_log = get_logger(__name__)

#: Seconds that services get to finish what they have at hand.
GRACE = 40.0

#: What has to stay open as long as the process: the far end of the signals' socket, locks on database files.
_kept: list[socket.socket | TextIO] = []


@app.command()
def serve(services: list[str] = typer.Argument(help="names of services, or `all`")) -> None:
    """Run services in this process. SIGTERM and SIGINT end it after the work at hand; a second one ends it at once."""
    if not eventlet.patcher.is_monkey_patched("socket"):
        raise RuntimeError("serve is run as `python -m commands serve`")
    deployment = load_deployment()
    names = chosen(services)
    configure_logging(
        "all" if len(names) > 1 else names[0], deployment.log_level, exception_text=not deployment.is_production
    )
    if "gateway" in names:
        _require_free_port(deployment)
    for name in names:
        _hold_database_file(name)
    if not deployment.is_production:
        initialise_trial_keys(deployment, names)
    if deployment.is_embedded:
        _prepare_embedded(deployment, names)
    known_callers = {CALLERS: callers()} if deployment.checks_callers else {}
    nameko.config.setup({"AMQP_URI": deployment.amqp_uri, "max_workers": deployment.rpc_workers, **known_callers})
    sys.exit(Host(names).run(deployment))


class Host:
    """The containers of one process, from start to end."""

    def __init__(self, names: Iterable[str]) -> None:
        self.containers = [ServiceContainer(service_class(name)) for name in names]
        self._end: Event = Event()

    def run(self, deployment: Deployment) -> int:
        """Start, wait, stop; 0 after a signal, 1 when a service broke (a supervisor starts the process again)."""
        eventlet.spawn(self._await_signals, _signals_as_bytes())
        if deployment.tracing != "off":
            tracing.start(deployment.otlp_endpoint, deployment.origin)
        admin = _serve_admin(deployment)
        for container in self.containers:
            container.start()
            _register_checks(container)
            eventlet.spawn(self._watch, container)
        HEALTH.started()
        _log.info("serving", services=[container.service_name for container in self.containers])
        status: int = self._end.wait()
        HEALTH.stop()
        self._stop()
        if admin is not None:
            admin.close()
        tracing.stop()
        _log.info("stopped", exit_status=status)
        return status

    def _await_signals(self, signals: Any) -> None:
        signals.recv(1)
        self._finish(0)
        signals.recv(1)
        _log.warning("stopped_at_once")
        os._exit(1)

    def _finish(self, status: int) -> None:
        if not self._end.ready():
            self._end.send(status)

    def _watch(self, container: ServiceContainer) -> None:
        try:
            container.wait()
        except Exception:  # noqa: BLE001 - whatever broke it, the process ends and its supervisor starts it again
            _log.exception("service_broke", service=container.service_name)
            self._finish(1)

    def _stop(self) -> None:
        with eventlet.Timeout(GRACE, False):
            # The first container is the one that all others call: it ends last, the gateway first.
            for container in reversed(self.containers):
                container.stop()


def _serve_admin(deployment: Deployment) -> Any:
    if not deployment.admin_port:
        return None
    for event_type in known_events():
        family_of(event_type)
    return serve_health(deployment.admin_host, deployment.admin_port, figures_of=REGISTRY)


def _signals_as_bytes() -> Any:
    """A socket that gets a byte for each signal: a handler alone would not wake the hub from its sleep."""
    receiving, sending = socket.socketpair()
    sending.setblocking(False)
    signal.set_wakeup_fd(sending.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    # Referenced from here, or it would be closed with the end of this function.
    _kept.append(sending)
    return receiving


def _register_checks(container: ServiceContainer) -> None:
    """Ready means: calls and events come in, calls go out, the database answers with its schema, and news leaves."""
    for extension in container.extensions:
        if isinstance(extension, RpcServer):
            HEALTH.register(f"{container.service_name}.bus", partial(extension.wait_until_answering, 0.5))
        elif isinstance(extension, CallLink):
            HEALTH.register(f"{container.service_name}.calls", partial(extension.wait_until_calling, 0.5))
        elif isinstance(extension, Inbox):
            HEALTH.register(f"{container.service_name}.events", partial(extension.wait_until_reading, 0.5))
            FIGURES.register_queues(container.service_name, extension.depths)
        elif isinstance(extension, DatabaseExtension):
            _register_database(container.service_name, extension.database)


def _register_database(service: str, database: Database) -> None:
    outbox_moves = OutboxMoves(database, load_settings(service).outbox_lag_limit)
    FIGURES.register(database, lag=outbox_moves.lag)
    HEALTH.register(f"{service}.database", partial(database_answers, database))
    HEALTH.register(f"{service}.outbox", outbox_moves)
    if (folder := migrations_folder(service)) is not None:
        HEALTH.register(f"{service}.migrations", SchemaAtHead(database, versions(folder)))


def _require_free_port(deployment: Deployment) -> None:
    """Say plainly that a port is in use, before anything is touched."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((deployment.host, deployment.port))
        except OSError as error:
            problem = f"{deployment.port} on {deployment.host} is in use or not allowed ({error.strerror})"
            raise SettingsError("PORT", problem) from error


def _hold_database_file(service: str) -> None:
    """An SQLite file has one writing process (design D5): a second one would hold the first up for seconds."""
    settings = load_settings(service)
    if service == "gateway" or not settings.is_sqlite:
        return
    path = Path(f"{settings.database_url.removeprefix('sqlite:///')}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SettingsError("DATABASE_URL", f"another process serves {path.with_suffix('')} already") from error
    _kept.append(lock)


def _prepare_embedded(deployment: Deployment, names: tuple[str, ...]) -> None:
    """What deploy steps do elsewhere: the schema of the local databases, and the topology of this process's own bus."""
    for name in names:
        migrate_service(name)
    declare_topology(deployment, names)
