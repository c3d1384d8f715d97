"""A peer: stock nameko 3.0.0rc11, its client living in a service, with room for as many calls as ours."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402

from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer, WorkerContext  # noqa: E402
from nameko.rpc import ServiceRpc, rpc  # noqa: E402

from . import TEXT  # noqa: E402
from .green_callers import drive  # noqa: E402


class Echo:
    """Answers what it is asked."""

    name = "bench_stock"

    @rpc
    def echo(self, command):
        return command


class Caller:
    """Where the stock client lives."""

    name = "bench_stock_caller"
    echo = ServiceRpc("bench_stock")

    def unused(self):
        """A worker's entry point in name only."""


class Nobody:
    """The entry point that a worker's context has to name."""

    method_name = "unused"


if __name__ == "__main__":
    config.setup({"AMQP_URI": sys.argv[2].replace("amqp://", "pyamqp://"), "max_workers": 60, "prefetch_count": 60})
    if sys.argv[1] == "serve":
        container = ServiceContainer(Echo)
        container.start()
        print("ready", flush=True)
        container.wait()
    else:
        container = ServiceContainer(Caller)
        container.start()
        provider = next(iter(container.dependencies))

        def call_once():
            client = provider.get_dependency(WorkerContext(container, Caller(), Nobody, data={}))
            return client.echo(command={"text": TEXT})

        drive(call_once)
