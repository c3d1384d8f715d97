"""Whether a process lives and can work, and its figures: a small HTTP server on an internal port, never published."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import eventlet.wsgi
import orjson
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

Check = Callable[[], bool]
Start = Callable[[str, list[tuple[str, str]]], Any]
_CHECK_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Health:
    """What the process needs in order to work; each part of it registers a check of its own."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._running = False

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


HEALTH = Health()


def serve_health(host: str, port: int, health: Health = HEALTH) -> Any:
    """Listen, in a green thread; the socket is given back, so that its port can be told and it can be closed."""
    listener = eventlet.listen((host, port))
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
