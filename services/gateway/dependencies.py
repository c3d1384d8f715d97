"""The WSGI server of the gateway, living in the service's container (design D8)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import eventlet
import eventlet.wsgi
from greenlet import GreenletExit
from nameko.extensions import DependencyProvider

from shared.platform.bus import BusClient
from shared.platform.config import settings_of

from .app import create_app

#: Requests at work at once; more wait in the listen queue.
CONCURRENCY = 400
#: Seconds that requests at work get to end, once no more are taken.
GRACE = 30.0


class PortInUse(Exception):
    """Somebody else listens on the gateway's port."""


class HttpServer(DependencyProvider):
    """Listens from the start of the service; stops in good order, so that nobody's request is cut off.

    `/healthz` says that the process stops since `HEALTH.stop()`. For `DRAIN_SECONDS` requests are still taken, until a
    proxy in front has seen that; then the port closes and what is at work is finished.
    """

    def setup(self) -> None:
        """Open the port at once, so that a port in use stops the start and is said plainly."""
        settings = settings_of(self.container)
        try:
            self.socket = eventlet.listen((settings.host, settings.port), reuse_port=False)
        except OSError as error:
            raise PortInUse(f"PORT: {settings.port} is in use or not allowed ({error.strerror})") from error
        self.socket.settimeout(None)

    def start(self) -> None:
        """Serve in a managed thread."""
        settings = settings_of(self.container)
        bus = next(found for found in self.container.dependencies if isinstance(found, BusClient))
        self.app = create_app(bus, settings)
        self.thread = self.container.spawn_managed_thread(self._serve, identifier="http")

    def stop(self) -> None:
        """Let a proxy notice, close the port, wait for the requests at work; their calls are closed after this."""
        eventlet.sleep(settings_of(self.container).drain_seconds)
        # Ending its loop, the server closes idle connections and waits for the others.
        self.thread.kill()
        self.socket.close()
        with eventlet.Timeout(GRACE, False), suppress(GreenletExit):
            self.thread.wait()

    def get_dependency(self, worker_ctx: Any) -> None:
        """Nothing to inject: no worker of the gateway exists."""
        return

    def _serve(self) -> None:
        eventlet.wsgi.server(
            self.socket,
            self.app,
            max_size=CONCURRENCY,
            log=_Quiet(),
            log_output=False,
            debug=False,
            keepalive=True,
            socket_timeout=60,
            url_length_limit=8192,
            minimum_chunk_size=8192,
        )


class _Quiet:
    """eventlet's own lines go nowhere: the paths it would print are logged, masked, by the application."""

    def write(self, text: str) -> None:
        """Drop the line."""
