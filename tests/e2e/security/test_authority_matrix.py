"""Every cell of every authority table, through the running system: action × role, granted or refused by the owner."""

from __future__ import annotations

import importlib
from uuid import uuid4

import pytest

from shared.platform.contract import RpcMethod
from shared.platform.identity import Actor, operator_actor, service_actor
from tests.architecture.test_entry_points import entry_points
from tests.contract.samples import contracts, sample
from tests.contract.test_samples import seal
from tests.support.deployment import deployed
from tests.support.keys import keys_of
from tests.support.processes import System
from tests.support.rpc_client import rpc_client

pytestmark = [pytest.mark.broker, pytest.mark.postgres]

OWNERS = ("accounts", "applications", "review", "sync", "notices")
PEOPLE = {"physician": "person", "visitor": "visitor"}
STAFF = ("clerk", "window", "officer", "head", "examiner", "administrator", "security")
ROLES = ("visitor", "physician", *STAFF, "service", "operator")
CELLS = [
    pytest.param(contract, entry_points(contract.service)[constant], role, id=f"{contract.path}-{role}")
    for owner in OWNERS
    for constant, contract in vars(importlib.import_module(f"shared.contracts.{owner}")).items()
    if isinstance(contract, RpcMethod) and contract.service == owner
    for role in ROLES
]


@pytest.fixture(scope="module")
def running(broker, database_server, tmp_path_factory):
    """A small deployment with its own databases, and a plain client on its broker."""
    folder = tmp_path_factory.mktemp("matrix")
    system = System.distributed(broker.uri, database_server.server_url, folder / "system")
    with deployed(system, folder, size=5) as deployment, keys_of(system.keys_dir), rpc_client(broker.uri) as client:
        yield deployment, client


def actor_of(role):
    """Somebody in a role who has nothing to do with any record."""
    if role == "service":
        return service_actor("notices"), "notices"
    if role == "operator":
        return operator_actor("test"), "accounts"
    kind = PEOPLE.get(role, "staff")
    return (
        Actor(
            kind=kind,
            id=f"{kind}:{uuid4()}",
            role=role,
            account_id=None if kind == "visitor" else uuid4(),
            session_id=None if kind == "visitor" else uuid4(),
            organisation_id=uuid4() if kind == "staff" else None,
            organisation_kind={"clerk": "institution"}.get(role, "authority") if kind == "staff" else None,
            division="99/9999" if kind == "staff" else "",
            address="0" * 16,
            activated=True,
            province="43",
        ),
        "accounts",
    )


@pytest.mark.parametrize(("contract", "action", "role"), CELLS)
def test_a_cell_is_granted_or_refused_as_the_table_says(running, contract, action, role):
    """No row: `role_not_allowed`, before the request is even read. A related row: never served to a stranger."""
    deployment, client = running
    table = importlib.import_module(f"services.{contract.service}.authority").AUTHORITY
    relations = {row.relation for row in table.rows if (row.action, row.role) == (action, role)}
    actor, issuer = actor_of(role)
    answer = client.call(
        contract, seal(contract.request, sample(contract)["request"]), token=deployment.system.token(actor, issuer)
    )
    if not relations:
        assert (answer.kind, answer.code) == ("permission_denied", "role_not_allowed")
    else:
        assert answer.code != "role_not_allowed"
        assert answer.kind != "internal", f"a fault: {deployment.system.faults()[-1:]}"
        if "any" not in relations and contract.answer is not None and not _is_own_list(contract):
            assert answer.kind is not None, "a stranger was served"


@pytest.mark.parametrize(
    "contract", [item for item in contracts() if isinstance(item, RpcMethod)], ids=lambda item: item.path
)
def test_no_call_is_served_without_an_identity(running, contract):
    """A broker login alone is no power: a request without a signed context is refused by the owner."""
    _, client = running
    answer = client.call(contract, seal(contract.request, sample(contract)["request"]))
    assert (answer.kind, answer.code) == ("unauthenticated", "identity_missing")


def test_a_service_may_not_speak_for_a_person(running):
    """Design D11: contexts of people are signed by accounts alone."""
    deployment, client = running
    from shared.contracts import applications

    actor, _ = actor_of("physician")
    for issuer in ("gateway", "review"):
        answer = client.call(applications.APPLICATIONS, {}, token=deployment.system.token(actor, issuer))
        assert answer.kind == "unauthenticated"


def _is_own_list(contract):
    """Lists and own views answer a stranger with his own, empty, record; so does what speaks of an unknown record."""
    return contract.name in {
        "registrations", "timeline",
        "applications", "certificates", "seniority", "work_list", "next_task", "inbox", "mark_all_read", "access_log",
        "business_types", "readiness", "close_session",
    }  # fmt: skip
