"""The gateway as a nameko service: a WSGI server beside a bus client, no entry point of its own."""

from __future__ import annotations

from shared.platform.bus import BusClient

from .dependencies import HttpServer


class GatewayService:
    """Serves the API and the pages on `HOST`:`PORT`."""

    name = "gateway"

    bus = BusClient()
    http = HttpServer()
