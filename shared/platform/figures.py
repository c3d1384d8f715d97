"""What a service's own tables and queues tell an operator, as Prometheus figures read at each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Column, Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .engine import Database, database_away
from .errors import Unavailable
from .outbox import waiting
from .platform_tables import failed_item, inbox

_UNFINISHED = ("WAITING", "PARKED", "DEAD")


@dataclass(frozen=True)
class Backlog:
    """Work that waits in a service's own table: `rows` gives (state, how many); a state without rows is told as 0."""

    name: str
    told: str
    states: tuple[str, ...]
    rows: Select[str, int]


@dataclass
class _Told:
    """What is known of one service."""

    database: Database | None = None
    lag: Callable[[], float] | None = None
    depths: Callable[[], dict[str, int]] | None = None
    backlogs: list[Backlog] = field(default_factory=list)


class ServiceFigures(Collector):
    """Outbox rows and how long they wait, events that wait or have failed, failed items, queues and other backlogs."""

    def __init__(self) -> None:
        self._services: dict[str, _Told] = {}

    def register(
        self, database: Database, registry: CollectorRegistry = REGISTRY, *, lag: Callable[[], float] | None = None
    ) -> None:
        """Tell the figures of one more service from now on; `lag` is how long its oldest news has stood still."""
        told = self._of(database.service, registry)
        told.database, told.lag = database, lag

    def register_queues(
        self, service: str, depths: Callable[[], dict[str, int]], registry: CollectorRegistry = REGISTRY
    ) -> None:
        """Tell how many messages wait in a service's queues."""
        self._of(service, registry).depths = depths

    def register_backlog(self, service: str, backlog: Backlog, registry: CollectorRegistry = REGISTRY) -> None:
        """Tell a backlog of a service too."""
        self._of(service, registry).backlogs.append(backlog)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of all services of this process; those of a database or broker that is away are left out."""
        families = _Families()
        for service, told in tuple(self._services.items()):
            if told.depths is not None:
                for queue, depth in told.depths().items():
                    families.depth.add_metric([service, queue], depth)
            if told.database is not None:
                try:
                    _read(families, service, told, told.database)
                except Unavailable:
                    continue
        yield from families.all()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not ask the databases."""
        return []

    def _of(self, service: str, registry: CollectorRegistry) -> _Told:
        if not self._services:
            registry.register(self)
        return self._services.setdefault(service, _Told())


FIGURES = ServiceFigures()


class _Families:
    """The families of one scrape."""

    def __init__(self) -> None:
        self.outbox = _gauge("yizhu_outbox_waiting", "Events that the broker has not confirmed")
        self.lag = _gauge("yizhu_outbox_lag_seconds", "How long the oldest event that waits was seen to stand still")
        self.events = _gauge("yizhu_inbox_unfinished", "Events that wait, are retried or were given up", "status")
        self.items = _gauge("yizhu_failed_items", "Items of timed work that are retried or were given up", "status")
        self.depth = _gauge("yizhu_queue_depth", "Messages in the service's inbox queues, those at hand too", "queue")
        self.backlogs: dict[str, GaugeMetricFamily] = {}

    def backlog(self, backlog: Backlog) -> GaugeMetricFamily:
        """The family of a backlog."""
        return self.backlogs.setdefault(backlog.name, _gauge(backlog.name, backlog.told, "state"))

    def all(self) -> Iterator[GaugeMetricFamily]:
        """Every family."""
        yield from (self.outbox, self.lag, self.events, self.items, self.depth, *self.backlogs.values())


def _read(families: _Families, service: str, told: _Told, database: Database) -> None:
    with database.transaction(read_only=True) as session:
        waits = waiting(session)
        unfinished = _by_status(session, inbox.c.status)
        failed = _by_status(session, failed_item.c.status)
        backlogs = [(backlog, _counted(session, backlog)) for backlog in told.backlogs]
    families.outbox.add_metric([service], waits)
    for status in _UNFINISHED:
        families.events.add_metric([service, status.lower()], unfinished.get(status, 0))
    for status in _UNFINISHED[1:]:
        families.items.add_metric([service, status.lower()], failed.get(status, 0))
    for backlog, found in backlogs:
        for state in backlog.states:
            families.backlog(backlog).add_metric([service, state], found.get(state, 0))
    if told.lag is not None:
        families.lag.add_metric([service], _lag(told.lag, service))


def _lag(lag: Callable[[], float], service: str) -> float:
    try:
        return lag()
    except SQLAlchemyError as error:
        if database_away(error):
            raise Unavailable("database_unavailable", service=service) from error
        raise


def _counted(session: Session, backlog: Backlog) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in session.execute(backlog.rows)}


def _by_status(session: Session, status: Column[str]) -> dict[str, int]:
    rows = session.execute(select(status, func.count()).where(status.in_(_UNFINISHED)).group_by(status))
    return {str(name): int(count) for name, count in rows}


def _gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=["service", *labels])
