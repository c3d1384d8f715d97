"""A `worker` service in a process of its own, to be killed: `python -m tests.integration.bus.callee URI`."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402

from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402

from .services import Worker  # noqa: E402

if __name__ == "__main__":
    config.setup({"AMQP_URI": sys.argv[1]})
    container = ServiceContainer(Worker)
    container.start()
    container.wait()
