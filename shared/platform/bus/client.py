"""The calling side of RPC: one connection a process and service, every call with a deadline, every failure typed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from eventlet import hubs
from nameko import config
from nameko.extensions import DependencyProvider, SharedExtension

from ..contract import RpcMethod
from ..tallies import TALLIES, Durations
from ..tracing import carry, kind_of, span
from .codec import CONTENT_ENCODING, CONTENT_TYPE, codec_of, from_json, to_json
from .connection import CONNECTION_ERRORS, Link, login_of
from .errors import RemoteFault, error_from_wire, service_unavailable
from .guard import require_waiting_allowed
from .headers import CAUSATION, CORRELATION, DEADLINE, IDEMPOTENCY, IDENTITY, CallContext, next_message_id
from .topology import RPC_EXCHANGE, reply_queue, reply_queue_name
from .waiting import Waiter

_LABELS = ("service", "target", "method")
CALLED = TALLIES.durations(
    "yizhu_rpc_call_duration_seconds", "Calls made, from the decision to call to the loaded answer", _LABELS
)
CALLS_FAILED = TALLIES.counts(
    "yizhu_rpc_call_errors", "Calls made that were refused, failed or not answered, by kind", (*_LABELS, "kind")
)

#: Gives a service's own identity token, for what it does without a caller.
TokenSource = Callable[[Any], str]

#: Seconds between two looks at the deadlines of the calls under way.
SWEEP = 0.05


class _Pending(Waiter):
    """A call under way: what it waits for, and until when."""

    __slots__ = ("deadline", "service")

    def __init__(self, service: str, deadline: float) -> None:
        super().__init__()
        self.service = service
        self.deadline = deadline


class CallLink(SharedExtension):
    """The one connection over which a service calls others: its reply queue, and the calls that wait for a reply.

    Calls under way when the connection is lost fail at once; calls made while it is away wait for it until their
    deadline. The reply queue is exclusive: it ends with the connection, so a late reply has nowhere to pile up.
    """

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}
        self._sweeping = False

    def setup(self) -> None:
        """Make the link; it connects in `start`."""
        self._reply_to = reply_queue_name(self.container.service_name)
        # RabbitMQ vouches for this property: it takes no message that names another user than the connection's.
        login = login_of(config["AMQP_URI"])
        self._signature = {} if login is None else {"user_id": login}
        self._link = Link(
            config["AMQP_URI"], f"{self.container.service_name} calls", on_open=self._open, on_lost=self._fail_all
        )

    def start(self) -> None:
        """Connect; the container starts even while the broker is away, its calls then wait until their deadline."""
        self.container.spawn_managed_thread(self._link.run)

    def wait_until_calling(self, timeout: float) -> bool:
        """Whether replies are being read, within `timeout` seconds."""
        return self._link.wait_open(timeout) is not None

    def stop(self) -> None:
        """Close the connection; whoever still waits is told."""
        self._link.stop()
        self._fail_all()

    def kill(self) -> None:
        """The same without grace."""
        self._link.stop(grace=0)
        self._fail_all()

    def request(self, service: str, path: str, body: bytes, headers: dict[str, Any], deadline: float) -> Any:
        """Send one request and wait for its answer until `deadline` (monotonic seconds); the decoded answer."""
        link = self._link
        channel = link.channel or link.wait_open(deadline - time.monotonic())
        left = deadline - time.monotonic()
        if channel is None or left <= 0:
            raise service_unavailable(service)
        message_id = next_message_id()
        call = _Pending(service, deadline)
        self._pending[message_id] = call
        try:
            channel.send(
                RPC_EXCHANGE,
                path,
                body,
                {
                    "content_type": CONTENT_TYPE,
                    "content_encoding": CONTENT_ENCODING,
                    "application_headers": headers,
                    "delivery_mode": 1,
                    "correlation_id": message_id,
                    "reply_to": self._reply_to,
                    "expiration": str(int(left * 1000) or 1),
                    **self._signature,
                },
                mandatory=True,
            )
            if not self._sweeping:
                self._sweeping = True
                hubs.get_hub().schedule_call_global(SWEEP, self._sweep)
            call.wait()
        except CONNECTION_ERRORS:
            raise service_unavailable(service) from None
        finally:
            self._pending.pop(message_id, None)
        answer = call.value
        if answer is None:
            raise service_unavailable(service)
        return answer

    def _open(self, channel: Any) -> None:
        reply_queue(self._reply_to)(channel).declare()
        channel.on_return(self._fail)
        channel.listen(self._reply_to, self._on_reply, no_ack=True)

    def _on_reply(self, delivery: Any) -> None:
        call = self._pending.pop(delivery.properties.get("correlation_id"), None)
        if call is not None:
            call.wake(delivery.body)

    def _fail(self, message_id: str | None) -> None:
        call = self._pending.pop(message_id or "", None)
        if call is not None:
            call.wake(None)

    def _fail_all(self) -> None:
        for message_id in list(self._pending):
            self._fail(message_id)

    def _sweep(self) -> None:
        """Fail what is overdue; one timer for all calls, and none while there are no calls."""
        now = time.monotonic()
        pending = self._pending
        for message_id in [message_id for message_id, call in pending.items() if call.deadline <= now]:
            self._fail(message_id)
        self._sweeping = bool(pending)
        if self._sweeping:
            nearest = min(call.deadline for call in pending.values()) - now
            hubs.get_hub().schedule_call_global(min(SWEEP, max(nearest, 0.001)), self._sweep)


class Bus:
    """What a service's method sees as `self.bus`: calls on behalf of the caller, or of the service itself."""

    __slots__ = ("_calls", "_context", "_nested", "_provider", "_serves_itself")

    def __init__(self, provider: BusClient, context: CallContext, *, serves_itself: bool, nested: bool) -> None:
        self._provider = provider
        self._context = context
        self._serves_itself = serves_itself
        self._nested = nested
        self._calls = 0

    def call(
        self,
        contract: RpcMethod[Any, Any],
        payload: Mapping[str, Any] | None = None,
        /,
        *,
        as_service: bool = False,
        idempotency_key: str | None = None,
        within: float | None = None,
        **fields: Any,
    ) -> Any:
        """Call another service and return its answer, loaded with the contract's schema.

        The payload is a mapping or keyword arguments. Refusals of the callee are raised as what they are;
        `Unavailable("service_unavailable")` says that no answer came before the deadline, which is the contract's,
        `within` seconds or the caller's own, whichever comes first; `RemoteFault` that the callee failed. Raises
        `RuntimeError` while a unit of work is open.
        """
        require_waiting_allowed(f"call of {contract.path}")
        provider = self._provider
        began = time.perf_counter()
        try:
            with span(provider.service_name, contract.path, "client"):
                return self._ask(
                    contract, fields if payload is None else {**payload, **fields}, as_service, idempotency_key, within
                )
        except Exception as error:
            CALLS_FAILED.of(provider.service_name, contract.service, contract.name, kind_of(error)).add()
            raise
        finally:
            provider.durations_of(contract).add(time.perf_counter() - began)

    def _ask(
        self,
        contract: RpcMethod[Any, Any],
        payload: Mapping[str, Any],
        as_service: bool,
        idempotency_key: str | None,
        within: float | None,
    ) -> Any:
        codec = codec_of(contract)
        command = codec.dump_request(payload)
        body = to_json({"args": [], "kwargs": {"command": command}})
        context = self._context
        seconds = contract.deadline if within is None else min(within, contract.deadline)
        now = time.time()
        if context.deadline is not None:
            seconds = min(seconds, context.deadline - now)
        correlation_id = context.correlation_id or next_message_id()
        headers: dict[str, Any] = {CORRELATION: correlation_id, DEADLINE: int((now + seconds) * 1000)}
        identity = self._provider.own_token() if as_service or self._serves_itself else context.identity
        if identity is not None:
            headers[IDENTITY] = identity
        if context.causation_id is not None:
            headers[CAUSATION] = context.causation_id
        carry(headers)
        if contract.writes:
            key = idempotency_key or self._key_for(contract)
            if key is not None:
                headers[IDEMPOTENCY] = key
        raw = self._provider.link.request(contract.service, contract.path, body, headers, time.monotonic() + seconds)
        answer = from_json(raw)
        error = answer.get("error")
        if error is not None:
            raise error_from_wire(error, contract.path, correlation_id)
        try:
            return codec.load_answer(answer.get("result"))
        except Exception as malformed:
            # An answer that is not of the agreed form is the callee's fault, never the input's of our own caller.
            raise RemoteFault(contract.path, correlation_id) from malformed

    def _key_for(self, contract: RpcMethod[Any, Any]) -> str | None:
        """The key of this write: the request's own at the edge; further in, one derived from it by place and order.

        A retried request makes the same calls in the same order, so each finds its own answer again.
        """
        key = self._context.idempotency_key
        if key is None or not self._nested:
            return key
        self._calls += 1
        return f"{key}:{contract.path}:{self._calls}"


