"""Who may speak for whom, and what the table lets them do."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.authorisation import (
    ActingActor,
    ActorProvider,
    AuthorityFault,
    AuthorityTable,
    Row,
    actor_of,
)
from shared.platform.bus.interception import WireAnswer
from shared.platform.clock import movable_clock, now
from shared.platform.config import load_settings
from shared.platform.errors import NotFound, PermissionDenied, Unauthenticated
from shared.platform.identity import (
    Actor,
    forget_identity_keys,
    initialise_identity_keys,
    operator_actor,
    operator_token,
    service_actor,
    service_token,
    signer,
    verifier,
)
from tests.unit.platform.conftest import SERVICES

DOCTOR = Actor(
    kind="person",
    id=f"person:{UUID(int=1)}",
    role="physician",
    account_id=UUID(int=2),
    session_id=UUID(int=3),
    factors=frozenset({"password"}),
    captcha=True,
    address="a1",
    activated=True,
    province="43",
)
CLERK = Actor(
    kind="staff",
    id=f"staff:{UUID(int=4)}",
    role="clerk",
    organisation_id=UUID(int=5),
    organisation_kind="institution",
    organisation_scope="region",
    division="430102",
)
VISITOR = Actor(kind="visitor", id="visitor:x", role="visitor")
TABLE = AuthorityTable(
    "review",
    [
        Row("case.see", "clerk", "own"),
        Row("case.see", "officer"),
        Row("case.see", "physician", "own"),
        Row("case.see", "physician", "never"),
        Row("case.decide", "officer"),
    ],
    {"own": lambda actor, record: record == actor.id, "never": lambda actor, record: False},
)


# --- identity


@pytest.mark.parametrize("actor", [DOCTOR, CLERK, VISITOR], ids=lambda actor: actor.kind)
def test_a_context_signed_by_accounts_is_the_same_actor_again(keys, actor):
    assert verifier().verify(signer("accounts").sign(actor)) == actor


@pytest.mark.parametrize("actor", [DOCTOR, CLERK, VISITOR], ids=lambda actor: actor.kind)
def test_no_other_service_speaks_for_people(keys, actor):
    with pytest.raises(Unauthenticated, match="identity_invalid"):
        verifier().verify(signer("review").sign(actor))


def test_a_service_speaks_for_itself_alone(keys):
    assert verifier().verify(service_token(load_settings("review"))) == service_actor("review")
    with pytest.raises(Unauthenticated, match="identity_invalid"):
        verifier().verify(signer("review").sign(service_actor("accounts")))


def test_a_service_gains_no_role_by_claiming_one(keys):
    """A stolen service key must not become power over the register (D11)."""
    claimed = Actor(kind="service", id="service:review", role="officer", organisation_id=UUID(int=5))
    assert verifier().verify(signer("review").sign(claimed)) == service_actor("review")


def test_accounts_gives_nobody_a_services_role(keys):
    with pytest.raises(Unauthenticated, match="identity_invalid"):
        verifier().verify(signer("accounts").sign(Actor(kind="person", id="person:1", role="service")))


def test_a_command_line_acts_as_an_operator(keys):
    assert verifier().verify(operator_token("review", "li")) == operator_actor("li")


def test_a_token_of_another_deployment_is_refused(keys, tmp_path, environment):
    foreign = tmp_path / "foreign"
    initialise_identity_keys(foreign, SERVICES)
    environment.setenv("KEYS_DIR", str(foreign))
    from shared.platform.config import forget_settings

    forget_settings()
    forget_identity_keys()
    token = signer("accounts").sign(DOCTOR)
    environment.setenv("KEYS_DIR", str(keys))
    forget_settings()
    forget_identity_keys()
    with pytest.raises(Unauthenticated, match="identity_invalid"):
        verifier().verify(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(keys, token):
    with pytest.raises(Unauthenticated, match="identity_invalid"):
        verifier().verify(token)


def test_an_unsigned_or_differently_signed_token_is_refused(keys):
    claims = {"iss": "accounts", "sub": DOCTOR.id, "role": "physician", "exp": now().timestamp() + 60}
    head = jwt.get_unverified_header(signer("accounts").sign(DOCTOR))
    for token in (
        jwt.encode(claims, "", algorithm="none", headers={"kid": head["kid"]}),
        jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": head["kid"]}),
    ):
        with pytest.raises(Unauthenticated, match="identity_invalid"):
            verifier().verify(token)


@given(position=st.integers(0, 10_000))
def test_one_changed_character_of_a_token_is_seen(position):
    token = _TOKEN["signed"]
    place = position % (len(token) - 2)
    other = "A" if token[place] != "A" else "B"
    changed = token[:place] + other + token[place + 1 :]
    with pytest.raises(Unauthenticated):
        _TOKEN["verifier"].verify(changed)


_TOKEN: dict = {}


@pytest.fixture(autouse=True)
def _one_token(keys):
    _TOKEN.update(signed=signer("accounts").sign(DOCTOR), verifier=verifier())


def test_a_token_ends_with_the_deployments_clock_also_when_it_was_verified_before(keys, environment, tmp_path):
    environment.setenv("CLOCK_URI", f"file://{tmp_path}/clock")
    from shared.platform.clock import clock
    from shared.platform.config import forget_settings

    forget_settings()
    clock.cache_clear()
    token = signer("accounts").sign(DOCTOR)
    assert verifier().verify(token) == DOCTOR
    movable_clock().advance(timedelta(minutes=4))
    assert verifier().verify(token) == DOCTOR
    movable_clock().advance(timedelta(minutes=2))
    with pytest.raises(Unauthenticated, match="identity_expired"):
        verifier().verify(token)


def test_a_services_token_is_renewed_before_it_ends(keys, environment, tmp_path):
    environment.setenv("CLOCK_URI", f"file://{tmp_path}/clock")
    from shared.platform.clock import clock
    from shared.platform.config import forget_settings

    forget_settings()
    clock.cache_clear()
    first = service_token(load_settings("review"))
    assert service_token(load_settings("review")) == first
    movable_clock().advance(timedelta(minutes=4, seconds=30))
    second = service_token(load_settings("review"))
    assert second != first
    verifier().verify(second)


def test_a_replaced_key_leaves_its_public_half(keys):
    token = signer("review").sign(service_actor("review"))
    (keys / "identity" / "review.pem").unlink()
    initialise_identity_keys(keys, SERVICES)
    forget_identity_keys()
    assert verifier().verify(token) == service_actor("review")
    assert verifier().verify(signer("review").sign(service_actor("review"))) == service_actor("review")
    assert initialise_identity_keys(keys, SERVICES) == []


# --- authority


@pytest.mark.parametrize(
    ("actor", "record", "refused"),
    [
        (CLERK, CLERK.id, None),
        (CLERK, "another", PermissionDenied),
        (DOCTOR, DOCTOR.id, None),
        (DOCTOR, "another", PermissionDenied),
    ],
)
def test_the_relation_to_the_record_decides(actor, record, refused):
    acting = ActingActor(actor, TABLE, "case.see")
    assert not acting.is_checked
    if refused is None:
        acting.require(record)
        assert acting.is_checked
    else:
        with pytest.raises(refused, match="not_allowed"):
            acting.require(record)
        assert not acting.is_checked


def test_a_record_that_is_not_the_callers_business_is_not_found():
    with pytest.raises(NotFound):
        ActingActor(CLERK, TABLE, "case.see").require("another", hide=True)


def test_a_role_without_a_row_is_refused_before_anything_else():
    with pytest.raises(PermissionDenied, match="role_not_allowed"):
        ActingActor(CLERK, TABLE, "case.decide")


def test_what_one_could_do_is_told_without_doing_it():
    acting = ActingActor(CLERK, TABLE, "case.see")
    assert acting.may("case.see", CLERK.id)
    assert not acting.may("case.see", "another")
    assert not acting.may("case.decide", CLERK.id)
    assert not acting.is_checked


@pytest.mark.parametrize(
    "rows",
    [[Row("a", "clerk", "unknown")], [Row("a", "clerk"), Row("a", "clerk")]],
)
def test_a_wrong_table_is_a_fault_at_once(rows):
    with pytest.raises(AuthorityFault):
        AuthorityTable("review", rows)


class Call(SimpleNamespace):
    """As much of an RPC at work as the guard looks at."""


def guarded(token: str | None, action: str, method, service: str = "review"):
    provider = ActorProvider(TABLE)
    provider.container = SimpleNamespace(service_name=service)
    provider.attr_name = "actor"
    provider.setup()
    worker_ctx = SimpleNamespace(service=SimpleNamespace(), service_name=service)
    worker_ctx.service.actor = provider.get_dependency(worker_ctx)
    call = Call(headers={"yz-identity": token} if token else {}, action=action, worker_ctx=worker_ctx)
    return provider.around_rpc(call, lambda: method(worker_ctx.service.actor)), worker_ctx


def test_a_call_without_identity_is_refused(keys):
    with pytest.raises(Unauthenticated, match="identity_missing"):
        guarded(None, "case.see", lambda actor: "secret")


def test_an_answer_that_nobody_checked_is_a_fault_and_no_leak(keys):
    token = signer("accounts").sign(CLERK)
    with pytest.raises(AuthorityFault, match="without require"):
        guarded(token, "case.see", lambda actor: "secret")


def test_a_checked_answer_passes_and_the_worker_knows_its_caller(keys):
    def method(actor):
        actor.require(CLERK.id)
        return actor.organisation_id

    answer, worker_ctx = guarded(signer("accounts").sign(CLERK), "case.see", method)
    assert answer == CLERK.organisation_id
    assert actor_of(worker_ctx) == CLERK


def test_a_stored_answer_needs_no_second_check(keys):
    stored = WireAnswer({"kept": True})
    answer, _ = guarded(signer("accounts").sign(CLERK), "case.see", lambda actor: stored)
    assert answer is stored


def test_a_list_narrowed_by_its_query_says_so(keys):
    answer, _ = guarded(signer("accounts").sign(CLERK), "case.see", lambda actor: actor.filter_only() or [])
    assert answer == []


def test_a_table_of_another_service_stops_the_start(keys):
    with pytest.raises(AuthorityFault, match="accounts"):
        guarded(None, "case.see", lambda actor: None, service="accounts")


def test_a_worker_without_a_call_acts_as_its_service():
    assert actor_of(SimpleNamespace(service_name="review")) == service_actor("review")
