"""Each HTTP request as a figure and a span, by the template of its route: never by its address, which holds ids."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, request

from shared.platform.tallies import OTHER, TALLIES
from shared.platform.tracing import span_under

_SERVICE = "gateway"
_ROUTE = "yizhu.route"
#: What a request is counted under that no route takes.
UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

ANSWERED = TALLIES.durations(
    "yizhu_http_request_duration_seconds", "HTTP requests, until the answer is whole", ("service", "method", "route")
)
STATUSES = TALLIES.counts(
    "yizhu_http_requests", "HTTP requests by the answer's status", ("service", "method", "route", "status")
)


class Observed:
    """The application with a clock around it.

    A `traceparent` of the client is not taken over: whoever sends a request could decide what is traced, and join
    traces of strangers.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        began, statuses = time.perf_counter(), ["500"]
        method = environ.get("REQUEST_METHOD", "")
        method = method if method in _METHODS else OTHER

        def start(line: str, *rest: Any) -> Any:
            statuses.append(line.split(" ", 1)[0])
            return start_response(line, *rest)

        try:
            with span_under(None, _SERVICE, method, "server") as span:
                body: Iterable[bytes] = self._application(environ, start)
                route, status = environ.get(_ROUTE, UNMATCHED), statuses[-1]
                span.rename(f"{method} {route}")
                span.tell("http.request.method", method)
                span.tell("http.route", route)
                span.tell("http.response.status_code", int(status))
                if status >= "500":
                    span.failed(status)
                return body
        finally:
            route, status = environ.get(_ROUTE, UNMATCHED), statuses[-1]
            ANSWERED.of(_SERVICE, method, route).add(time.perf_counter() - began)
            STATUSES.of(_SERVICE, method, route, status).add()


def register(app: Flask) -> None:
    """Observe every request; the first of all hooks, since later ones may answer in the route's place."""

    @app.before_request
    def name_route() -> None:
        if request.url_rule is not None:
            request.environ[_ROUTE] = request.url_rule.rule

    # Flask's own way to put something around an application.
    app.wsgi_app = Observed(app.wsgi_app)  # type: ignore[method-assign]
