"""How far an application is (`domain.md` §3.0): what this service decides itself, and what it learns from the case."""

from __future__ import annotations

from collections.abc import Mapping

from shared.platform.errors import Conflict
from shared.trade.statuses import ApplicationState as State

OWNED = frozenset({State.DRAFT, State.SUBMITTED, State.EFFECTIVE, State.CERT_ISSUED})
"""States that this service alone enters (design §2); the case's news of them is no news."""

EDITABLE = frozenset({State.DRAFT, State.ORG_RETURNED})
"""Where the applicant may change the form and submit (again)."""

_ENDS = {State.WITHDRAWN, State.TERMINATED}

PROJECTED: Mapping[State, frozenset[State]] = {
    state: frozenset(following)
    for state, following in {
        State.SUBMITTED: {State.ORG_REVIEW, *_ENDS},
        State.ORG_REVIEW: {State.ORG_RETURNED, State.ORG_REJECTED, State.ORG_CONFIRMED, *_ENDS},
        State.ORG_RETURNED: _ENDS,
        State.ORG_CONFIRMED: {State.RELEASE, State.RECEIVED, State.NOT_ACCEPTED, *_ENDS},
        State.RELEASE: {State.RECEIVED, State.NOT_ACCEPTED, *_ENDS},
        State.RECEIVED: {State.SUPPLEMENT, State.NOT_ACCEPTED, State.ACCEPTED, *_ENDS},
        State.SUPPLEMENT: {State.RECEIVED, State.NOT_ACCEPTED, State.ACCEPTED, *_ENDS},
        State.ACCEPTED: {State.PRE_REVIEW, State.APPROVED, State.REFUSED, *_ENDS},
        State.PRE_REVIEW: {State.PRE_REVIEW, State.ACCEPTED, State.APPROVED, State.REFUSED, *_ENDS},
        State.APPROVED: {State.EFFECT_BLOCKED},
        State.EFFECT_BLOCKED: {State.APPROVED, State.REFUSED, State.TERMINATED},
    }.items()
}
"""The case's table as seen from here: which state may follow which (行政许可法 art.32, 38; 医师法 art.13)."""


def project(state: State, to_state: State) -> State:
    """The application's next state, as the case has gone on to `to_state`.

    The case's own view of where it came from is not asked: an applicant may have submitted again meanwhile. A step that
    has no place in the table is `Conflict("case_step_out_of_order")`, so that the event is parked and looked at.
    """
    if to_state in OWNED or to_state is state or state in (State.EFFECTIVE, State.CERT_ISSUED):
        return state
    if to_state not in PROJECTED.get(state, frozenset()):
        raise Conflict("case_step_out_of_order", state=state.value, to_state=to_state.value)
    return to_state


def may_take_effect(state: State) -> bool:
    """Whether an approval may be carried out now: the news of the step and of the decision may come in either order."""
    return state is State.APPROVED or State.APPROVED in PROJECTED.get(state, frozenset())
