"""The table of authority: whole, with pure relations."""

from __future__ import annotations

import inspect
from uuid import UUID

import pytest

from services.accounts.authority import AUTHORITY, RELATIONS
from services.accounts.domain.staff import StaffMember
from services.accounts.service import AccountsService
from shared.contracts import accounts as contracts
from shared.platform.bus.server import Rpc
from shared.platform.contract import RpcMethod
from shared.platform.identity import Actor, service_actor

from .makers import ACCOUNT_ID, PERSON_ID, an_account

ENTRYPOINTS = [
    entrypoint
    for _, method in inspect.getmembers(AccountsService, inspect.isfunction)
    for entrypoint in getattr(method, "nameko_entrypoints", ())
    if isinstance(entrypoint, Rpc)
]


def test_every_call_of_the_contract_is_answered():
    agreed = {value.name for value in vars(contracts).values() if isinstance(value, RpcMethod)}
    assert {entrypoint.contract.name for entrypoint in ENTRYPOINTS} == agreed


def test_every_entry_point_has_its_row_and_every_row_its_entry_point():
    assert {entrypoint.action for entrypoint in ENTRYPOINTS} == AUTHORITY.actions


def test_a_member_may_see_their_own_account_only():
    me = Actor(kind="staff", id=f"staff:{UUID(int=4)}", role="clerk", account_id=ACCOUNT_ID)
    own = StaffMember(UUID(int=4), 1, ACCOUNT_ID, UUID(int=5), "institution", "clerk", "经办员", "clerk_a")
    other = StaffMember(UUID(int=6), 1, UUID(int=7), UUID(int=5), "institution", "clerk", "经办员", "clerk_b")
    assert RELATIONS["is_own_staff_account"](me, own)
    assert not RELATIONS["is_own_staff_account"](me, other)


def test_a_person_stands_to_their_own_record_only():
    """E11's other half: nobody acts on somebody else's account."""
    me = Actor(kind="person", id=f"person:{PERSON_ID}", role="physician", account_id=ACCOUNT_ID)
    assert RELATIONS["is_own"](me, an_account())
    assert not RELATIONS["is_own"](me, an_account(person_id=UUID(int=3)))
    staff = Actor(kind="staff", id=f"staff:{PERSON_ID}", role="physician")
    assert not RELATIONS["is_own"](staff, an_account())


@pytest.mark.parametrize("service", ["gateway", "applications", "review", "sync", "notices", "accounts"])
def test_only_one_service_each_makes_contexts_and_reads_persons(service):
    """Design D11: the gateway alone exchanges sessions; the keeper of applications alone reads identities."""
    actor = service_actor(service)
    assert RELATIONS["is_gateway"](actor, None) is (service == "gateway")
    assert RELATIONS["knows_applicants"](actor, None) is (service == "applications")
