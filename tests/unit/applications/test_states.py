"""The whole table of how an application's state follows its case, and what this service decides itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.states import OWNED, PROJECTED, may_take_effect, project
from shared.platform.errors import Conflict
from shared.trade.statuses import ApplicationState as State


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("to_state", list(State))
def test_every_step_of_the_case_is_followed_ignored_or_refused(state: State, to_state: State):
    """`domain.md` §3.0, each state with each: a step of the table, one of our own, or out of order."""
    if to_state in OWNED or to_state is state or state in (State.EFFECTIVE, State.CERT_ISSUED):
        assert project(state, to_state) is state
    elif to_state in PROJECTED.get(state, ()):
        assert project(state, to_state) is to_state
    else:
        with pytest.raises(Conflict) as refused:
            project(state, to_state)
        assert refused.value.code == "case_step_out_of_order"


@given(st.lists(st.sampled_from(State), max_size=30))
def test_what_is_final_stays_final(steps):
    """Nothing follows a refusal, a withdrawal or an issued certificate."""
    state = State.SUBMITTED
    for step in steps:
        before = state
        try:
            state = project(state, step)
        except Conflict:
            continue
        if before.is_final:
            assert state is before


def test_an_application_can_be_withdrawn_until_it_is_approved():
    """撤回: before APPROVED, by the applicant (`domain.md` §3.0)."""
    open_before_approval = {state for state in PROJECTED if state not in (State.APPROVED, State.EFFECT_BLOCKED)}
    for state in open_before_approval:
        assert project(state, State.WITHDRAWN) is State.WITHDRAWN
    for state in (State.APPROVED, State.EFFECT_BLOCKED):
        with pytest.raises(Conflict):
            project(state, State.WITHDRAWN)


def test_an_approval_takes_effect_from_where_one_may_approve():
    """News of step and decision may come in either order."""
    able = {state for state in State if may_take_effect(state)}
    assert able == {State.ACCEPTED, State.PRE_REVIEW, State.APPROVED, State.EFFECT_BLOCKED}
