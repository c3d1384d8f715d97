"""The Flask application of the gateway: API below `/api/v1`, pages everywhere else."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider

from shared.platform.config import Deployment
from shared.platform.health import HEALTH

from . import authentication, client_address, csrf, http_errors, observation, pages, routes, security_headers

#: No request but a file upload carries more than this, in bytes.
MAX_BODY = 1024 * 1024


class OrjsonProvider(JSONProvider):
    """orjson for bodies: UUIDs, dates and aware times as the schemas leave them."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """JSON text of `obj`."""
        return orjson.dumps(obj, default=str).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of JSON text; `ValueError` where it is none."""
        return orjson.loads(s)


def create_app(bus: Any, settings: Deployment) -> Flask:
    """The application over the service's `BusClient`."""
    # No folder of Flask's own: pages name every static file by its content, below `/assets`.
    app = Flask(__name__, static_folder=None)
    app.json = OrjsonProvider(app)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["yizhu.bus"] = bus
    app.extensions["yizhu.settings"] = settings
    app.extensions["yizhu.contexts"] = authentication.ContextCache()
    observation.register(app)
    client_address.register(app, settings.trusted_proxies)
    security_headers.register(app)
    http_errors.register(app)
    csrf.register(app)
    routes.register(app)
    pages.register(app)

    @app.get("/healthz")
    def alive() -> tuple[str, int]:
        # For a proxy in front: whether to send requests here. Readiness stands on the internal port, never here.
        return ("stopping", HTTPStatus.SERVICE_UNAVAILABLE) if HEALTH.is_stopping else ("ok", HTTPStatus.OK)

    return app
