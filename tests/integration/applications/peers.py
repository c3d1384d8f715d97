"""The services around `applications`, as its contracts know them, in a process of their own: `python -m … peers`.

They answer from one small file that a test may change between two calls, and `review` publishes what a test puts into
its outbox. What is shown here is this service; the others are shown by their own tests and by the journeys.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import os  # noqa: E402
from datetime import date  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from uuid import UUID  # noqa: E402

from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402

from services.applications.service import ApplicationsService  # noqa: E402
from shared.contracts import accounts as accounts_contracts  # noqa: E402
from shared.contracts import sync as sync_contracts  # noqa: E402
from shared.platform.bus import declare_exchange, declare_inbox, declare_rpc, rpc  # noqa: E402
from shared.platform.config import load_deployment, settings_of  # noqa: E402
from shared.platform.database import UnitOfWork, UnitOfWorkProvider  # noqa: E402
from shared.platform.errors import NotFound  # noqa: E402
from shared.platform.logging import configure_logging  # noqa: E402


def world() -> dict[str, Any]:
    """What the test says is so."""
    found: dict[str, Any] = json.loads(Path(os.environ["PEERS_WORLD"]).read_text())
    return found


class Accounts:
    """Persons and institutions."""

    name = "accounts"

    @rpc(accounts_contracts.PERSON, action="person.read")
    def person(self, command: dict[str, Any]) -> dict[str, Any]:
        """The person of the file."""
        said = world()
        person = said["persons"].get(str(command["id"]))
        if person is None:
            raise NotFound("person_not_found")
        ids = [UUID(text) for text in person["qualifications"]]
        return {
            "person_id": command["id"],
            "account_id": command["id"],
            "activated": person["activated"],
            "name": person["name"],
            "id_type": "resident_id",
            "id_number": person["id_number"],
            "sex": "female",
            "birth_date": "1997-08-15",
            "phone": "13800000001",
            "email": None,
            "qualification_ids": ids,
            "paper_certificates": ids if person["paper"] else [],
        }

    @rpc(accounts_contracts.INSTITUTION, action="organisation.read")
    def institution(self, command: dict[str, Any]) -> dict[str, Any]:
        """The institution of the file."""
        said = world()["institutions"].get(str(command["id"]))
        if said is None:
            raise NotFound("institution_not_found")
        authority = said["authority"] | {"id": UUID(said["authority"]["id"])}
        return said | {"id": command["id"], "licence_valid_to": date(2099, 12, 31), "authority": authority}


class Sync:
    """Qualifications."""

    name = "sync"

    @rpc(sync_contracts.QUALIFICATIONS, action="qualification.read")
    def qualifications(self, command: dict[str, Any]) -> dict[str, Any]:
        """Those of the file that are asked for."""
        known = world()["qualifications"]
        wanted = [(item, known[str(item)]) for item in command["ids"] if str(item) in known]
        return {
            "qualifications": [
                said | {"id": item, "published_on": date.fromisoformat(said["published_on"])} for item, said in wanted
            ]
        }


class Review:
    """Publishes what the test puts into its outbox."""

    name = "review"
    unit_of_work = UnitOfWorkProvider(UnitOfWork)


def main() -> None:
    """Run until killed."""
    from commands.services import handled_events, known_events

    deployment = load_deployment()
    configure_logging("peers")
    uri = deployment.amqp_uri
    for name in ("accounts", "sync", "review", "applications"):
        declare_exchange(uri, name)
    declare_rpc(uri, ["accounts", "sync", "applications"])
    declare_inbox(uri, "applications", handled_events(ApplicationsService), known_events())
    config.setup({"AMQP_URI": uri, "max_workers": 10})
    containers = [ServiceContainer(kind) for kind in (Accounts, Sync, Review)]
    for container in containers:
        settings_of(container)
        container.start()
    print("started", flush=True)
    for container in containers:
        container.wait()


if __name__ == "__main__":
    main()
