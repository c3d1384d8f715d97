"""Every row that asks for a relation, on real records: whoever stands in it is let through, a stranger never is."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import psycopg
import pytest

from commands.journey.api import ApiProblem
from commands.journey.cast import Login
from shared.contracts import sync
from shared.platform.contract import RpcMethod
from shared.platform.identity import Actor, service_actor
from tests.architecture.test_entry_points import entry_points
from tests.contract.samples import sample
from tests.contract.test_samples import seal
from tests.support.deployment import deployed
from tests.support.keys import keys_of
from tests.support.processes import System
from tests.support.rpc_client import rpc_client

pytestmark = [pytest.mark.broker, pytest.mark.postgres]

CLOSED = ("not_allowed", "not_found", "role_not_allowed")
STALE = 1_000_000
AUTHORITY_RELATIONS = ("competent_authority", "keeping_authority", "reviewing_authority", "superior_authority")
OF_REGISTER = ("applications.registration", "applications.registrations", "applications.certificate_document")
SPEAKERS = {
    "is_gateway": ("gateway",),
    "knows_applicants": ("applications",),
    "is_accounts": ("accounts",),
    "keeps_copies": ("accounts", "applications"),
}


def rows(wanted, owners=("accounts", "applications", "review", "sync", "notices")):
    """Contract, role and relation of each row whose relation is `wanted` or among them."""
    for owner in owners:
        actions = entry_points(owner)
        table = importlib.import_module(f"services.{owner}.authority").AUTHORITY
        for constant, contract in vars(importlib.import_module(f"shared.contracts.{owner}")).items():
            if isinstance(contract, RpcMethod) and contract.service == owner:
                for row in table.rows:
                    if row.action == actions[constant] and row.relation in wanted:
                        yield pytest.param(contract, row.role, row.relation, id=f"{contract.path}-{row}")


@dataclass(frozen=True)
class Records:
    """One application on its way through the tiers, one registration, and the organisations around them."""

    application: UUID
    case: UUID
    task: UUID
    person: UUID
    registration: UUID
    certificate: UUID
    registered_person: UUID
    message: UUID
    institution: UUID
    registered_at: UUID
    authorities: dict[str, tuple[UUID, str]]
    staff: dict[tuple[UUID, str], tuple[UUID, UUID]]

    def request(self, contract):
        """The sample's request, aimed at these records, with a version that changes nothing."""
        wire = dict(sample(contract)["request"])
        ids = {
            "applications.registration": self.registration,
            "applications.registrations": self.registered_person,
            "applications.certificate_document": self.certificate,
            "review.case": self.case,
            "notices.mark_read": self.message,
        }
        known = {
            "id": ids.get(contract.path, self.application),
            "application_id": self.application,
            "case_id": self.case,
            "task_id": self.task,
        }
        wire |= {name: str(value) for name, value in known.items() if name in wire}
        if contract.path == "applications.read_material":
            wire["kind"] = "photo"
        if "version" in wire:
            wire["version"] = STALE
        if "as_of" in wire:
            wire["as_of"] = wire["known_at"] = None
        return seal(contract.request, wire)

    def somebody(self, role, relation, contract):
        """Who stands in `relation` to the record that the request names."""
        of_register = contract.path in OF_REGISTER
        if role == "physician":
            return replace(_actor(role), id=f"person:{self.registered_person if of_register else self.person}")
        if role == "clerk":
            organisation, division = self.registered_at if of_register else self.institution, "44/4401/440106"
        else:
            organisation, division = self.authorities[relation]
        member, account = self.staff[organisation, role]
        return replace(
            _actor(role), id=f"staff:{member}", account_id=account, organisation_id=organisation, division=division
        )

    def stranger(self, role):
        """Somebody else in the role: of another province, where it is a member of staff."""
        if role == "physician":
            return _actor(role)
        near = {self.institution, self.registered_at, *(organisation for organisation, _ in self.authorities.values())}
        organisation = next(place for place, held in self.staff if held == role and place not in near)
        member, account = self.staff[organisation, role]
        return replace(_actor(role), id=f"staff:{member}", account_id=account, organisation_id=organisation)


