"""What stands around the method of an RPC: authorisation, idempotency and whatever else a service's providers add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from ..contract import RpcMethod
from .codec import MethodCodec


class WireAnswer:
    """An answer that is in wire form already, for instance one kept under an idempotency key: sent as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class RpcCall:
    """One call at work. It is `worker_ctx.rpc_call` for every dependency provider; other workers have None there.

    `command` is the request, loaded with its schema when first asked for: so an interceptor that refuses the caller
    without looking at it never opens a sealed field. `headers` are those of `bus.headers`.
    """

    __slots__ = (
        "_answered",
        "_codec",
        "_command",
        "_loaded",
        "action",
        "body",
        "contract",
        "headers",
        "message_id",
        "worker_ctx",
    )

    def __init__(
        self,
        contract: RpcMethod[Any, Any],
        action: str,
        codec: MethodCodec,
        body: Mapping[str, Any],
        headers: Mapping[str, Any],
        message_id: str,
        worker_ctx: Any,
    ) -> None:
        self.contract = contract
        self.action = action
        self.body = body
        self.headers = headers
        self.message_id = message_id
        self.worker_ctx = worker_ctx
        self._codec = codec
        self._loaded = False
        self._command: Any = None
        self._answered: tuple[Any, Any] | None = None

    @property
    def command(self) -> Any:
        """The request with its sealed fields opened; `InvalidInput` if it is not of the agreed form."""
        if not self._loaded:
            self._command = self._codec.load_request(self.body)
            self._loaded = True
        return self._command

    def dump(self, result: Any) -> Any:
        """The wire form of what the method returns, made once: what is stored for a retry is what is sent."""
        if isinstance(result, WireAnswer):
            return result.value
        if self._answered is None or self._answered[0] is not result:
            self._answered = (result, self._codec.dump_answer(result))
        return self._answered[1]


@runtime_checkable
class Interceptor(Protocol):
    """Any dependency provider of the service class with this method stands around each of its RPCs.

    `order` ranks them, the lowest outermost. `proceed()` runs the rest and gives what the method returned; an
    interceptor may raise instead, or return a `WireAnswer` without proceeding. It runs in the worker's greenlet after
    the dependencies were injected and before `call.command` was loaded.
    """

    order: int

    def around_rpc(self, call: RpcCall, proceed: Callable[[], object]) -> object:
        """Run the call, refuse it by raising, or answer in its place."""
        ...


def interceptors_among(providers: Any) -> list[Interceptor]:
    """The interceptors among a service's bound providers, outermost first."""
    found = [provider for provider in providers if isinstance(provider, Interceptor)]
    return sorted(found, key=lambda interceptor: interceptor.order)


def run_intercepted(interceptors: list[Interceptor], call: RpcCall, method: Callable[[Any], object]) -> object:
    """Run the method inside its interceptors."""

    def inner(position: int) -> object:
        if position == len(interceptors):
            return method(call.command)
        return interceptors[position].around_rpc(call, lambda: inner(position + 1))

    return inner(0)
