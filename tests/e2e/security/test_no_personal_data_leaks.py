"""After a full journey no log line, message, queue or database holds a plain ID number, phone, ticket or note."""

from __future__ import annotations

from collections.abc import Iterator

import kombu
import psycopg
import pytest
from psycopg import sql

from commands.journey.people import Doctor
from tests.support.deployment import Deployment, deployed
from tests.support.processes import SERVICES, System

pytestmark = [pytest.mark.broker, pytest.mark.postgres]
# What people say in their own words on the way; each tells somebody's business that no code would.
NOTES = {
    "note of a reason": "公章为其原单位所盖，据称已离岗",
    "note of a request": "经电话联系其家属得知",
    "words of an answer": "因家中有人住院，补交迟了几日",
    "note of a decision": "其家属来访说明过情况",
}
EXCHANGES = ("nameko-rpc", *(f"{service}.events" for service in SERVICES if service != "gateway"))


class Capture:
    """Copies of everything that passes the deployment's exchanges: requests, answers, events."""

    def __init__(self, connection: kombu.Connection) -> None:
        self._channel = connection.channel()
        self._queues = []
        for exchange in EXCHANGES:
            queue = kombu.Queue(f"capture.{exchange}", kombu.Exchange(exchange, "topic"), "#", exclusive=True)
            bound = queue(self._channel)
            bound.declare()
            self._queues.append(bound)

    def texts(self) -> Iterator[str]:
        """Body and headers of every captured message."""
        for queue in self._queues:
            while (message := queue.get(no_ack=True)) is not None:
                body = message.body.decode("utf-8") if isinstance(message.body, bytes) else message.body
                yield f"{message.headers} {message.properties} {body}"


def rows_of(database_url: str) -> Iterator[tuple[str, str]]:
    """Every row of every table of a PostgreSQL database as text."""
    address = database_url.replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(address) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        for (table,) in tables:
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table))
            for (text,) in connection.execute(query):
                yield table, text


def secrets_of(doctor) -> dict[str, str]:
    """What must be found nowhere."""
    candidate = doctor.candidate
    return {
        "ID number": candidate.id_number,
        "birth date inside an ID number": candidate.id_number[6:14] + candidate.id_number[14:17],
        "ticket": candidate.ticket,
        "phone": doctor.phone,
        "password": doctor.password,
        **NOTES,
    }


@pytest.fixture(scope="module")
def journey(broker, database_server, tmp_path_factory):
    """A deployment whose messages are captured from its start, after one whole registration."""
    folder = tmp_path_factory.mktemp("scan")
    system = System.distributed(broker.uri, database_server.server_url, folder / "system")
    with kombu.Connection(broker.uri) as connection, deployed(system, folder, size=60) as deployment:
        capture = Capture(connection)
        doctor = _registered_with_many_words(deployment)
        doctor.certificate()
        deployment.visitor().find_physician(doctor.candidate.name, "43")
        yield deployment, doctor, list(capture.texts())


def _registered_with_many_words(deployment: Deployment) -> Doctor:
    """A registration on whose way everybody adds words of their own, read again by those whom they concern."""
    doctor = deployment.submitted()
    number = doctor.application["number"]
    deployment.clerk().decide(number, "confirm", step="confirm")
    window = deployment.officer("window")
    window.receive_paper(number)
    missing = ("employment_proof_missing_seal", "employment_proof", NOTES["note of a reason"])
    window.decide(number, "supplement", missing, note=NOTES["note of a request"], step="accept")
    asked = doctor.wait_until("SUPPLEMENT")
    assert [reason["note"] for reason in asked["reasons"]] == [NOTES["note of a reason"]]
    doctor.supplement(NOTES["words of an answer"])
    doctor.wait_until("RECEIVED")
    window.decide(number, "accept", step="accept")
    doctor.wait_until("ACCEPTED")
    deployment.officer().decide(number, "approve", note=NOTES["note of a decision"], step="decide")
    told = {entry["note"] for entry in doctor.timeline()["entries"]}
    assert NOTES["note of a request"] in told
    return doctor


def test_messages_hold_no_personal_data(journey):
    """RPC requests and answers, and every event: sealed fields are unreadable, names too."""
    _, doctor, texts = journey
    assert len(texts) > 100, "the capture saw the journey"
    for what, value in {**secrets_of(doctor), "name": doctor.candidate.name}.items():
        assert not [text for text in texts if value in text], f"a message shows the {what}"


def test_logs_hold_no_personal_data(journey):
    """JSON logs of all services."""
    deployment, doctor, _ = journey
    log = deployment.system.log()
    assert log.count("\n") >= len(SERVICES)
    for what, value in {**secrets_of(doctor), "name": doctor.candidate.name}.items():
        assert value not in log, f"a log line shows the {what}"


def test_databases_hold_no_plain_identity(journey):
    """Every table of every service; names may stand in plain text (domain §10.2), numbers may not."""
    deployment, doctor, _ = journey
    assert isinstance(deployment, Deployment)
    seen = 0
    for service in SERVICES:
        if service == "gateway":
            continue
        for table, text in rows_of(deployment.system.database_url(service)):
            seen += 1
            for what, value in secrets_of(doctor).items():
                assert value not in text, f"{service}.{table} shows the {what}"
    assert seen > 100
