"""The real process of `sync` on RabbitMQ: a file becomes qualifications, proofs answer alike, each role has its row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import manifest_of
from shared.contracts import sync as contracts
from shared.platform.config import load_deployment
from shared.platform.contract import RpcMethod
from shared.platform.crypto import transport_box
from shared.platform.engine import make_engine
from shared.platform.files import IncomingFiles
from shared.platform.identity import Actor, operator_actor, service_actor
from shared.platform.ids import new_id
from tests.support.keys import keys_of
from tests.support.postgres import Postgres
from tests.support.processes import System, eventually
from tests.support.rabbitmq import Rabbitmq, rabbitmq
from tests.support.result_files import A_ROW, a_file
from tests.support.rpc_client import Answer, RpcClient, rpc_client

pytestmark = pytest.mark.broker

EXAMINER = Actor(
    kind="staff",
    id=f"staff:{new_id()}",
    role="examiner",
    organisation_kind="exam_centre",
    organisation_scope="national",
    division="11",
    province="11",
)
VISITOR = Actor(kind="visitor", id="visitor:1", role="visitor")
OTHER = {"id_number": "430199199503070114", "name": "张伟", "sex": "1", "birth_date": "1995-03-07"}
FAILED = {
    "id_number": "43019919930622003X",
    "name": "王磊",
    "sex": "1",
    "birth_date": "1993-06-22",
    "ticket": "4305261100777",
    "comprehensive_score": "300",
    "result": "fail",
}
FOREIGN = {**OTHER, "ticket": "4405261100124", "region": "44"}
CODE = f"202643110{A_ROW['id_number']}"


@dataclass
class Running:
    """The service, a client at its broker, and what it takes to hand a file over."""

    system: System
    client: RpcClient

    def ask(self, contract: RpcMethod[Any, Any], actor: Actor, key: str | None = None, **fields: Any) -> Answer:
        signer = (
            actor.id.partition(":")[2]
            if actor.kind == "service"
            else "sync"
            if actor.kind == "operator"
            else "accounts"
        )
        wire = contract.request().dump(fields)
        return self.client.call(contract, wire, token=self.system.token(actor, signer), key=key, within=60.0)

    def load(self, contract: RpcMethod[Any, Any], actor: Actor, **fields: Any) -> Any:
        answer = self.ask(contract, actor, **fields)
        assert answer.code is None, answer
        return contract.answer().load(answer.result)

    def upload(self, content: bytes) -> dict[str, Any]:
        received = IncomingFiles(load_deployment(), transport_box()).receive(io.BytesIO(content), 10**9)
        return {"reference": received.reference, "sha256": received.digest, "size": received.size}

    def when(self, state: str, batch_id: Any) -> Any:
        def reached() -> Any:
            batch = self.load(contracts.BATCH, EXAMINER, id=batch_id)
            return batch if batch["state"] == state else None

        return eventually(reached, within=60.0)

    def matched(self, row: dict[str, str]) -> list[Any]:
        asked = {"name": row["name"], "id_number": row["id_number"]}
        return self.load(contracts.MATCH, service_actor("accounts"), **asked)["qualifications"]

    def proven(self, row: dict[str, str], kind: str, value: str) -> Answer:
        return self.ask(
            contracts.VERIFY_PROOF,
            service_actor("accounts"),
            name=row["name"],
            id_number=row["id_number"],
            kind=kind,
            value=value,
        )

    def count(self, table: str, condition: str) -> int:
        with make_engine(self.system.database_url("sync"), pool_size=1).connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {condition}")).scalar() or 0)


@pytest.fixture(scope="module")
def broker() -> Iterator[Rabbitmq]:
    with rabbitmq() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, broker: Rabbitmq
) -> Iterator[Running]:
    """A file imported and published for region 43; region 44's gate is closed."""
    folder: Path = tmp_path_factory.mktemp(f"sync-{request.param}")
    server: Postgres | None = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    url = server.server_url if server else None
    with (
        System.distributed(broker.uri, url, folder, services=("sync",)) as system,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("FILES_DIR", system.environment["FILES_DIR"])
        with keys_of(system.keys_dir), rpc_client(broker.uri) as client:
            made = Running(system, client)
            uploaded = made.upload(a_file({}, FOREIGN, FAILED))
            batch = made.load(contracts.START_IMPORT, EXAMINER, year=2026, round=1, filename="r.csv", **uploaded)
            ready = made.when("UPDATED", batch["id"])
            made.load(contracts.OPEN_GATE, EXAMINER, region="43", year=2026, round=1, planned_at=None)
            made.load(contracts.PUBLISH_BATCH, EXAMINER, id=ready["id"], version=ready["version"])
            made.when("PUBLISHED", batch["id"])
            yield made
            assert system.faults() == []


def test_a_published_pass_is_matched_by_id_and_name(running: Running):
    [found] = running.matched(A_ROW)
    assert (found["code"], found["status"], found["area"]) == (CODE, "published", "NATIONAL")
    by_id = running.load(contracts.QUALIFICATIONS, service_actor("applications"), ids=[found["id"]])
    assert by_id["qualifications"] == [found]
    assert running.matched({**A_ROW, "name": "林静宜"}) == []
    assert running.matched({**A_ROW, "id_number": "not an id"}) == []


def test_code_and_ticket_both_prove_it(running: Running):
    """`domain.md` §2.3, routes A and B."""
    [found] = running.matched(A_ROW)
    for kind, value in (("certificate_code", CODE), ("ticket", A_ROW["ticket"]), ("ticket", " 4305 2611 00123")):
        proven = contracts.VERIFY_PROOF.answer().load(running.proven(A_ROW, kind, value).result)
        assert proven["qualification"] == found


@pytest.mark.parametrize(
    ("who", "kind", "value"),
    [
        pytest.param(A_ROW, "certificate_code", f"202643110{OTHER['id_number']}", id="E15 another's code"),
        pytest.param(A_ROW, "certificate_code", CODE[:-1], id="E14 a character short"),
        pytest.param(A_ROW, "certificate_code", f"202543110{A_ROW['id_number']}", id="a code that does not exist"),
        pytest.param(OTHER, "ticket", A_ROW["ticket"], id="E16 another's ticket"),
        pytest.param(FAILED, "ticket", FAILED["ticket"], id="E17 failed"),
        pytest.param(OTHER, "ticket", FOREIGN["ticket"], id="E18 gate closed"),
        pytest.param({**A_ROW, "name": "林静宜"}, "ticket", A_ROW["ticket"], id="another name"),
        pytest.param(A_ROW, "ticket", "1", id="no ticket at all"),
    ],
)
def test_every_failing_proof_looks_the_same(running: Running, who: dict[str, str], kind: str, value: str):
    """E15–E18: one neutral answer, so that nobody learns whether a pass exists."""
    answer = running.proven(who, kind, value)
    assert (answer.result, answer.code) == ({"qualification": None}, None)


@pytest.mark.parametrize("row", [FOREIGN, FAILED, {**A_ROW, "ticket": "4305261100999"}])
def test_self_service_tells_nothing_either(running: Running, row: dict[str, str]):
    """E18."""
    asked = {"name": row["name"], "id_number": row["id_number"], "ticket": row["ticket"]}
    assert running.load(contracts.PUBLISH_WAITING, service_actor("accounts"), **asked) == {"qualifications": []}


def test_the_calendar_is_everybodys(running: Running):
    """E18: the public calendar stands beside the neutral answer."""
    gates = running.load(contracts.CALENDAR, VISITOR)["gates"]
    assert [(gate["region"], gate["is_open"]) for gate in gates] == [("43", True), ("44", False)]
    # Nobody has said when 44 opens: the release planned it by the policy of its province.
    assert gates[1]["planned_at"] > datetime.now(UTC) + timedelta(days=6)


@pytest.mark.parametrize(
    ("contract", "actor", "fields", "code"),
    [
        (contracts.MATCH, VISITOR, {"name": "林静怡", "id_number": A_ROW["id_number"]}, "role_not_allowed"),
        (contracts.MATCH, service_actor("review"), {"name": "林静怡", "id_number": A_ROW["id_number"]}, "not_allowed"),
        (contracts.QUALIFICATIONS, service_actor("notices"), {"ids": []}, "not_allowed"),
        (contracts.BATCHES, VISITOR, {}, "role_not_allowed"),
        (contracts.QUARANTINE, service_actor("accounts"), {}, "role_not_allowed"),
    ],
)
def test_whoever_has_no_row_is_refused(
    running: Running, contract: RpcMethod[Any, Any], actor: Actor, fields: dict[str, Any], code: str
):
    answer = running.ask(contract, actor, **fields)
    assert (answer.kind, answer.code) == ("permission_denied", code)


def test_a_delivery_is_not_doubled_by_a_retry_or_a_second_click(running: Running):
    """E19, design D12."""
    content = a_file({**OTHER, "ticket": "4305261100555", "comprehensive_score": "100", "result": "fail"})
    command = {"year": 2026, "round": 2, "filename": "", **running.upload(content.replace(b"2026,1,", b"2026,2,"))}
    first = running.ask(contracts.START_IMPORT, EXAMINER, key="one", **command)
    again = running.ask(contracts.START_IMPORT, EXAMINER, key="one", **command)
    clicked = running.ask(contracts.START_IMPORT, EXAMINER, key="two", **command)
    assert first.result == again.result
    assert clicked.result["id"] == first.result["id"]
    running.when("UPDATED", first.result["id"])


def test_two_operators_publish_one_batch_once(running: Running):
    """The second one saw a version that is gone."""
    batch = running.load(contracts.BATCHES, EXAMINER, limit=1)["items"][0]
    ready = running.when("UPDATED", batch["id"])
    asked = {"id": ready["id"], "version": ready["version"]}
    assert running.ask(contracts.PUBLISH_BATCH, EXAMINER, **asked).code is None
    assert running.ask(contracts.PUBLISH_BATCH, EXAMINER, **asked).code == "batch_changed"


def test_a_planned_gate_opens_in_its_moment(running: Running):
    moment = datetime.now(UTC) + timedelta(seconds=3)
    gates = running.load(contracts.OPEN_GATE, EXAMINER, region="63", year=2026, round=1, planned_at=moment)["gates"]
    assert [gate["is_open"] for gate in gates if gate["region"] == "63"] == [False]
    eventually(lambda: is_open(running, "63"), within=30.0)


def is_open(running: Running, region: str) -> bool:
    gates = running.load(contracts.CALENDAR, VISITOR)["gates"]
    return any(gate["is_open"] for gate in gates if gate["region"] == region)


def test_who_looks_at_a_held_id_says_why_and_is_announced(running: Running):
    """E71."""
    content = a_file({**OTHER, "ticket": "4305261200001", "exam_code": "120", "discipline": "flagged"})
    batch = running.load(contracts.START_IMPORT, EXAMINER, year=2026, round=1, filename="", **running.upload(content))
    running.when("UPDATED", batch["id"])
    page = running.load(contracts.QUARANTINE, EXAMINER, after=None, limit=100)
    [held] = [row for row in page["items"] if row["batch_id"] == batch["id"]]
    assert held["masked_id"] == "4301************14"
    shown = running.load(contracts.REVEAL_HELD_ROW, EXAMINER, id=held["id"], reason="与纸质档案核对")
    assert shown["id_number"] == OTHER["id_number"]
    dismissed = running.load(
        contracts.DECIDE_HELD_ROW, operator_actor("test"), id=held["id"], outcome="dismiss", decision="核字5号"
    )
    assert dismissed["counts"] == {"DISMISSED": 1}


def test_a_service_killed_in_the_middle_of_a_file_reads_it_to_its_end(running: Running, tmp_path: Path):
    """Killed twice with -9, once while reading and once while publishing: every row once, every pass once."""
    cohort = generate(2500, seed=11, year=2024)
    cohort.write(tmp_path / "c.csv")
    manifest = manifest_of(cohort)
    uploaded = running.upload((tmp_path / "c.csv").read_bytes())
    batch = running.load(contracts.START_IMPORT, EXAMINER, year=2024, round=1, filename="", **uploaded)

    def is_some(state: str, number: int) -> Any:
        now = running.load(contracts.BATCH, EXAMINER, id=batch["id"])
        return now if now["counts"].get(state, 0) > number else None

    eventually(lambda: is_some("UPDATED", 0), within=60.0)
    running.system.restart("sync")
    ready = running.when("UPDATED", batch["id"])
    assert ready["done"] == 2500
    assert ready["reasons"] == manifest["reasons"]
    running.load(contracts.OPEN_GATE, EXAMINER, region="*", year=2024, round=1, planned_at=None)
    running.load(contracts.PUBLISH_BATCH, EXAMINER, id=ready["id"], version=ready["version"])
    eventually(lambda: is_some("PUBLISHED", 0), within=60.0)
    running.system.restart("sync")
    assert running.when("PUBLISHED", batch["id"])["counts"]["PUBLISHED"] == manifest["passed"]
    assert running.count("qualifications", "year = 2024") == manifest["passed"]
    assert running.count("outbox", "type = 'sync.qualification_published.v1'") >= manifest["passed"]


def test_no_log_line_holds_a_number(running: Running):
    log = running.system.log()
    for row in (A_ROW, OTHER, FAILED, FOREIGN):
        for column in ("id_number", "ticket", "name"):
            assert row.get(column, "never") not in log
