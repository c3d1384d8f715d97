"""The inbox: handlers of other services' news; each event applied once, in the order of its aggregate.

@on_event(applications.APPLICATION_SUBMITTED)
def application_submitted(self, event: Event, uow: ReviewUnitOfWork, prepared: object) -> None:
    ...  # one transaction with the inbox row: writes and announces, never commits, never calls

@application_submitted.prepare
def prepare_submission(self, event: Event) -> object:
    ...  # optional: may call other services, holds no transaction
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from nameko.extensions import Entrypoint, register_entrypoint

from .contract import EventType
from .events import Event

__all__ = ["Event", "EventHandler", "HandlerFunction", "on_event"]

Function = TypeVar("Function", bound=Callable[..., Any])


class HandlerFunction(Protocol):
    """What `on_event` makes of a method."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Apply an event."""

    def prepare(self, function: Function) -> Function:
        """Decorator: `function(self, event)` runs before the transaction, its result is `prepared`."""


class EventHandler(Entrypoint):
    """Entry point for one event type."""

    def __init__(self, event_type: EventType, **kwargs: Any) -> None:
        self.event_type = event_type
        super().__init__(**kwargs)


def on_event(event_type: EventType) -> Callable[[Callable[..., None]], HandlerFunction]:
    """Make a method the handler of one event type; see the module's docstring for its two parts."""

    def decorate(method: Callable[..., None]) -> HandlerFunction:
        register_entrypoint(method, EventHandler(event_type))
        handler = cast(Any, method)

        def prepare(function: Function) -> Function:
            handler.preparation = function.__name__
            return function

        handler.prepare = prepare
        return cast(HandlerFunction, method)

    return decorate
