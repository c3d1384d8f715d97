"""Which exchanges and queues exist: declared by a deploy step before any producer starts, from the contracts alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kombu import Exchange, Queue, binding

from ..contract import EventType
from .connection import is_in_process, open_connection
from .headers import next_message_id

RPC_EXCHANGE = "nameko-rpc"
#: Leads into one inbox alone, by its name: for operators, who deliver kept news once more. No service writes there.
REDELIVERY_EXCHANGE = "redelivery"

#: A backstop against a message that breaks every consumer; attempts are counted by the inbox, never by the broker.
DELIVERY_LIMIT = 1000

_REPLY_QUEUE = re.compile(r"reply\.[a-z_]+\.[0-9a-f-]+")

CLASSIC = "classic"
QUORUM = "quorum"


def request_queue_name(service: str) -> str:
    """The queue from which all instances of a service take requests."""
    return f"rpc-{service}"


def reply_queue_name(service: str) -> str:
    """A new name for one process's reply queue; it is the routing key too, so broker permissions can tell them."""
    return f"reply.{service}.{next_message_id()}"


def is_reply_queue(name: object) -> bool:
    """Whether an answer may go there.

    Anywhere else the broker refuses it and closes the channel, and the request comes back: whoever made it could so
    keep a service from working.
    """
    return isinstance(name, str) and _REPLY_QUEUE.fullmatch(name) is not None


def events_exchange_name(service: str) -> str:
    """Where a service announces."""
    return f"{service}.events"


def inbox_name(service: str) -> str:
    """The queue of everything that a service follows."""
    return f"{service}.inbox"


def bulk_inbox_name(service: str) -> str:
    """Its second queue, for mass publications."""
    return f"{service}.inbox.bulk"


def unreadable_name(service: str) -> str:
    """Exchange and queue of the messages that a service could not even read."""
    return f"{service}.inbox.unreadable"


def events_exchange(service: str) -> Exchange:
    """The exchange on which a service announces, for declaring it."""
    return Exchange(events_exchange_name(service), type="topic", durable=True)


def inbox_queue(service: str, events: Iterable[EventType], *, bulk: bool, kind: str) -> Queue:
    """A service's inbox, bound to each of these event types, and to the operators' exchange by its own name."""
    arguments: dict[str, Any] = {"x-dead-letter-exchange": unreadable_name(service)}
    if kind == QUORUM:
        arguments |= {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
        }
    elif kind == CLASSIC:
        arguments |= {"x-single-active-consumer": True}
    else:
        raise ValueError(f"EVENT_QUEUES must be {CLASSIC} or {QUORUM}, not {kind}")
    name = bulk_inbox_name(service) if bulk else inbox_name(service)
    redelivery = Exchange(REDELIVERY_EXCHANGE, type="direct", durable=True)
    return Queue(
        name,
        durable=True,
        queue_arguments=arguments,
        bindings=[
            *(binding(events_exchange(event.service), routing_key=event.name) for event in events),
            binding(redelivery, routing_key=name),
        ],
    )


def followed_events(handled: Iterable[EventType], known: Iterable[EventType]) -> list[EventType]:
    """Every type of each aggregate of which a service handles one type, so that the sequence is dense for it."""
    aggregates = {(event.service, event.aggregate) for event in handled}
    return sorted(
        {event for event in known if (event.service, event.aggregate) in aggregates} | set(handled),
        key=lambda event: event.name,
    )


def rpc_exchange(*, declared: bool = True) -> Exchange:
    """The exchange of requests and replies. Services take it as `declared`: only the deploy step may declare it."""
    return Exchange(RPC_EXCHANGE, type="topic", durable=True, no_declare=declared)


def reply_queue(name: str) -> Queue:
    """One process's reply queue: the only thing that a service declares itself, gone with its connection."""
    return Queue(name, rpc_exchange(), routing_key=name, durable=False, exclusive=True, auto_delete=True)


def declare_exchange(uri: str, service: str) -> None:
    """Declare the exchange on which a service announces."""
    connection = open_connection(uri)
    try:
        events_exchange(service)(connection.channel()).declare()
    finally:
        connection.release()


def declare_inbox(
    uri: str, service: str, handled: Iterable[EventType], known: Iterable[EventType], *, kind: str = CLASSIC
) -> list[EventType]:
    """Declare a service's two inbox queues and their bindings, and tell which event types they receive.

    `handled` are the types it has handlers for, `known` all types of all contracts. Repeating it does no harm; a
    binding that is no longer wanted is taken away by the operator, never by this.
    """
    followed = followed_events(handled, known)
    connection = open_connection(uri)
    try:
        channel = connection.channel()
        for announcing in sorted({event.service for event in followed}):
            events_exchange(announcing)(channel).declare()
        letters = Exchange(unreadable_name(service), type="fanout", durable=True)
        Queue(unreadable_name(service), letters, durable=True)(channel).declare()
        for bulk in (False, True):
            queue = inbox_queue(
                service, [event for event in followed if event.bulk is bulk], bulk=bulk, kind=_kind(uri, kind)
            )
            queue(channel).declare()
    finally:
        connection.release()
    return followed


def declare_rpc(uri: str, services: Iterable[str]) -> None:
    """Declare the exchange of all calls, and the services' request queues; services come and go without touching them.

    So a call made before its service starts waits for it until the deadline.
    """
    connection = open_connection(uri)
    try:
        channel = connection.channel()
        exchange = rpc_exchange(declared=False)
        exchange(channel).declare()
        for service in services:
            Queue(request_queue_name(service), exchange, routing_key=f"{service}.*", durable=True)(channel).declare()
    finally:
        connection.release()


def _kind(uri: str, kind: str) -> str:
    return CLASSIC if is_in_process(uri) else kind
