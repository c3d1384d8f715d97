"""Events from commit to handled: `announce URI` commits units of work at a steady rate, `handle URI` applies them.

The time runs from just before the announcer's commit to just after the handler's, on the clock both processes share.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
import time  # noqa: E402
from uuid import uuid4  # noqa: E402

from eventlet.greenio import GreenPipe  # noqa: E402
from marshmallow import fields  # noqa: E402
from nameko import config  # noqa: E402
from sqlalchemy import create_engine  # noqa: E402

from shared.platform.bus import declare_inbox  # noqa: E402
from shared.platform.bus.codec import from_json, to_json  # noqa: E402
from shared.platform.config import load_settings  # noqa: E402
from shared.platform.contract import EventType  # noqa: E402
from shared.platform.database import UnitOfWorkProvider  # noqa: E402
from shared.platform.inbox import Inbox, on_event  # noqa: E402
from shared.platform.migrations import create_database_if_missing  # noqa: E402
from shared.platform.rows import new_metadata  # noqa: E402
from shared.platform.schemas import WireSchema  # noqa: E402
from shared.platform.unit_of_work import UnitOfWork  # noqa: E402
from shared.platform.work_context import WorkContext  # noqa: E402

from . import ANNOUNCER, HANDLER  # noqa: E402
from .ours import start  # noqa: E402

#: Records that the news is spread over, so that order by aggregate is at work.
RECORDS = [uuid4() for _ in range(200)]


class Moment(WireSchema):
    """When it was announced, and some weight."""

    sent_at = fields.Float(required=True)
    text = fields.String(required=True)


HAPPENED = EventType(f"{ANNOUNCER}.happened.v1", "record", Moment)
waited: list[float] = []


class Announcer:
    """Has an outbox and its relay."""

    name = ANNOUNCER
    unit_of_work = UnitOfWorkProvider(UnitOfWork)


class Handler:
    """Applies each event once, in its order."""

    name = HANDLER
    unit_of_work = UnitOfWorkProvider(UnitOfWork)

    @on_event(HAPPENED)
    def happened(self, event, uow, prepared):
        """Nothing but what the platform does for an event."""


class TimedInbox(Inbox):
    """Notes how long each event took to be handled, the handler's commit included."""

    def _handle(self, message):
        verdict = super()._handle(message)
        waited.append(time.time() - from_json(message.body)["data"]["sent_at"])
        return verdict


def create_tables(service: str) -> None:
    url = load_settings(service).database_url
    create_database_if_missing(url)
    engine = create_engine(url)
    new_metadata().create_all(engine)
    engine.dispose()


def announce(provider) -> None:
    print("ready", flush=True)
    for line in GreenPipe(sys.stdin.fileno(), "r"):
        rate, seconds = (float(word) for word in line.split())
        started = time.monotonic()
        count = 0
        while (due := started + count / rate) < started + seconds:
            eventlet.sleep(max(0.0, due - time.monotonic()))
            context = WorkContext.of_service(ANNOUNCER, "bench")
            with provider.unit_in(context) as unit:
                data = {"sent_at": time.time(), "text": "x" * 200}
                unit.announce(HAPPENED, aggregate_id=RECORDS[count % len(RECORDS)], data=data, province="43")
                unit.commit()
            count += 1
        print(count, flush=True)


def answer_with_times() -> None:
    print("ready", flush=True)
    for _ in GreenPipe(sys.stdin.fileno(), "r"):
        print(to_json(waited).decode(), flush=True)
        waited.clear()


if __name__ == "__main__":
    mode, uri = sys.argv[1:3]
    config.setup({"AMQP_URI": uri, "max_workers": 10})
    if mode == "announce":
        create_tables(ANNOUNCER)
        container = start(Announcer)
        announce(next(iter(container.dependencies)))
    else:
        create_tables(HANDLER)
        declare_inbox(uri, HANDLER, [HAPPENED], [HAPPENED])
        for entrypoint in Handler.happened.nameko_entrypoints:
            entrypoint.inbox = TimedInbox()
        start(Handler)
        answer_with_times()
