"""The services that the bus is tested with."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

import eventlet
from nameko.extensions import DependencyProvider

from shared.platform.bus import BusClient, WireAnswer, forbid_waiting, rpc
from shared.platform.bus.headers import CAUSATION, CORRELATION, DEADLINE, IDEMPOTENCY, IDENTITY
from shared.platform.errors import KINDS, PermissionDenied

from . import contracts


def own_token(container: Any) -> str:
    return f"token of {container.service_name}"


def seen(call: Any) -> dict[str, Any]:
    names = {
        "identity": IDENTITY,
        "correlation": CORRELATION,
        "causation": CAUSATION,
        "idempotency": IDEMPOTENCY,
        "deadline": DEADLINE,
    }
    return {key: call.headers.get(name) for key, name in names.items()} | {"message_id": call.message_id}


class CurrentCall(DependencyProvider):
    def get_dependency(self, worker_ctx: Any) -> Any:
        return worker_ctx.rpc_call


class Worker:
    name = "worker"
    call = CurrentCall()
    at_work: ClassVar[int] = 0
    most_at_work: ClassVar[int] = 0
    waited: ClassVar[list[float]] = []

    @rpc(contracts.DOUBLE, action="worker.any")
    def double(self, command):
        eventlet.sleep(0.001 * (command["number"] % 7))
        return {"number": command["number"] * 2}

    @rpc(contracts.MANY, action="worker.any")
    def many(self, command):
        return [{"number": number} for number in range(command["number"])]

    @rpc(contracts.NOTHING, action="worker.any")
    def nothing(self, command):
        return "not sent"

    @rpc(contracts.REFUSE, action="worker.any")
    def refuse(self, command):
        raise KINDS[command["text"]]("refused_so", seen=["a", 1], until=None)

    @rpc(contracts.BREAK, action="worker.any")
    def break_down(self, command):
        raise ValueError(f"secret: {command['text']}")

    @rpc(contracts.ILL_FORMED, action="worker.any")
    def ill_formed(self, command):
        return {"number": "many"} if command["text"] == "dump" else object()

    @rpc(contracts.WAIT, action="worker.any")
    def wait(self, command):
        cls = type(self)
        cls.waited.append(command["seconds"])
        cls.at_work += 1
        cls.most_at_work = max(cls.most_at_work, cls.at_work)
        try:
            eventlet.sleep(command["seconds"])
        finally:
            cls.at_work -= 1
        return {"number": threading.get_ident() % 7}

    @rpc(contracts.SHOW, action="worker.any")
    def show(self, command):
        return seen(self.call)


class Middle:
    name = "middle"
    call = CurrentCall()
    bus = BusClient(token_source=own_token)

    @rpc(contracts.RELAY, action="middle.any")
    def relay(self, command):
        nested = [self.bus.call(contracts.SHOW, text=command["text"]) for _ in range(2)]
        nested.append(self.bus.call(contracts.SHOW, text="", as_service=True, idempotency_key="own"))
        return {"own": seen(self.call), "nested": nested}

    @rpc(contracts.IN_UNIT_OF_WORK, action="middle.any")
    def in_unit_of_work(self, command):
        with forbid_waiting():
            self.bus.call(contracts.DOUBLE, number=1)


class Front:
    """Calls from outside any worker, as the gateway does."""

    name = "front"
    bus = BusClient(token_source=own_token)


class Around(DependencyProvider):
    def __init__(self, order: int) -> None:
        self.order = order

    def around_rpc(self, call, proceed):
        if call.body.get("text") == "refuse" and self.order == 1:
            raise PermissionDenied("not_you")
        if call.body.get("text") == "answer" and self.order == 2:
            return WireAnswer({"text": f"kept by {self.order}"})
        answer = proceed()
        if isinstance(answer, WireAnswer):
            return answer
        return {"text": f"{answer['text']} in {self.order}"}


class Guarded:
    name = "guarded"
    inner = Around(2)
    outer = Around(1)

    @rpc(contracts.GUARDED, action="guarded.echo")
    def echo(self, command):
        return command
