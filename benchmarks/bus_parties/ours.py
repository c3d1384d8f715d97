"""Our bus as production uses it: signed identity (warm), authority table, tracing ids, deadline; `embed` has no broker.

`PLAIN` has schemas that do nothing, `SCHEMAS` real ones with a sealed field.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from typing import Any  # noqa: E402

from marshmallow import fields  # noqa: E402
from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402

from shared.platform.authorisation import ActorProvider, AuthorityTable, Row  # noqa: E402
from shared.platform.bus import BusClient, CallContext, declare_rpc, rpc  # noqa: E402
from shared.platform.bus.headers import next_message_id  # noqa: E402
from shared.platform.contract import RpcMethod  # noqa: E402
from shared.platform.schemas import Sealed, WireSchema  # noqa: E402

from . import CALLER, SERVICE, TEXT  # noqa: E402
from .green_callers import drive  # noqa: E402

WORKERS = 60


class AsItIs(WireSchema):
    """Loads and dumps by doing nothing, so that the bus alone is measured."""

    text = fields.Raw()

    def load(self, data: Any, **_: Any) -> Any:
        return data

    def dump(self, obj: Any, **_: Any) -> Any:
        return obj


class Echo(WireSchema):
    """A small payload with one field that only the owner may read."""

    text = fields.String(required=True)
    resident_id = Sealed(required=True)
    number = fields.Integer(load_default=0)
    at = fields.AwareDateTime(allow_none=True)


PLAIN = RpcMethod(SERVICE, "plain", AsItIs, AsItIs)
SCHEMAS = RpcMethod(SERVICE, "schemas", Echo, Echo)


class BenchService:
    """Answers what it is asked."""

    name = SERVICE
    actor = ActorProvider(AuthorityTable(SERVICE, [Row("bench.echo", "service")]))

    @rpc(PLAIN, action="bench.echo")
    def plain(self, command):
        return command

    @rpc(SCHEMAS, action="bench.echo")
    def schemas(self, command):
        return command


class BenchCaller:
    """Calls from outside any worker, as the gateway does."""

    name = CALLER
    bus = BusClient()


def start(service: type) -> ServiceContainer:
    container = ServiceContainer(service)
    container.start()
    return container


def caller(contract: RpcMethod) -> Any:
    """One call as the gateway makes it: a context for each request."""
    provider = next(iter(start(BenchCaller).dependencies))
    identity = provider.own_token()
    payload = {"text": TEXT}
    if contract is SCHEMAS:
        payload = {"text": TEXT[:100], "resident_id": "110101199003070312", "number": 7}

    def call_once() -> Any:
        return provider.bus_for(CallContext(identity, next_message_id())).call(contract, payload)

    return call_once


if __name__ == "__main__":
    mode, uri = sys.argv[1:3]
    config.setup({"AMQP_URI": uri, "max_workers": WORKERS})
    if mode == "serve":
        declare_rpc(uri, [SERVICE])
        container = start(BenchService)
        print("ready", flush=True)
        container.wait()
    else:
        if mode.startswith("embed"):
            declare_rpc(uri, [SERVICE])
            start(BenchService)
        drive(caller(SCHEMAS if mode.endswith("schemas") else PLAIN))
