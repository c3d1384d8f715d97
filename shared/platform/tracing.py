"""Traces across HTTP, RPC and events (OpenTelemetry), off by default; off, a span costs nothing worth measuring.

A span tells which part did what, for how long, and of which kind an error was: never what an exception says, an address
with an id, or anything of a person. The context travels as W3C `traceparent`, in the headers of a call and in the
envelope of an event, so that an event's handling stands under the request that set it off, also when it comes later.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final, Protocol, Self

from .errors import DomainError

TRACEPARENT: Final = "traceparent"
INTERNAL: Final = "internal"
#: Seconds that a process which ends gives the exporter for what it still has.
FLUSH_SECONDS: Final = 3.0


class Span(Protocol):
    """A piece of work under way, used as a context manager."""

    def __enter__(self) -> Self:
        """It begins, and is what further spans of this green thread stand under."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It ends; what is raised marks it by its kind."""

    def failed(self, kind: str) -> None:
        """It ends badly without raising."""

    def tell(self, name: str, value: str | int) -> None:
        """One more fact, never about a person."""

    def rename(self, name: str) -> None:
        """A better name is known now."""


class _Off:
    """The span of a process that doesn't trace."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        return None

    def failed(self, kind: str) -> None:
        return None

    def tell(self, name: str, value: str | int) -> None:
        return None

    def rename(self, name: str) -> None:
        return None


class Tracing(Protocol):
    """What a process that traces has; `OtlpTracing` is the only one."""

    def span(self, service: str, name: str, kind: str, parent: str | None, facts: Mapping[str, str | int]) -> Span:
        """A span of a service."""

    def traceparent(self) -> str | None:
        """The current span, for a message."""

    def close(self) -> None:
        """Send what is left."""


_OFF: Final = _Off()
_active: Tracing | None = None


def start(endpoint: str, origin: str) -> None:
    """Trace from now on, to an OTLP collector over HTTP."""
    global _active
    # Only a process that traces pays for the libraries.
    from .tracing_otlp import OtlpTracing

    _active = OtlpTracing(endpoint, origin)


def stop() -> None:
    """Send what is left and trace no more."""
    global _active
    ending, _active = _active, None
    if ending is not None:
        ending.close()


def span(service: str, name: str, kind: str = "internal", **facts: str | int) -> Span:
    """A span under the current one; `kind` is server, client, producer, consumer or internal."""
    return _OFF if _active is None else _active.span(service, name, kind, None, facts)


def span_under(carried: str | None, service: str, name: str, kind: str, **facts: str | int) -> Span:
    """A span under the one that a message came from; without one it begins a trace of its own."""
    return _OFF if _active is None else _active.span(service, name, kind, carried or "", facts)


def carry(headers: MutableMapping[str, Any]) -> None:
    """Let the current span travel with a message."""
    if _active is not None and (carried := _active.traceparent()) is not None:
        headers[TRACEPARENT] = carried


def kind_of(error: BaseException) -> str:
    """The kind of an error as figures and spans tell it: one of the closed set, or `internal`."""
    return error.kind if isinstance(error, DomainError) else INTERNAL
