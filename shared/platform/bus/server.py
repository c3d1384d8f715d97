"""The answering side of RPC: `@rpc(CONTRACT, action=…)` on nameko's decorators and wire format."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import eventlet
from greenlet import GreenletExit, getcurrent
from nameko import config
from nameko.constants import CALL_ID_STACK_CONTEXT_KEY
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint, SharedExtension, register_entrypoint

from ..contract import RpcMethod
from ..errors import DomainError, InvalidInput, PermissionDenied
from ..tallies import TALLIES
from ..tracing import TRACEPARENT, kind_of, span_under
from .codec import CONTENT_ENCODING, CONTENT_TYPE, codec_of, from_json, to_json
from .connection import CONNECTION_ERRORS, Link
from .errors import error_to_wire
from .headers import CORRELATION, DEADLINE, context_data, next_message_id
from .interception import Interceptor, RpcCall, interceptors_among, run_intercepted
from .topology import RPC_EXCHANGE, is_reply_queue, request_queue_name
from .waiting import Signal

_log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

ANSWERED = TALLIES.durations(
    "yizhu_rpc_duration_seconds", "Calls answered, from the request's arrival to its answer", ("service", "method")
)
FAILED = TALLIES.counts(
    "yizhu_rpc_errors", "Calls refused or failed, by the kind of error", ("service", "method", "kind")
)
#: What a request that names no method of the service is counted under.
UNKNOWN = "unknown"
#: The kind of a request that came after its caller's deadline.
OVERDUE = "overdue"

#: nameko's setting under which a deployment keeps who may call whom: a callee's name to the logins of its callers.
CALLERS = "CALLERS"

#: Seconds that a stopping service waits for the calls it has at hand.
DRAIN = 30.0


def rpc(contract: RpcMethod[Any, Any], *, action: str) -> Callable[[F], F]:
    """Let a method of a service class answer `contract`; `action` is its row in the service's authority table.

    The method gets the command, loaded with the contract's schema, and returns what the answer's schema can dump.
    """

    def register(method: F) -> F:
        register_entrypoint(method, Rpc(contract, action))
        return method

    return register


class RpcWorkerContext(WorkerContext):
    """nameko's worker context without its random ids: the id of the call is the id of its message."""

    def __init__(self, container: Any, service: Any, entrypoint: Rpc, data: dict[str, Any], message_id: str) -> None:
        self.container = container
        self.service = service
        self.entrypoint = entrypoint
        self.service_name = container.service_name
        self.args = ()
        self.kwargs: dict[str, Any] = {}
        self.data = self.context_data = data
        self._parent_call_id_stack = data.pop(CALL_ID_STACK_CONTEXT_KEY, [])
        self.call_id = message_id
        self.call_id_stack = [*self._parent_call_id_stack, message_id]
        self.rpc_call: RpcCall | None = None


