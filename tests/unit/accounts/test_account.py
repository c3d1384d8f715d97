"""The states of an account (domain §2.2): table, sentences, and random walks against a plain model."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.accounts.domain.account import (
    NEXT_STEP,
    AccountState,
    activate,
    bind_phone,
    calls_for_alert,
    disable,
    enter_paper_certificate,
    fail_proof,
    keep_ticket,
    recognise,
    require_activatable,
    require_recognised,
)
from shared.platform.errors import Conflict, DomainError, PermissionDenied, RuleViolated

from .makers import FIRST, NOW, SECOND, TICKET, an_account

STATES = list(AccountState)


def in_state(state: AccountState):
    recognised = state in (AccountState.MATCHED, AccountState.PHONE_BOUND, AccountState.ACTIVATED)
    bound = state in (AccountState.PHONE_BOUND, AccountState.ACTIVATED)
    return an_account(
        state=state,
        qualification_ids=(FIRST,) if recognised else (),
        phone_bound=bound,
        activated_with=FIRST if state is AccountState.ACTIVATED else None,
    )


ACTS = {
    "match": lambda account: recognise(account, [FIRST])[0],
    "no_match": lambda account: recognise(account, [])[0],
    "bind": lambda account: bind_phone(account, "13900000002"),
    "activate": lambda account: activate(account, route="ticket", qualification_id=FIRST, now=NOW),
    "paper": lambda account: enter_paper_certificate(account, FIRST),
    "disable": lambda account: disable(account, reason="申诉", now=NOW),
}

# Every state and every act: the state that follows, or the code of the refusal.
TABLE = {
    "CREATED": {
        "match": "MATCHED",
        "no_match": "UNMATCHED",
        "bind": "qualification_not_matched",
        "activate": "qualification_not_matched",
        "paper": "qualification_not_matched",
        "disable": "DISABLED",
    },
    "UNMATCHED": {
        "match": "MATCHED",
        "no_match": "UNMATCHED",
        "bind": "qualification_not_matched",
        "activate": "qualification_not_matched",
        "paper": "qualification_not_matched",
        "disable": "DISABLED",
    },
    "MATCHED": {
        "match": "MATCHED",
        "no_match": "MATCHED",
        "bind": "PHONE_BOUND",
        "activate": "phone_not_bound",
        "paper": "MATCHED",
        "disable": "DISABLED",
    },
    "PHONE_BOUND": {
        "match": "PHONE_BOUND",
        "no_match": "PHONE_BOUND",
        "bind": "PHONE_BOUND",
        "activate": "ACTIVATED",
        "paper": "PHONE_BOUND",
        "disable": "DISABLED",
    },
    "ACTIVATED": {
        "match": "ACTIVATED",
        "no_match": "ACTIVATED",
        "bind": "ACTIVATED",
        "activate": "already_activated",
        "paper": "ACTIVATED",
        "disable": "DISABLED",
    },
    "DISABLED": dict.fromkeys(ACTS, "account_disabled"),
}


def outcome_of(act, account) -> str:
    try:
        return act(account).state.value
    except DomainError as refusal:
        return refusal.code


@pytest.mark.parametrize(
    ("state", "act", "expected"), [(state, act, then) for state, row in TABLE.items() for act, then in row.items()]
)
def test_the_whole_table_of_states_and_acts(state, act, expected):
    """Domain §2.2, each state with each act; E10: the order is match → phone → activation."""
    assert outcome_of(ACTS[act], in_state(AccountState(state))) == expected


def test_the_table_is_whole():
    assert set(TABLE) == {state.value for state in STATES} == {state.value for state in NEXT_STEP}
    assert all(set(row) == set(ACTS) for row in TABLE.values())


def test_without_a_published_qualification_the_next_step_is_the_ticket():
    """E09: UNMATCHED, with ticket entry; nothing else is open."""
    account, new = recognise(an_account(), [])
    assert (account.state, account.next_step, new) == (AccountState.UNMATCHED, "update_qualification", ())


def test_phone_binding_before_a_match_is_refused():
    """E10."""
    with pytest.raises(RuleViolated, match="qualification_not_matched"):
        bind_phone(an_account(), "13800000001")


def test_two_passes_in_one_year_are_two_qualifications():
    """E22: the second is added; what is known already is not news."""
    account, _ = recognise(an_account(), [FIRST])
    account, new = recognise(account, [FIRST, SECOND, SECOND])
    assert account.qualification_ids == (FIRST, SECOND)
    assert new == (SECOND,)


def test_a_second_binding_takes_the_place_of_the_first():
    """Domain §2.4: rebinding frees the old alias at once."""
    account = bind_phone(in_state(AccountState.ACTIVATED), "13900000009")
    assert (account.phone, account.phone_bound, account.state) == ("13900000009", True, AccountState.ACTIVATED)


def test_the_ticket_is_forgotten_once_it_has_served():
    account = activate(
        keep_ticket(in_state(AccountState.PHONE_BOUND), TICKET), route="ticket", qualification_id=FIRST, now=NOW
    )
    assert (account.ticket, account.activated_at, account.activated_with) == (None, NOW, FIRST)


@pytest.mark.parametrize(("failures", "alert"), [(0, False), (1, False), (2, False), (3, True), (4, False), (6, True)])
def test_the_third_failed_proof_in_a_row_raises_the_alert(failures, alert):
    """E15."""
    assert calls_for_alert(an_account(failed_proofs=failures), 3) is alert


def test_a_proof_that_holds_ends_the_row_of_failures():
    account = fail_proof(fail_proof(in_state(AccountState.PHONE_BOUND)))
    assert activate(account, route="ticket", qualification_id=FIRST, now=NOW).failed_proofs == 0


def test_only_a_recognised_qualification_has_a_paper_certificate():
    """Domain §6.4: the code entered must be that of a stored qualification."""
    with pytest.raises(RuleViolated, match="proof_not_found"):
        enter_paper_certificate(in_state(AccountState.ACTIVATED), SECOND)


def test_a_disabled_account_frees_its_phone():
    assert disable(in_state(AccountState.ACTIVATED), reason="合并", now=NOW).phone_bound is False


def test_an_account_is_disabled_for_a_reason():
    with pytest.raises(RuleViolated, match="reason_required"):
        disable(an_account(), reason=" ", now=NOW)


def test_an_account_does_not_show_numbers():
    shown = repr(an_account(phone="13800000001", email="a@example.org", ticket=TICKET))
    assert "13800000001" not in shown
    assert "example" not in shown
    assert TICKET not in shown


def test_guards_name_what_is_missing():
    with pytest.raises(RuleViolated, match="qualification_not_matched"):
        require_recognised(an_account())
    with pytest.raises(RuleViolated, match="phone_not_bound"):
        require_activatable(in_state(AccountState.MATCHED))
    with pytest.raises(Conflict, match="already_activated"):
        require_activatable(in_state(AccountState.ACTIVATED))
    with pytest.raises(PermissionDenied, match="account_disabled"):
        require_recognised(in_state(AccountState.DISABLED))


class AccountWalk(RuleBasedStateMachine):
    """Any sequence of steps keeps what domain §2.2 promises."""

    def __init__(self) -> None:
        super().__init__()
        self.account = an_account()
        self.seen: list[AccountState] = []
        self.found: set[UUID] = set()
        self.has_bound = False
        self.has_activated = False

    def _do(self, act):
        before = self.account
        try:
            self.account = act()
        except DomainError:
            assert self.account == before
        else:
            self.seen.append(self.account.state)

    @rule(found=st.sets(st.sampled_from([FIRST, SECOND])))
    def check(self, found):
        self._do(lambda: recognise(self.account, sorted(found))[0])
        if self.account.state is not AccountState.DISABLED:
            self.found |= found

    @rule(number=st.integers(0, 3))
    def bind(self, number):
        self._do(lambda: bind_phone(self.account, f"1380000000{number}"))
        self.has_bound |= self.account.state in (AccountState.PHONE_BOUND, AccountState.ACTIVATED)

    @rule(qualification=st.sampled_from([FIRST, SECOND]), route=st.sampled_from(["ticket", "certificate_code"]))
    def activate(self, qualification, route):
        self._do(lambda: activate(self.account, route=route, qualification_id=qualification, now=NOW))
        if self.account.is_activated:
            self.has_activated = True
            self.found |= {self.account.activated_with}

    @rule()
    def fail(self):
        self.account = fail_proof(self.account)

    @rule(qualification=st.sampled_from([FIRST, SECOND]))
    def enter_paper(self, qualification):
        self._do(lambda: enter_paper_certificate(self.account, qualification))

    @precondition(lambda self: self.account.state is not AccountState.CREATED)
    @rule()
    def end(self):
        self._do(lambda: disable(self.account, reason="申诉", now=NOW))

    @invariant()
    def nobody_is_activated_without_match_and_phone(self):
        """ "激活成功后，方可办理业务": and activation presupposes both."""
        if self.account.is_activated:
            assert self.has_bound
            assert self.account.phone_bound
            assert self.account.activated_with in self.account.qualification_ids

    @invariant()
    def qualifications_are_never_lost_or_invented(self):
        assert set(self.account.qualification_ids) == self.found
        assert len(set(self.account.qualification_ids)) == len(self.account.qualification_ids)

    @invariant()
    def papers_belong_to_recognised_qualifications(self):
        assert set(self.account.paper_certificates) <= set(self.account.qualification_ids)

    @invariant()
    def activation_is_only_left_by_disabling(self):
        if self.has_activated:
            assert self.account.state in (AccountState.ACTIVATED, AccountState.DISABLED)

    @invariant()
    def an_unmatched_account_has_nothing(self):
        if self.account.state in (AccountState.CREATED, AccountState.UNMATCHED):
            assert not self.account.qualification_ids
            assert not self.account.phone_bound


TestAccountWalk = AccountWalk.TestCase
TestAccountWalk.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def test_what_was_not_changed_is_equal():
    account = in_state(AccountState.MATCHED)
    assert recognise(account, [FIRST])[0] == account == replace(account)
