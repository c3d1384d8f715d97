"""What a service's own tables tell an operator, as Prometheus figures with the service's label, read at each scrape."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Column, func, select
from sqlalchemy.orm import Session

from .engine import Database
from .errors import Unavailable
from .outbox import waiting
from .platform_tables import failed_item, inbox

_UNFINISHED = ("WAITING", "PARKED", "DEAD")


class ServiceFigures(Collector):
    """Outbox rows that wait for the broker, events that wait or have failed, failed items of timed work."""

    def __init__(self) -> None:
        self._databases: dict[str, Database] = {}

    def register(self, database: Database, registry: CollectorRegistry = REGISTRY) -> None:
        """Tell the figures of one more service from now on."""
        if not self._databases:
            registry.register(self)
        self._databases[database.service] = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of all services of this process; a service whose database is away is left out."""
        outbox = GaugeMetricFamily(
            "yizhu_outbox_waiting", "Events that the broker has not confirmed", labels=["service"]
        )
        events = GaugeMetricFamily(
            "yizhu_inbox_unfinished", "Events that wait, are retried or were given up", labels=["service", "status"]
        )
        items = GaugeMetricFamily(
            "yizhu_failed_items", "Items of timed work that are retried or were given up", labels=["service", "status"]
        )
        for service, database in self._databases.items():
            try:
                with database.transaction(read_only=True) as session:
                    waits = waiting(session)
                    unfinished = _by_status(session, inbox.c.status)
                    failed = _by_status(session, failed_item.c.status)
            except Unavailable:
                continue
            outbox.add_metric([service], waits)
            for status in _UNFINISHED:
                events.add_metric([service, status.lower()], unfinished.get(status, 0))
            for status in _UNFINISHED[1:]:
                items.add_metric([service, status.lower()], failed.get(status, 0))
        yield from (outbox, events, items)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not ask the databases."""
        return []


FIGURES = ServiceFigures()


def _by_status(session: Session, status: Column[str]) -> dict[str, int]:
    rows = session.execute(select(status, func.count()).where(status.in_(_UNFINISHED)).group_by(status))
    return {str(name): int(count) for name, count in rows}