class RpcServer(SharedExtension):
    """The one connection over which a service answers: request queue, workers, replies.

    The reply goes out on the channel the request came from, then the request is acknowledged on it: the broker takes
    both in order, so a lost connection loses both and the request is delivered again. No more requests are at work
    than the prefetch, which is the container's number of workers.
    """

    def __init__(self) -> None:
        self._methods: dict[str, Rpc] = {}
        self._at_work: set[Any] = set()
        self._idle = Signal()
        self._stopping = False
        self._stopped = False
        self._tag = ""

    def setup(self) -> None:
        """Make the link; it connects in `start`."""
        self._link = Link(config["AMQP_URI"], f"{self.container.service_name} answers", on_open=self._open)
        self._callers: frozenset[str] | None = config.get(CALLERS, {}).get(self.container.service_name)

    def register(self, entrypoint: Rpc) -> None:
        """Add a method; a path is answered by one method only."""
        path = entrypoint.contract.path
        if entrypoint.contract.service != self.container.service_name:
            raise ValueError(f"{path} is not a call of {self.container.service_name}")
        if path in self._methods:
            raise ValueError(f"{path} is answered twice")
        self._methods[path] = entrypoint

    def start(self) -> None:
        """Begin to answer; returns at once, also while the broker is away."""
        providers = list(self.container.dependencies)
        self._inject = [(provider.attr_name, provider.get_dependency) for provider in providers]
        self._interceptors: list[Interceptor] = interceptors_among(providers)
        # Most providers use none of nameko's hooks; calling them all would cost as much as the method.
        self._setups = _overridden(providers, "worker_setup")
        self._results = _overridden(providers, "worker_result")
        self._teardowns = _overridden(providers, "worker_teardown")
        self.container.spawn_managed_thread(self._link.run)

    def wait_until_answering(self, timeout: float) -> bool:
        """Whether the request queue is being read, within `timeout` seconds."""
        return self._link.wait_open(timeout) is not None

    def drain(self) -> None:
        """Take no more requests, finish those at work, close the connection. Safe to ask more than once."""
        if self._stopping:
            return
        self._stopping = True
        channel = self._link.channel
        if channel is not None:
            try:
                channel.stop_listening(self._tag)
            except CONNECTION_ERRORS:
                _log.debug("bus_already_closed")
        with eventlet.Timeout(DRAIN, False):
            while self._at_work:
                self._idle.wait()
        self._link.stop()

    def kill(self) -> None:
        """Drop what is at work; the broker delivers it again, here or elsewhere."""
        self._stopping = True
        for worker in list(self._at_work):
            eventlet.kill(worker)
        self._link.stop(grace=0)

    def _open(self, channel: Any) -> None:
        # The queue is there: the deploy step declared it, and until it has, the link tries again (design D3).
        channel.limit(self.container.max_workers)
        self._tag = channel.listen(request_queue_name(self.container.service_name), self._on_request)

    def _on_request(self, delivery: Any) -> None:
        # After `drain` began, what still arrives stays unacknowledged and goes to another instance.
        if not self._stopping:
            eventlet.spawn_n(self._work, delivery)

    def _work(self, delivery: Any) -> None:
        worker = getcurrent()
        self._at_work.add(worker)
        try:
            self._answer(delivery)
        except GreenletExit:
            return
        finally:
            self._at_work.discard(worker)
            if self._stopping and not self._at_work:
                self._idle.set()

    def _answer(self, delivery: Any) -> None:
        began = time.perf_counter()
        properties = delivery.properties
        headers = properties.get("application_headers") or {}
        deadline = headers.get(DEADLINE)
        path = delivery.delivery_info["routing_key"]
        if isinstance(deadline, int) and deadline < time.time() * 1000:
            # Nobody waits any more: doing the work now would only surprise.
            self._count_failure(path, OVERDUE)
            _acknowledge(delivery)
            return
        result: Any = None
        error: Exception | None = None
        try:
            self._require_caller(properties.get("user_id"))
            entrypoint = self._methods[path]
            body = _command_in(delivery.body)
        except (LookupError, DomainError) as problem:
            error = problem
            if not isinstance(problem, InvalidInput):
                sender, correlation_id = properties.get("user_id"), headers.get(CORRELATION)
                told = {"path": path, "error": str(problem), "sender": sender, "correlation_id": correlation_id}
                _log.error("rpc_not_understood", extra=told)
            self._count_failure(path, kind_of(error))
            self._reply(delivery, None, error, headers)
            return
        service = self.container.service_cls()
        message_id = properties.get("correlation_id") or next_message_id()
        worker_ctx = RpcWorkerContext(self.container, service, entrypoint, context_data(headers), message_id)
        call = RpcCall(entrypoint.contract, entrypoint.action, entrypoint.codec, body, headers, message_id, worker_ctx)
        worker_ctx.rpc_call = call
        try:
            carried, asked_for = headers.get(TRACEPARENT), headers.get(CORRELATION) or ""
            with span_under(carried, self.container.service_name, path, "server", correlation_id=asked_for):
                for name, get_dependency in self._inject:
                    setattr(service, name, get_dependency(worker_ctx))
                for hook in self._setups:
                    hook(worker_ctx)
                method = getattr(service, entrypoint.method_name)
                if self._interceptors:
                    result = call.dump(run_intercepted(self._interceptors, call, method))
                else:
                    result = call.dump(method(call.command))
        except Exception as problem:  # noqa: BLE001 - every fault is answered, or its caller would wait for nothing
            error = problem
            if not isinstance(problem, DomainError):
                _log.exception("rpc_fault", extra={"path": path, "correlation_id": headers.get(CORRELATION)})
        self._reply(delivery, result, error, headers)
        if error is not None:
            self._count_failure(path, kind_of(error))
        entrypoint.durations.add(time.perf_counter() - began)
        if self._results or self._teardowns:
            self._tell_providers(worker_ctx, result, error)

    def _require_caller(self, user: str | None) -> None:
        """Refuse whom the call graph doesn't name, however the request came here.

        RabbitMQ holds the routing key of a publication against the caller's rights, but neither the keys in its
        headers CC and BCC nor those that a queue dead-letters under. The user it vouches for on each way.
        """
        if self._callers is not None and user not in self._callers:
            raise PermissionDenied("caller_not_allowed")

    def _count_failure(self, path: str, kind: str) -> None:
        known = self._methods.get(path)
        FAILED.of(self.container.service_name, UNKNOWN if known is None else known.contract.name, kind).add()

    def _reply(self, delivery: Any, result: Any, error: Exception | None, headers: dict[str, Any]) -> None:
        correlation_id = headers.get(CORRELATION)
        wire = None if error is None else error_to_wire(error, correlation_id)
        try:
            body = to_json({"result": result, "error": wire})
        except TypeError as unserializable:
            _log.exception("rpc_answer_unserializable", extra={"correlation_id": correlation_id})
            body = to_json({"result": None, "error": error_to_wire(unserializable, correlation_id)})
        properties = delivery.properties
        reply_to = properties.get("reply_to")
        try:
            if is_reply_queue(reply_to):
                delivery.channel.send(
                    RPC_EXCHANGE,
                    reply_to,
                    body,
                    {
                        "content_type": CONTENT_TYPE,
                        "content_encoding": CONTENT_ENCODING,
                        "delivery_mode": 1,
                        "correlation_id": properties.get("correlation_id"),
                    },
                )
            delivery.channel.basic_ack(delivery.delivery_info["delivery_tag"])
        except CONNECTION_ERRORS:
            # Reply and acknowledgement are lost together: the broker delivers the request again.
            _log.info("rpc_reply_lost", extra={"correlation_id": correlation_id})

    def _tell_providers(self, worker_ctx: RpcWorkerContext, result: Any, error: Exception | None) -> None:
        exc_info = None if error is None else (type(error), error, error.__traceback__)
        try:
            for hook in self._results:
                hook(worker_ctx, result, exc_info)
            for hook in self._teardowns:
                hook(worker_ctx)
        except Exception:  # noqa: BLE001 - handed to the container whole
            # The answer is out; as in nameko, a provider that fails here has broken its own promise to the container.
            self.container.kill(sys.exc_info())