def _actor(role):
    """Somebody in a role, not known to anybody yet."""
    staff = role != "physician"
    return Actor(
        kind="staff" if staff else "person",
        id=f"{'staff' if staff else 'person'}:{uuid4()}",
        role=role,
        account_id=uuid4(),
        session_id=uuid4(),
        organisation_id=uuid4() if staff else None,
        organisation_kind=("institution" if role == "clerk" else "authority") if staff else None,
        division="43/4301" if staff else "",
        address="0" * 16,
        activated=True,
        province="44",
    )


@pytest.fixture(scope="module")
def world(broker, database_server, tmp_path_factory):
    """Two applications of province 44, where a county looks first: one pre-reviewed, one registered."""
    folder = tmp_path_factory.mktemp("relations")
    system = System.distributed(broker.uri, database_server.server_url, folder / "system")
    with deployed(system, folder, size=200) as deployment, keys_of(system.keys_dir), rpc_client(broker.uri) as client:
        yield deployment, client, _records(deployment)


def _records(deployment) -> Records:
    hospital = deployment.hospital("44")
    centre = next(place for place in deployment.cast.institutions if place.authority == "AUTH-440106")
    looked_at = deployment.accepted(hospital, region="44", paper_certificate=True, state="PRE_REVIEW")
    registered = deployment.accepted(centre, region="44", paper_certificate=True)
    deployment.officer(place=centre).decide(registered.application["number"], "approve", step="decide")
    registered.wait_until("CERT_ISSUED", within=60)
    application = UUID(looked_at.application["id"])
    case, person = _one(deployment, "review", "SELECT id, person_id FROM cases WHERE application_id = %s", application)
    (task,) = _one(deployment, "review", "SELECT id FROM tasks WHERE case_id = %s AND status = 'OPEN'", case)
    registration = UUID(registered.application["registration_id"])
    (certificate,) = _one(
        deployment, "applications", "SELECT id FROM certificates WHERE registration_id = %s", registration
    )
    (registered_person,) = _one(
        deployment, "review", "SELECT person_id FROM cases WHERE application_id = %s", registered.application["id"]
    )
    (message,) = _one(deployment, "notices", "SELECT id FROM messages WHERE recipient = %s LIMIT 1", f"person:{person}")

    def authority(code: str) -> tuple[UUID, str]:
        found, division = _one(deployment, "accounts", "SELECT id, division FROM authorities WHERE code = %s", code)
        return found, division

    return Records(
        application,
        case,
        task,
        person,
        registration,
        certificate,
        registered_person,
        message,
        UUID(deployment.institution_id(hospital)),
        UUID(deployment.institution_id(centre)),
        {
            "competent_authority": authority("AUTH-4401"),
            "keeping_authority": authority("AUTH-4401"),
            "reviewing_authority": authority("AUTH-440106"),
            "superior_authority": authority("AUTH-44"),
        },
        {
            (organisation, role): (member, account)
            for organisation, role, member, account in _all(
                deployment, "accounts", "SELECT organisation_id, role, id, account_id FROM staff"
            )
        },
    )


def _one(deployment, service, statement, *values):
    (found,) = _all(deployment, service, statement, *values)
    return found


def _all(deployment, service, statement, *values):
    address = deployment.system.database_url(service).replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(address) as connection:
        return connection.execute(statement, values).fetchall()


OF_RECORDS = [
    *rows(
        ("own", "own_case", "target_institution", "own_institution", *AUTHORITY_RELATIONS), ("applications", "review")
    ),
    *(row for row in rows(("is_recipient",), ("notices",)) if row.values[1] == "physician"),
]


