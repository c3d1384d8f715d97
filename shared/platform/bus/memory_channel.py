"""The channel of the in-process bus: exchanges and bindings are kombu's, queues and acknowledgements our own.

It does for the bus what `transport.BusChannel` does on RabbitMQ, and speaks kombu's own API beside it, for declaring
and for plain kombu clients.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from amqp.exceptions import RecoverableConnectionError
from kombu.exceptions import ChannelError
from kombu.transport import memory, virtual

from .memory_queues import Delivery, Listener, MemoryQueue, Parcel, Settlement

#: Properties that kombu's virtual transports add for themselves.
_KOMBU_ONLY = frozenset({"delivery_info", "delivery_tag", "body_encoding"})


class Message(virtual.Message):
    """kombu's message, for consumers that were made with kombu's own API."""

    def __init__(self, payload: Any, channel: Any = None, **options: Any) -> None:
        super().__init__(payload, channel=channel, **options)
        self.properties.setdefault("content_type", self.content_type)


class Channel(memory.Channel):
    """One channel; exchanges and bindings are kombu's, queues and acknowledgements our own."""

    Message = Message
    queues: dict[str, MemoryQueue] = {}
    routes: dict[tuple[str, str], list[str]] = {}
    body_encoding = None
    _tags = itertools.count(1)

    def __init__(self, connection: Any, **options: Any) -> None:
        super().__init__(connection, **options)
        self.closed: bool = False
        self._listeners: dict[str, Listener] = {}
        self._unacknowledged: dict[int, tuple[Parcel, Listener]] = {}
        self._prefetch = 0
        self._returned: Callable[[str | None], None] | None = None
        self._confirmed: Callable[[int, bool, bool], None] | None = None
        self._published = 0
        self._turns = 0

    # What the bus uses, as `transport.BusChannel` has it.

    def send(
        self, exchange: str, routing_key: str, body: bytes, properties: dict[str, Any], *, mandatory: bool = False
    ) -> int:
        """Publish without waiting; the answer is the message's number on this channel."""
        if self.connection is None:
            raise RecoverableConnectionError("channel closed")
        self._published += 1
        number, confirmed = self._published, self._confirmed
        queues = self._queues_for(exchange, routing_key)
        if not queues:
            if mandatory and self._returned is not None:
                self._returned(properties.get("correlation_id"))
            if confirmed is not None:
                confirmed(number, False, True)
            return number
        settlement = None if confirmed is None else Settlement(len(queues), lambda: confirmed(number, False, True))
        parcel = Parcel(body, properties, exchange, routing_key, settlement)
        for name in queues:
            queue = self.queues[name]
            queue.append(parcel.into(name))
            queue.wake()
        return number

    def listen(self, queue: str, on_delivery: Callable[[Any], None], *, no_ack: bool = False) -> str:
        """Consume; `on_delivery` gets a `Delivery` and must not wait."""
        return self._add_listener(queue, on_delivery, no_ack, plain=True, tag="")

    def stop_listening(self, tag: str) -> None:
        """No further deliveries."""
        self.basic_cancel(tag)

    def limit(self, prefetch: int) -> None:
        """At most so many deliveries may be unacknowledged for each consumer."""
        self._prefetch = prefetch

    def on_return(self, callback: Callable[[str | None], None]) -> None:
        """Tell the correlation id of each mandatory message that no queue took."""
        self._returned = callback

    def confirm(self, callback: Callable[[int, bool, bool], None]) -> None:
        """From here on each message is confirmed, once every bound queue has acknowledged it."""
        self._confirmed = callback
        self._published = 0

    def deliver_one(self) -> bool:
        """Hand one waiting message to its listener, the queues taking turns; False if there was none to hand over."""
        listeners = list(self._listeners.values())
        for turn in range(len(listeners)):
            listener = listeners[(self._turns + turn) % len(listeners)]
            if self._prefetch and listener.held >= self._prefetch:
                continue
            parcel = self._take(listener.queue)
            if parcel is not None:
                self._turns += turn + 1
                self._hand_over(parcel, listener)
                return True
        return False

    def _hand_over(self, parcel: Parcel, listener: Listener) -> None:
        tag = next(self._tags)
        if listener.no_ack:
            parcel.settle()
        else:
            self._unacknowledged[tag] = (parcel, listener)
            listener.held += 1
        listener.callback(
            Delivery(parcel, tag, self) if listener.plain else Message(self._kombu_payload(parcel, tag), channel=self)
        )

    def _take(self, queue: str) -> Parcel | None:
        waiting = self.queues.get(queue)
        while waiting:
            parcel = waiting.popleft()
            if parcel.expires is None or parcel.expires > time.monotonic():
                return parcel
            parcel.settle()
        return None

    def _queues_for(self, exchange: str, routing_key: str) -> list[str]:
        known = self.routes.get((exchange, routing_key))
        if known is not None:
            return known
        if exchange:
            self._require_exchange(exchange)
            found = [queue for queue in self._lookup(exchange, routing_key) if queue in self.queues]
        else:
            found = [routing_key] if routing_key in self.queues else []
        if len(self.routes) > 10_000:
            self.routes.clear()
        self.routes[exchange, routing_key] = found
        return found

    def _require_exchange(self, exchange: str) -> None:
        if exchange not in self.state.exchanges:
            raise ChannelError(f"NOT_FOUND - no exchange {exchange!r}", (60, 40), "Basic.publish", "404")

    def _add_listener(self, queue: str, callback: Callable[[Any], None], no_ack: bool, *, plain: bool, tag: str) -> str:
        if queue not in self.queues:
            raise ChannelError(f"NOT_FOUND - no queue {queue!r}", (60, 20), "Basic.consume", "404")
        tag = tag or f"consumer-{next(self._tags)}"
        self._listeners[tag] = Listener(queue, callback, no_ack=no_ack, plain=plain)
        self._consumers.add(tag)
        self.queues[queue].readers.append(self.connection)
        self.connection.something_to_read.set()
        return tag

    # kombu's own API, for declaring and for plain kombu clients.

    def _new_queue(
        self,
        queue: str,
        auto_delete: bool = False,
        exclusive: bool = False,
        arguments: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        self.routes.clear()
        kept = self.queues.setdefault(queue, MemoryQueue())
        arguments = arguments or {}
        kept.ends_with_consumer = bool(auto_delete or exclusive or arguments.get("x-expires"))
        kept.dead_letter_exchange = arguments.get("x-dead-letter-exchange", "")

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return queue in self.queues

    def _size(self, queue: str) -> int:
        return len(self.queues.get(queue, ()))

    def _purge(self, queue: str) -> int:
        waiting = self.queues.get(queue)
        count = 0
        while waiting:
            waiting.popleft().settle()
            count += 1
        return count

    def queue_bind(self, queue: str, exchange: str | None = None, *arguments: Any, **options: Any) -> None:
        """Bind a queue to an exchange."""
        if exchange:
            self._require_exchange(exchange)
        self.routes.clear()
        super().queue_bind(queue, exchange, *arguments, **options)

    def queue_unbind(self, *arguments: Any, **options: Any) -> None:
        """Take a binding away."""
        self.routes.clear()
        super().queue_unbind(*arguments, **options)

    def queue_delete(self, queue: str, if_unused: bool = False, if_empty: bool = False, **_: Any) -> None:
        """Delete a queue with its bindings and what it holds."""
        kept = self.queues.get(queue)
        if kept is None or (if_empty and kept) or (if_unused and kept.readers):
            return
        for exchange, _key, _arguments in list(self.state.queue_bindings(queue)):
            table = self.state.exchanges[exchange]["table"]
            table[:] = [binding for binding in table if binding[2] != queue]
        self.state.queue_bindings_delete(queue)
        self._purge(queue)
        del self.queues[queue]
        self.routes.clear()

    def basic_publish(
        self, message: Any, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> None:
        """Publish a message that kombu prepared; a mandatory one without a queue raises."""
        if mandatory and not self._queues_for(exchange, routing_key):
            raise ChannelError("NO_ROUTE", (60, 50), "Basic.return", "312")
        body = message["body"]
        properties = {
            "content_type": message["content-type"],
            "content_encoding": message["content-encoding"],
            "application_headers": message["headers"],
            **{name: value for name, value in message["properties"].items() if name not in _KOMBU_ONLY},
        }
        self.send(exchange, routing_key, body.encode() if isinstance(body, str) else bytes(body), properties)

    def basic_consume(
        self, queue: str, no_ack: bool = False, callback: Any = None, consumer_tag: str = "", **_: Any
    ) -> str:
        """Consume with kombu's message class."""
        return self._add_listener(queue, callback, no_ack, plain=False, tag=consumer_tag)

    def basic_get(self, queue: str, no_ack: bool = False, **_: Any) -> Any:
        """One message, or None."""
        parcel = self._take(queue)
        if parcel is None:
            return None
        got: list[Any] = []
        self._hand_over(parcel, Listener(queue, got.append, no_ack=no_ack, plain=False))
        return got[0]

    def basic_cancel(self, consumer_tag: str, **_: Any) -> None:
        """Stop a consumer; its queue may end with it."""
        listener = self._listeners.pop(consumer_tag, None)
        self._consumers.discard(consumer_tag)
        if listener is None:
            return
        queue = self.queues.get(listener.queue)
        if queue is not None:
            queue.readers.remove(self.connection)
            if queue.ends_with_consumer and not queue.readers:
                self.queue_delete(listener.queue)

    def basic_qos(self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False) -> None:
        """Limit the unacknowledged deliveries of this channel."""
        self._prefetch = prefetch_count

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        """A delivery is dealt with."""
        parcel = self._release(delivery_tag)
        if parcel is not None:
            parcel.settle()

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        """A delivery goes back to the front of its queue, or to the dead-letter exchange, or away."""
        parcel = self._release(delivery_tag)
        if parcel is None:
            return
        if requeue:
            self._give_back(parcel)
            return
        kept = self.queues.get(parcel.queue)
        if kept is not None and kept.dead_letter_exchange:
            self.send(kept.dead_letter_exchange, parcel.routing_key, parcel.body, parcel.properties)
        parcel.settle()

    def _release(self, tag: int) -> Parcel | None:
        parcel, listener = self._unacknowledged.pop(tag, (None, None))
        if listener is not None:
            listener.held -= 1
            if self._prefetch:
                self.connection.something_to_read.set()
        return parcel

    def basic_recover(self, requeue: bool = True) -> None:
        """Everything unacknowledged goes back, in its order."""
        for tag in sorted(self._unacknowledged, reverse=True):
            parcel = self._release(tag)
            if parcel is not None:
                self._give_back(parcel)

    def _give_back(self, parcel: Parcel) -> None:
        queue = self.queues.get(parcel.queue)
        if queue is None:
            parcel.settle()
            return
        parcel.redelivered = True
        queue.appendleft(parcel)
        queue.wake()

    def _kombu_payload(self, parcel: Parcel, tag: int) -> dict[str, Any]:
        info = {"exchange": parcel.exchange, "routing_key": parcel.routing_key, "redelivered": parcel.redelivered}
        return {
            "body": parcel.body,
            "content-type": parcel.properties.get("content_type"),
            "content-encoding": parcel.properties.get("content_encoding"),
            "headers": parcel.properties.get("application_headers") or {},
            "properties": {**parcel.properties, "delivery_tag": tag, "delivery_info": info},
        }

    def close(self) -> None:
        """Stop consuming; what was not acknowledged goes back."""
        if self.closed:
            return
        # First the way back, then the cancelling: an exclusive queue ends with its consumer and takes its own along.
        self.basic_recover()
        for tag in list(self._listeners):
            self.basic_cancel(tag)
        self.closed = True
        if self.connection is not None:
            self.connection.close_channel(self)
        self.exchange_types = None