class Rpc(Entrypoint):
    """One method that answers one contract."""

    server = RpcServer()

    def __init__(self, contract: RpcMethod[Any, Any], action: str) -> None:
        super().__init__()
        self.contract = contract
        self.action = action
        self.codec = codec_of(contract)
        self.durations = ANSWERED.of(contract.service, contract.name)

    def setup(self) -> None:
        """Register with the service's one server."""
        self.server.register(self)

    def stop(self) -> None:
        """Finish what is at work, before the container stops the dependencies that it uses."""
        self.server.drain()


def _overridden(providers: list[Any], hook: str) -> list[Callable[..., None]]:
    plain = getattr(DependencyProvider, hook)
    return [getattr(provider, hook) for provider in providers if getattr(type(provider), hook) is not plain]


def _command_in(body: bytes) -> Any:
    """The command in nameko's wire form: the keyword argument `command`, or the only positional one."""
    try:
        message = from_json(body)
        if "command" in message["kwargs"]:
            return message["kwargs"]["command"]
        if message["args"]:
            return message["args"][0]
    except (ValueError, KeyError, TypeError) as malformed:
        raise InvalidInput("malformed_request") from malformed
    return {}


def _acknowledge(delivery: Any) -> None:
    try:
        delivery.channel.basic_ack(delivery.delivery_info["delivery_tag"])
    except CONNECTION_ERRORS:
        _log.debug("bus_already_closed")
