"""Whether a process lives and can work, and its figures: a small HTTP server on an internal port, never published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import eventlet
import eventlet.wsgi
import orjson
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Check = Callable[[], bool]
Start = Callable[[str, list[tuple[str, str]]], Any]
_CHECK_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Health:
    """What the process needs in order to work; each part of it registers a check of its own."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._running = False
        self._stopping = False

    def register(self, name: str, check: Check) -> None:
        """`check` answers quickly and truly; `name` is shown on `/readyz`."""
        self._checks[name] = check

    def unregister(self, name: str) -> None:
        """Forget a check, as its owner ends."""
        self._checks.pop(name, None)

    def started(self) -> None:
        """Every part has been started and has registered its check; before that the process is not ready."""
        self._running = True

    def stop(self) -> None:
        """From now on the process is not ready: it takes no more work, but still finishes what it has."""
        self._running = False
        self._stopping = True

    @property
    def is_stopping(self) -> bool:
        """Whether the process was told to stop."""
        return self._stopping

    def results(self) -> dict[str, bool]:
        """Each check's answer; one that raises or takes more than two seconds has failed."""
        found = {name: _passes(name, check) for name, check in tuple(self._checks.items())}
        return {"running": self._running, **found}

    def application(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """WSGI: `/healthz` (the process lives), `/readyz` (it can work), `/metrics` (Prometheus)."""
        path = environ.get("PATH_INFO", "")
        if path == "/healthz":
            return _answer(start_response, "200 OK", {"status": "alive"})
        if path == "/readyz":
            results = self.results()
            ready = all(results.values())
            return _answer(start_response, "200 OK" if ready else "503 Service Unavailable", {"checks": results})
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest(REGISTRY)]
        return _answer(start_response, "404 Not Found", {"status": "unknown"})


class HealthFigures(Collector):
    """The checks as figures: `readiness` of a check is 1 while it passes. A check is named `<service>.<part>`."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each check's answer now; `running` is told of each service of the process."""
        family = GaugeMetricFamily("yizhu_ready", "Checks that pass (1) or fail (0)", labels=["service", "check"])
        results = self._health.results()
        parts = {tuple(name.split(".", 1)): passes for name, passes in results.items() if "." in name}
        parts |= {(service, "running"): results["running"] for service, _ in tuple(parts)}
        for labels, passes in sorted(parts.items()):
            family.add_metric(labels, float(passes))
        yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not ask the parts."""
        return []


HEALTH = Health()


def serve_health(host: str, port: int, health: Health = HEALTH, figures_of: CollectorRegistry | None = None) -> Any:
    """Listen, in a green thread; the socket is given back, so that its port can be told and it can be closed.

    With `figures_of` the checks are figures of that registry too.
    """
    listener = eventlet.listen((host, port))
    figures = HealthFigures(health)
    if figures_of is not None:
        figures_of.register(figures)
    eventlet.spawn(eventlet.wsgi.server, listener, health.application, log_output=False, debug=False)
    return listener


def _passes(name: str, check: Check) -> bool:
    passed = False
    with eventlet.Timeout(_CHECK_SECONDS, False):
        try:
            passed = bool(check())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a part, the answer is "not ready"
            _log.warning("health_check_failed", extra={"check": name, "reason": type(error).__name__})
    return passed


def _answer(start_response: Start, status: str, content: dict[str, Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [orjson.dumps(content)]