@pytest.mark.parametrize(("contract", "role", "relation"), OF_RECORDS)
def test_who_stands_in_the_relation_is_let_through_and_a_stranger_is_not(world, contract, role, relation):
    """The related caller may still meet a conflict, a faulty input or another's step, but never a closed door."""
    deployment, client, records = world
    request = records.request(contract)
    related, stranger = records.somebody(role, relation, contract), records.stranger(role)
    answer = client.call(contract, request, token=deployment.system.token(related))
    assert answer.code not in CLOSED, answer
    assert answer.kind not in ("internal", "unauthenticated"), answer
    refused = client.call(contract, request, token=deployment.system.token(stranger))
    if contract.path == "applications.registrations":  # a list: what a stranger may see of it is nothing
        assert refused.kind is None
        assert refused.result["items"] == []
        assert answer.result["items"] != []
    else:
        assert refused.code in CLOSED, refused


DESKS = """code,kind,name,tier,scope,division,superior,window_address,phone
EXAM-11,exam_centre,北京考区考试席,,region,11,,,
EXAM-ALL,exam_centre,国家医学考试中心考务席,,national,11,,,
"""
EXAMINERS = """login_name,name,role,organisation,phone,email,password
examiner_11,北京考务员,examiner,EXAM-11,,,Yizhu-Demo-1
examiner_all,全国考务员,examiner,EXAM-ALL,,,Yizhu-Demo-1
"""
GATES_YEAR = 2031


@pytest.fixture(scope="module")
def exam_desks(world, tmp_path_factory):
    """Beijing's own desk and one of the national centre, both of division 11, with somebody logged in at each."""
    deployment, _, _ = world
    folder = tmp_path_factory.mktemp("desks")
    for name, content in (("desks.csv", DESKS), ("examiners.csv", EXAMINERS)):
        (folder / name).write_text(content, encoding="utf-8")
    deployment.system.command("organisations", "load", "--authorities", str(folder / "desks.csv"))
    deployment.system.command("staff", "load", str(folder / "examiners.csv"))
    return {
        desk: deployment.staff(Login(f"examiner_{desk}", "Yizhu-Demo-1", "examiner", f"EXAM-{desk.upper()}"))
        for desk in ("11", "all")
    }


@pytest.mark.parametrize(
    ("desk", "region", "may"),
    [
        ("11", "11", True),
        ("11", "43", False),
        ("11", "*", False),
        ("all", "11", True),
        ("all", "43", True),
        ("all", "*", True),
    ],
)
def test_a_gate_is_opened_by_whoever_runs_its_region(exam_desks, desk, region, may):
    """Domain §6.4, E18: Beijing's desk opens 11 and no other, the national centre at the same seat any."""
    gate = {"region": region, "year": GATES_YEAR, "round": 1 if desk == "11" else 2}
    if may:
        opened = exam_desks[desk].api.post("/gates", gate)["gates"]
        assert any(item["is_open"] and item["year"] == GATES_YEAR for item in opened)
    else:
        with pytest.raises(ApiProblem) as refused:
            exam_desks[desk].api.post("/gates", gate)
        assert (refused.value.status, refused.value.code) == (403, "not_allowed")


def test_the_rows_of_the_gates_are_these(world):
    """No other action rests on the relation, and who acts for no desk at all is refused even with the role."""
    deployment, client, _ = world
    assert [row.values[:2] for row in rows(("runs_regions",), ("sync",))] == [(sync.OPEN_GATE, "examiner")]
    request = seal(sync.OPEN_GATE.request, sample(sync.OPEN_GATE)["request"])
    refused = client.call(sync.OPEN_GATE, request, token=deployment.system.token(_actor("examiner")))
    assert refused.code == "not_allowed"


OF_SERVICES = list(rows(tuple(SPEAKERS)))


@pytest.mark.parametrize(("contract", "role", "relation"), OF_SERVICES)
def test_only_the_services_that_a_row_names_are_let_through(world, contract, role, relation):
    """A stolen key of another service opens nothing of this."""
    deployment, client, _ = world
    for service in ("gateway", "accounts", "applications", "review", "sync", "notices"):
        token = deployment.system.token(service_actor(service), service)
        answer = client.call(contract, seal(contract.request, sample(contract)["request"]), token=token)
        if service in SPEAKERS[relation]:
            assert answer.kind not in ("permission_denied", "internal"), (service, answer)
        else:
            assert (answer.kind, answer.code) == ("permission_denied", "not_allowed"), (service, answer)
