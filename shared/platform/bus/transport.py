"""py-amqp, made quick for many green threads on one connection: one read a wake-up, one write a hub cycle."""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

import amqp
import eventlet
from amqp import spec
from amqp.exceptions import RecoverableConnectionError, UnexpectedFrame
from amqp.serialization import dumps
from amqp.transport import TCPTransport
from eventlet import patcher
from kombu.transport import TRANSPORT_ALIASES, pyamqp

from ..name_lookup import Lookup

#: Bytes that may wait for the socket before a writer has to wait too.
WRITE_BUFFER = 4 << 20
READ_SIZE = 1 << 16
FRAME_END = 0xCE

#: How long the kernel waits for an acknowledgement of sent data; py-amqp's own second is too short for real networks.
TCP_USER_TIMEOUT = 10_000
SOCKET_SETTINGS = {socket.TCP_USER_TIMEOUT: TCP_USER_TIMEOUT} if hasattr(socket, "TCP_USER_TIMEOUT") else {}

_frame_header = struct.Struct(">BHI")
_lookup = Lookup()


class CoalescingTransport(TCPTransport):
    """The first frame of a hub cycle leaves at once, all others of the cycle together in one write.

    A lone caller so pays no delay, and fifty callers pay one system call between them. Reading takes whatever the
    socket holds and cuts it into frames, instead of three exact reads a frame.
    """

    def _connect(self, host: str, port: int, timeout: float | None) -> None:
        """Connect to the first address of the broker's name that answers."""
        if not patcher.is_monkey_patched("socket"):
            super()._connect(host, port, timeout)
            return
        *others, last = _lookup.addresses(host)
        for address in others:
            try:
                super()._connect(address, port, timeout)
            except OSError:
                continue
            return
        super()._connect(last, port, timeout)

    def _setup_transport(self) -> None:
        super()._setup_transport()
        self._incoming = b""
        self._offset = 0
        self._outgoing: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._flushing = False
        self._write = self._send_or_queue

    def read_frame(self, unpack: Any = None) -> tuple[int, int, bytes]:
        """The next frame; what was read of it before a timeout is kept for the next attempt."""
        while True:
            start, end = self._offset, len(self._incoming)
            if end - start >= 8:
                kind, channel, size = _frame_header.unpack_from(self._incoming, start)
                stop = start + 7 + size
                if end > stop:
                    if self._incoming[stop] != FRAME_END:
                        raise UnexpectedFrame(f"Received frame_end {self._incoming[stop]:#04x} while expecting 0xce")
                    payload = self._incoming[start + 7 : stop]
                    self._offset = stop + 1
                    return kind, channel, payload
            self._receive()

    def _receive(self) -> None:
        sock = self.sock
        if sock is None:
            raise OSError("connection closed")
        try:
            received = sock.recv(READ_SIZE)
        except TimeoutError:
            raise
        except OSError:
            self.connected = False
            raise
        if not received:
            self.connected = False
            raise OSError("Server unexpectedly closed connection")
        self._incoming = self._incoming[self._offset :] + received
        self._offset = 0

    def _send_or_queue(self, data: bytes | memoryview) -> None:
        while self._waiting_bytes > WRITE_BUFFER and self.connected:
            eventlet.sleep(0.005)
        sock = self.sock
        if sock is None:
            raise RecoverableConnectionError("connection closed")
        if not self._flushing:
            self._flushing = True
            eventlet.spawn_n(self._flush)
            try:
                sent = sock.fd.send(data)
            except BlockingIOError:
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
        # The memoryview shows py-amqp's shared buffer, which the next frame overwrites.
        self._outgoing.append(bytes(data))
        self._waiting_bytes += len(data)

    def _flush(self) -> None:
        try:
            while self._outgoing:
                together = b"".join(self._outgoing)
                self._outgoing.clear()
                self._waiting_bytes = 0
                sock = self.sock
                if sock is None:
                    return
                sock.sendall(together)
        except OSError:
            self.connected = False
            if self.sock is not None:
                # Wakes the reader with an error: it owns the connection and tells everybody.
                self.sock.close()
        finally:
            self._flushing = False


