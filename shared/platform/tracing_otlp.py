"""The OpenTelemetry side of tracing: one exporter a process, one tracer a service in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from . import tracing

_PROPAGATOR: Final = TraceContextTextMapPropagator()
_KINDS: Final = {kind.name.lower(): kind for kind in SpanKind}


class OtlpTracing:
    """Spans to an OTLP collector; each service of the process is a resource of its own."""

    def __init__(self, endpoint: str, origin: str) -> None:
        """`endpoint` is the collector's base address; a collector that is away costs spans, never a request."""
        self._origin = origin
        self._batches = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
        self._tracers: dict[str, trace.Tracer] = {}

    def span(
        self, service: str, name: str, kind: str, parent: str | None, facts: Mapping[str, str | int]
    ) -> tracing.Span:
        """A span; `parent` None means the current one, an empty text that there is none."""
        context = None if parent is None else _PROPAGATOR.extract({tracing.TRACEPARENT: parent}, Context())
        return _Span(self._tracer(service), name, _KINDS[kind], context, facts)

    def traceparent(self) -> str | None:
        """The current span in W3C form."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get(tracing.TRACEPARENT)

    def close(self) -> None:
        """Send what is left, for some seconds."""
        self._batches.force_flush(int(tracing.FLUSH_SECONDS * 1000))
        self._batches.shutdown()

    def _tracer(self, service: str) -> trace.Tracer:
        known = self._tracers.get(service)
        if known is None:
            resource = Resource.create({"service.name": service, "deployment.environment.name": self._origin})
            provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            provider.add_span_processor(self._batches)
            known = self._tracers[service] = provider.get_tracer("yizhu")
        return known


class _Span:
    """A span that tells the kind of what went wrong, and none of its text."""

    def __init__(
        self,
        tracer: trace.Tracer,
        name: str,
        kind: SpanKind,
        context: Context | None,
        facts: Mapping[str, str | int],
    ) -> None:
        self._span = tracer.start_span(
            name,
            context,
            kind=kind,
            attributes={f"yizhu.{fact}": value for fact, value in facts.items() if value},
            record_exception=False,
            set_status_on_exception=False,
        )

    def __enter__(self) -> Self:
        self._token = attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.failed(tracing.kind_of(error))
        detach(self._token)
        self._span.end()

    def failed(self, kind: str) -> None:
        """Mark it with the kind of the error."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def tell(self, name: str, value: str | int) -> None:
        """Add an attribute."""
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """Change the name."""
        self._span.update_name(name)