class BusClient(DependencyProvider):
    """`self.bus` of a service, and, through `bus_for`, the way onto the bus for code outside its workers.

    In the worker of an RPC the caller's identity, correlation id, deadline and idempotency key travel on; in any other
    worker (event handler, timer) the service speaks for itself.
    """

    link = CallLink()

    def __init__(self, token_source: TokenSource | None = None) -> None:
        self._token_source = token_source or _token_of_service
        self._durations: dict[str, Durations] = {}

    def get_dependency(self, worker_ctx: Any) -> Bus:
        """The bus as seen from one worker."""
        call = getattr(worker_ctx, "rpc_call", None)
        if call is None:
            context = CallContext.from_headers(worker_ctx.data)
            return Bus(self, context, serves_itself=True, nested=True)
        arrived = CallContext.from_headers(call.headers)
        context = CallContext(
            arrived.identity, arrived.correlation_id, call.message_id, arrived.idempotency_key, arrived.deadline
        )
        return Bus(self, context, serves_itself=False, nested=True)

    def bus_for(self, context: CallContext) -> Bus:
        """The bus for code that runs outside nameko's workers, such as an HTTP request in the gateway."""
        return Bus(self, context, serves_itself=False, nested=False)

    @property
    def service_name(self) -> str:
        """Which service calls."""
        name: str = self.container.service_name
        return name

    def durations_of(self, contract: RpcMethod[Any, Any]) -> Durations:
        """The durations of this service's calls of a method."""
        known = self._durations.get(contract.path)
        if known is None:
            known = CALLED.of(self.service_name, contract.service, contract.name)
            self._durations[contract.path] = known
        return known

    def own_token(self) -> str:
        """A token by which the service speaks for itself."""
        return self._token_source(self.container)


def _token_of_service(container: Any) -> str:
    # Imported when first needed: the bus itself stands on neither settings nor keys.
    from ..config import settings_of
    from ..identity import service_token

    return service_token(settings_of(container))
