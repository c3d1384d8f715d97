"""The inbox of a service: its handlers of other services' news, each event applied once and in order.

    @on_event(applications.APPLICATION_SUBMITTED)
    def application_submitted(self, event: Event, uow: ReviewUnitOfWork, prepared: Snapshot) -> None:
        ...  # in one transaction with the inbox row: reads, writes and announces; never commits, never calls

    @application_submitted.prepare
    def fetch_snapshot(self, event: Event) -> Snapshot:
        ...  # optional, for what comes from other services: no transaction is open

What a handler raises parks its event and those that follow in the same aggregate; `Unavailable` pauses the inbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Protocol, TypeVar, cast

import eventlet
from eventlet.event import Event as Signal
from nameko.containers import WorkerContext
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from .bus.consumer import QueueConsumer, Verdict
from .bus.depths import QueueDepths
from .bus.headers import CAUSATION, CORRELATION
from .bus.messages import IncomingMessage
from .bus.topology import bulk_inbox_name, inbox_name
from .config import settings_of
from .contract import EventType
from .database import UnitOfWorkProvider
from .errors import Unavailable
from .events import Envelope, Event
from .inbox_process import Handler, Handling, InboxProcess
from .logging import bound, get_logger
from .unit_of_work import UnitOfWork
from .work_context import WorkContext

__all__ = ["Event", "EventHandler", "HandlerFunction", "Inbox", "handled_types", "on_event"]

#: How often the inbox looks for kept events whose turn and time have come.
RETRY_SECONDS: Final = 2.0

Function = TypeVar("Function", bound=Callable[..., Any])

_log = get_logger(__name__)


class Inbox(SharedExtension):
    """Reads the two inbox queues of a service, and comes back to what it kept."""

    def __init__(self) -> None:
        self._handlings: dict[str, Handling] = {}
        self._stopping = Signal()
        self._consumer: QueueConsumer | None = None

    def register(self, handling: Handling) -> None:
        """Add a handler; an event type has one in a service."""
        name = handling.event_type.name
        if name in self._handlings:
            raise ValueError(f"{self.container.service_name} handles {name} twice")
        self._handlings[name] = handling

    def start(self) -> None:
        """Begin to read; also while broker or database is away."""
        settings = settings_of(self.container)
        provider = self._provider()

        def open_unit(envelope: Envelope | None, *, read_only: bool) -> UnitOfWork:
            context = WorkContext.of_service(
                settings.service,
                settings.origin,
                correlation_id=None if envelope is None else envelope.correlation_id,
                causation_id=None if envelope is None else str(envelope.id),
            )
            unit: UnitOfWork = provider.unit_in(context, read_only=read_only)
            return unit

        self._process = InboxProcess(open_unit, self._handlings, service=settings.service)
        queues = [inbox_name(settings.service), bulk_inbox_name(settings.service)]
        self._depths = QueueDepths(settings.amqp_uri, queues)
        self._consumer = QueueConsumer(settings.amqp_uri, queues, self._handle, name=f"{settings.service} inbox")
        self.container.spawn_managed_thread(self._consumer.run, identifier="inbox")
        self.container.spawn_managed_thread(self._retry, identifier="inbox-retry")

    def wait_until_reading(self, timeout: float) -> bool:
        """Whether events are being read, within `timeout` seconds."""
        return self._consumer is not None and self._consumer.wait_until_reading(timeout)

    def depths(self) -> dict[str, int]:
        """How many messages wait in each of its queues, those at hand here included; empty while the broker is away."""
        if self._consumer is None or not self._consumer.wait_until_reading(0):
            return {}
        here = self._consumer.at_hand()
        return {queue: depth + here.get(queue, 0) for queue, depth in self._depths.read().items()}

    def drain(self) -> None:
        """Take no more events and finish those at hand. Safe to ask more than once."""
        if self._stopping.ready():
            return
        self._stopping.send(None)
        if self._consumer is not None:
            self._consumer.stop()

    def _handle(self, message: IncomingMessage) -> Verdict:
        return self._process.receive(message.body)

    def _retry(self) -> None:
        while not self._stopping.ready():
            try:
                self._process.retry_due()
            except Unavailable as error:
                _log.info("inbox_retries_later", reason=error.code)
            with eventlet.Timeout(RETRY_SECONDS, False):
                self._stopping.wait()

    def _provider(self) -> UnitOfWorkProvider[Any]:
        for dependency in self.container.dependencies:
            if isinstance(dependency, UnitOfWorkProvider):
                return dependency
        raise RuntimeError(f"{self.container.service_name} handles events and has no UnitOfWorkProvider")


class HandlerFunction(Protocol):
    """What `on_event` makes of a method."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Apply an event."""

    def prepare(self, function: Function) -> Function:
        """Decorator: `function(self, event)` runs before the transaction, and its result is `prepared`."""


class EventHandler(Entrypoint):
    """Entry point for one event type."""

    inbox = Inbox()

    def __init__(self, event_type: EventType, **kwargs: Any) -> None:
        self.event_type = event_type
        super().__init__(**kwargs)

    def setup(self) -> None:
        """Register with the service's one inbox."""
        method = getattr(self.container.service_cls, self.method_name)
        preparation: str | None = getattr(method, "preparation", None)

        def begin(event: Event) -> AbstractContextManager[Handler]:
            return self._worker(event, preparation)

        self.inbox.register(Handling(self.event_type, preparation is not None, begin))

    def stop(self) -> None:
        """Finish what is at work, before the container stops the dependencies that it uses."""
        self.inbox.drain()

    @contextmanager
    def _worker(self, event: Event, preparation: str | None) -> Iterator[Handler]:
        """A service instance with its dependencies, in the consumer's own greenlet: one event after another."""
        container = self.container
        data = {CORRELATION: event.correlation_id, CAUSATION: str(event.id)}
        context = WorkerContext(container, container.service_cls(), self, (event,), data=data)
        with bound(correlation_id=event.correlation_id, event_id=event.id, event_type=event.type):
            container._inject_dependencies(context)
            container._worker_setup(context)
            try:
                yield _Methods(context.service, self.method_name, preparation)
            finally:
                container._worker_teardown(context)


class _Methods:
    """The two parts of a handler on one service instance."""

    def __init__(self, service: Any, apply: str, prepare: str | None) -> None:
        self._prepare = None if prepare is None else getattr(service, prepare)
        self._apply = getattr(service, apply)

    def prepare(self, event: Event) -> Any:
        return None if self._prepare is None else self._prepare(event)

    def apply(self, event: Event, uow: Any, prepared: Any) -> None:
        self._apply(event, uow, prepared)


def on_event(event_type: EventType) -> Callable[[Callable[..., None]], HandlerFunction]:
    """Make a method the handler of one event type; the module's docstring shows its two parts."""

    def decorate(method: Callable[..., None]) -> HandlerFunction:
        register_entrypoint(method, EventHandler(event_type))
        handler = cast(Any, method)

        def prepare(function: Function) -> Function:
            handler.preparation = function.__name__
            return function

        handler.prepare = prepare
        return cast(HandlerFunction, method)

    return decorate


def handled_types(service_cls: type) -> list[EventType]:
    """The event types that a service class has handlers for; its queues are declared from them."""
    methods = (getattr(service_cls, name) for name in dir(service_cls))
    entrypoints = (point for method in methods for point in getattr(method, "nameko_entrypoints", ()))
    found = {point.event_type for point in entrypoints if isinstance(point, EventHandler)}
    return sorted(found, key=lambda event_type: event_type.name)
