"""A link to the bus: one connection with one reader, kept alive, on RabbitMQ and in process alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import eventlet
import kombu
from amqp.exceptions import AMQPError
from eventlet.event import Event
from greenlet import GreenletExit
from kombu.exceptions import KombuError

from . import memory, transport  # noqa: F401 - both register themselves with kombu

_log = logging.getLogger(__name__)

#: Scheme of a setting to our own transport of the same protocol.
SCHEMES = {"amqp": "yizhu", "pyamqp": "yizhu", "amqps": "yizhus", "inproc": "inproc"}
IN_PROCESS = "inproc"
#: kombu's way to say: the certificate has to be trusted by the system (or SSL_CERT_FILE) and name the URI's host.
VERIFIED = {"server_hostname": None}

HEARTBEAT = 10.0
CONNECT_TIMEOUT = 5.0
#: Seconds between attempts to connect; the last one stays.
RETRY_AFTER = (0.1, 0.3, 0.6, 1.0, 2.0, 3.0)

#: What a lost connection may raise, on the reading and on the writing side.
CONNECTION_ERRORS: tuple[type[BaseException], ...] = (OSError, AMQPError, KombuError)


def open_connection(uri: str) -> kombu.Connection:
    """A connection over our transports, established; the caller closes it."""
    scheme, _, rest = uri.partition("://")
    if scheme not in SCHEMES:
        raise ValueError("AMQP_URI must begin with amqp://, amqps:// or inproc://")
    connection = kombu.Connection(
        f"{SCHEMES[scheme]}://{rest}",
        ssl=VERIFIED if scheme == "amqps" else False,
        heartbeat=HEARTBEAT,
        connect_timeout=CONNECT_TIMEOUT,
    )
    connection.connect()
    return connection


def login_of(uri: str) -> str | None:
    """The user that a connection to this URI logs in as; None where nobody does."""
    name = None if is_in_process(uri) else urlsplit(uri).username
    return None if name is None else unquote(name)


def is_in_process(uri: str) -> bool:
    """Whether the URI names the in-process bus."""
    return uri.partition("://")[0] == IN_PROCESS


class Link:
    """Keeps one connection with one channel open until stopped; runs in a greenlet of its own.

    `on_open(channel)` declares and starts consumers on each new channel, before anything is read: the only place
    where the connection may be used synchronously. `on_lost()` is told once for each channel that ended.
    """

    def __init__(
        self,
        uri: str,
        name: str,
        *,
        on_open: Callable[[Any], None] | None = None,
        on_lost: Callable[[], None] | None = None,
    ) -> None:
        self.uri = uri
        self.name = name
        self.channel: Any = None
        self._on_open = on_open
        self._on_lost = on_lost
        self._opened = Event()
        self._stopping = False
        self._ended = Event()
        self._connection: Any = None
        self._ran = False

    def run(self) -> None:
        """Connect, read, and connect again, until `stop`."""
        self._ran = True
        attempt = 0
        try:
            while not self._stopping:
                started = time.monotonic()
                try:
                    self._session()
                except CONNECTION_ERRORS as error:
                    if not self._stopping:
                        _log.warning("bus_connection_lost", extra={"link": self.name, "reason": type(error).__name__})
                attempt = 0 if time.monotonic() - started > RETRY_AFTER[-1] else attempt
                if not self._stopping:
                    eventlet.sleep(RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)])
                    attempt += 1
        finally:
            self._ended.send(None)

    def wait_open(self, timeout: float | None = None) -> Any:
        """The open channel, or None when `timeout` seconds have passed without one."""
        if self.channel is None:
            with eventlet.Timeout(timeout, False):
                while self.channel is None and not self._stopping:
                    self._opened.wait()
        return self.channel

    def drop(self) -> None:
        """Give the connection up; the reader opens a new one."""
        if self._connection is not None:
            self._connection.collect()

    def stop(self, grace: float = 2.0) -> None:
        """Close in good order: what was written leaves, the broker is told, the reader ends."""
        self._stopping = True
        connection = self._connection
        if connection is not None and self.channel is not None:
            try:
                connection.farewell()
            except CONNECTION_ERRORS:
                connection.collect()
        self._wake_waiters()
        if self._ran:
            with eventlet.Timeout(grace, False):
                self._ended.wait()

    def _wake_waiters(self) -> None:
        opened, self._opened = self._opened, Event()
        opened.send(None)

    def _session(self) -> None:
        client = open_connection(self.uri)
        heart = None
        connection = client.connection
        try:
            channel = client.channel()
            if self._on_open is not None:
                self._on_open(channel)
            self._connection, self.channel = connection, channel
            if self._stopping:
                return
            self._wake_waiters()
            if getattr(connection, "heartbeat", 0):
                heart = eventlet.spawn(self._beat, connection)
            connection.read_forever()
        finally:
            was_open, self.channel, self._connection = self.channel is not None, None, None
            if heart is not None:
                heart.kill()
            client.collect()
            if was_open and self._on_lost is not None:
                self._on_lost()

    def _beat(self, connection: Any) -> None:
        try:
            while True:
                eventlet.sleep(HEARTBEAT / 4)
                connection.heartbeat_tick()
        except CONNECTION_ERRORS:
            # A silent broker: closing the socket wakes the reader, which owns the connection.
            connection.collect()
        except GreenletExit:
            return