class BusChannel(pyamqp.Channel):
    """A channel with the few operations the bus needs, none of which reads: the connection's one reader does."""

    def __init__(self, connection: Any, channel_id: int | None = None, auto_decode: bool = False, on_open: Any = None):
        super().__init__(connection, channel_id, auto_decode=False, on_open=on_open)
        self._publish_arguments: dict[tuple[str, str, bool], bytes] = {}
        self._published = 0

    def send(
        self, exchange: str, routing_key: str, body: bytes, properties: dict[str, Any], *, mandatory: bool = False
    ) -> int:
        """Publish without waiting; the answer is the message's number on this channel, as confirms name it."""
        connection = self.connection
        if connection is None:
            raise RecoverableConnectionError("channel closed")
        key = (exchange, routing_key, mandatory)
        arguments = self._publish_arguments.get(key)
        if arguments is None:
            if len(self._publish_arguments) > 1000:
                self._publish_arguments.clear()
            arguments = dumps("Bssbb", (0, exchange, routing_key, mandatory, False))
            self._publish_arguments[key] = arguments
        connection.frame_writer(1, self.channel_id, spec.Basic.Publish, arguments, amqp.Message(body, **properties))
        self._published += 1
        return self._published

    def listen(self, queue: str, on_delivery: Callable[[Any], None], *, no_ack: bool = False) -> str:
        """Consume; `on_delivery` gets py-amqp's message and must not wait."""
        return str(self.basic_consume(queue, no_ack=no_ack, callback=on_delivery))

    def stop_listening(self, tag: str) -> None:
        """Ask for no more deliveries; those under way still arrive."""
        self.basic_cancel(tag, nowait=True)

    def limit(self, prefetch: int) -> None:
        """At most so many deliveries may be unacknowledged for each consumer."""
        self.basic_qos(0, prefetch, False)

    def on_return(self, callback: Callable[[str | None], None]) -> None:
        """Tell the correlation id of each mandatory message that no queue took."""
        self.events["basic_return"].add(lambda _e, _x, _k, message: callback(message.properties.get("correlation_id")))

    def confirm(self, callback: Callable[[int, bool, bool], None]) -> None:
        """From here on the broker confirms each message: `callback(number, multiple, taken)`."""
        self.confirm_select()
        self._published = 0
        self.events["basic_ack"].add(lambda number, multiple: callback(number, multiple, True))
        self.events["basic_nack"].add(lambda number, multiple: callback(number, multiple, False))


class BusConnection(pyamqp.Connection):
    """A connection on the coalescing transport; with TLS, on py-amqp's own."""

    Channel = BusChannel

    def Transport(  # noqa: N802 - py-amqp's hook
        self,
        host: str,
        connect_timeout: float | None,
        ssl: Any = False,
        read_timeout: float | None = None,
        write_timeout: float | None = None,
        socket_settings: Any = None,
        **options: Any,
    ) -> Any:
        """The transport for this connection."""
        settings = {**SOCKET_SETTINGS, **(socket_settings or {})}
        if ssl:
            return super().Transport(host, connect_timeout, ssl, read_timeout, write_timeout, settings, **options)
        return CoalescingTransport(
            host,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            write_timeout=write_timeout,
            socket_settings=settings,
        )

    def read_forever(self) -> None:
        """Dispatch frames until the connection ends, which raises."""
        read_frame = self.transport.read_frame
        while True:
            self.on_inbound_frame(read_frame())

    def farewell(self) -> None:
        """Ask the broker to close; its answer ends `read_forever` in the reader, so nobody reads twice."""
        self.send_method(spec.Connection.Close, "BsBB", (0, "", 0, 0))


class BusTransport(pyamqp.Transport):
    """kombu's transport over `BusConnection`."""

    Connection = BusConnection


class BusTlsTransport(pyamqp.SSLTransport):
    """The same over TLS."""

    Connection = BusConnection


TRANSPORT_ALIASES["yizhu"] = f"{__name__}:BusTransport"
TRANSPORT_ALIASES["yizhus"] = f"{__name__}:BusTlsTransport"
