"""Takes an event and never finishes it, to be killed: `python -m tests.integration.bus.stuck_consumer URI QUEUE`."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402

from shared.platform.bus import QueueConsumer  # noqa: E402


def take_and_wait(message):
    print(message.message_id, flush=True)
    eventlet.sleep(3600)


if __name__ == "__main__":
    QueueConsumer(sys.argv[1], [sys.argv[2]], take_and_wait).run()
