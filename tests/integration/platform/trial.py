"""Two small services in a process of their own, to be killed: `python -m tests.integration.platform.trial NAMES…`."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from typing import Any  # noqa: E402

from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from sqlalchemy import insert  # noqa: E402

from shared.platform.bus.topology import declare_exchange, declare_inbox  # noqa: E402
from shared.platform.config import load_deployment, settings_of  # noqa: E402
from shared.platform.database import UnitOfWork, UnitOfWorkProvider  # noqa: E402
from shared.platform.inbox import Event, on_event  # noqa: E402
from shared.platform.logging import configure_logging  # noqa: E402
from tests.integration.platform.world import CHANGED, SEEN, TOUCHED, effects  # noqa: E402


class Announcer:
    """Publishes what the test puts into its outbox."""

    name = "review"
    unit_of_work = UnitOfWorkProvider(UnitOfWork)


class Follower:
    """Writes down what it is told."""

    name = "accounts"
    unit_of_work = UnitOfWorkProvider(UnitOfWork)

    @on_event(CHANGED)
    def changed(self, event: Event, uow: UnitOfWork, prepared: Any) -> None:
        """One row and one event for each change."""
        uow.session.execute(insert(effects).values(case=str(event.aggregate_id), number=prepared))
        uow.announce(SEEN, aggregate_id=event.aggregate_id, data={"number": prepared}, province=event.province)

    @changed.prepare
    def look_at_it(self, event: Event) -> int:
        """Holds no transaction, so it may open one of its own."""
        with self.unit_of_work(read_only=True) as uow:
            assert uow.context.actor == "service:accounts"
            assert uow.context.causation_id == str(event.id)
        return int(event.data["number"])


def declare(uri: str) -> None:
    """What the deploy step declares."""
    for service in ("review", "accounts"):
        declare_exchange(uri, service)
    declare_inbox(uri, "accounts", [CHANGED], [CHANGED, TOUCHED])


def main(names: list[str]) -> None:
    """Run until killed."""
    deployment = load_deployment()
    if names == ["declare"]:
        declare(deployment.amqp_uri)
        return
    configure_logging(names[0])
    config.setup({"AMQP_URI": deployment.amqp_uri, "max_workers": 10})
    if deployment.is_embedded:
        declare(deployment.amqp_uri)
    containers = [ServiceContainer(kind) for kind in (Announcer, Follower) if kind.name in names]
    for container in containers:
        settings_of(container)
        container.start()
    print("started", flush=True)
    for container in containers:
        container.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
