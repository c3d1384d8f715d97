"""Random walks through every workflow: nothing but a told refusal, never a decision without a person, always an end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.review.domain.case import Case, Policy, Reason
from services.review.domain.context import Context
from services.review.domain.steps import ActorFacts
from services.review.domain.submissions import submitted_again
from services.review.domain.transitions import SYSTEM, advance, automatic, is_possible, task_of
from services.review.domain.workflow import ActorKind
from services.review.news import advanced_news, case_facts
from shared.platform.errors import DomainError
from shared.trade.statuses import BusinessType

from .kinds import LEFT_BEHIND, SAME_AUTHORITY
from .makers import (
    APPLICANT,
    CITY,
    COUNTY,
    ELSEWHERE,
    HOSPITAL,
    MONDAY,
    OLD_HOSPITAL,
    PROVINCE,
    a_context,
    a_policy,
    a_submission,
    an_institution,
    event,
    staff,
    submitted,
    timer,
    workflow,
)
from .ways import EVENT_OF

POLICIES = st.builds(
    a_policy,
    paper__required=st.booleans(),
    review__pre_tiers=st.lists(st.sampled_from(("county", "city", "province")), unique=True),
    change__release_mode=st.sampled_from(("NONE", "NOTIFY", "CONSENT")),
    multi__main_consent=st.sampled_from(("NOTIFY", "CONSENT")),
    mil__province_confirm=st.booleans(),
)
STARTERS = st.sampled_from(("physician", "institution", "authority", "system"))
PEOPLE = [
    APPLICANT,
    *(staff("clerk", place) for place in (HOSPITAL, OLD_HOSPITAL)),
    *(staff(role, place.id) for role in ("window", "officer") for place in (COUNTY, CITY, PROVINCE, ELSEWHERE)),
]
REASONS = st.lists(
    st.sampled_from(("other", "photo_unfit", "contract_dispute", "false_materials")), max_size=2, unique=True
)
#: How a case is brought to its end: what is tried in turn, by whoever may.
ONWARD = ("release", "confirm", "receive_paper", "accept", "agree", "approve", "refuse", "supplemented", "resubmit")


@dataclass
class Walk:
    """A case on its way, with the moment and the policy of the day."""

    case: Case
    policy: Policy
    reached: set[str]
    now: Any = MONDAY
    decisions: int = 0

    @property
    def table(self) -> Any:
        return workflow(self.case.type)

    def context(self, **said: Any) -> Context:
        return a_context(self.now, self.policy, **said)

    def take(self, action: str, actor: ActorFacts, **said: Any) -> bool:
        """Try an action; whether it was taken. Whatever it raises beyond a refusal is a fault."""
        case = self.case
        if action == "resubmit":
            again = a_submission(
                type=case.type, submission=case.submission + 1, releasing=case.releasing, policy=self.policy
            )
            case = submitted_again(case, again, self.table)
        try:
            advanced = advance(self.table, case, action, actor, self.context(**said))
        except DomainError:
            return False
        if advanced.decision is not None:
            assert actor.kind is ActorKind.STAFF
            self.decisions += 1
        assert (advanced.decision is None) == (action not in ("approve", "refuse"))
        self.case = advanced.case
        self.holds(advanced.step)
        while (following := automatic(self.table, self.case, self.context())) is not None:
            advanced = advance(self.table, self.case, following, SYSTEM, self.context())
            self.case = advanced.case
            self.holds(advanced.step)
        return True

    def holds(self, step: Any) -> None:
        """What is true of a case after every step."""
        case, state = self.case, self.table.states[self.case.state]
        self.reached.add(case.state)
        news = advanced_news(self.table, case, step)
        assert {**case_facts(case), "to_state": case.state}.items() <= news.items()
        task = task_of(self.table, case, self.context())
        assert not (state.end and task)
        passes = automatic(self.table, case, self.context()) is not None
        # Somebody finds it on a desk, or the applicant is asked: nothing is forgotten between two of them.
        assert state.end or task or passes or state.acts_next in ("applicant", "none"), case.state
        clock = case.running_clock
        assert (clock is not None) == bool(state.clock)
        assert case.accepted_on is None or case.received_on is not None
        assert len(case.release.asked) == len(set(case.release.asked))

    def silence(self) -> None:
        """The clock of the state comes to its end, as the timer finds it."""
        clock = self.case.running_clock
        if clock is None:
            return
        self.now = max(self.now, MONDAY + (clock.due_on - MONDAY.date() + timedelta(days=1)))
        then, by = self.table.clocks[clock.name].then, timer(clock.name)
        if then != "remind" and is_possible(self.table, self.case, then, by, self.context()):
            assert self.take(then, by)

    def to_the_end(self) -> None:
        """Everybody does what there is to do; nobody objects, nobody withdraws."""
        for _ in range(40):
            if self.table.states[self.case.state].end:
                return
            before = self.case
            for action in ONWARD:
                if action in self.table.action_names and any(self.attempts(action)):
                    break
            if self.case is before:
                self.silence()
        raise AssertionError(f"{self.case.type} stays in {self.case.state}")

    def attempts(self, action: str) -> Any:
        """The action by everybody, until somebody may."""
        said: dict[str, Any] = {"papers": self.case.paper_materials} if action == "receive_paper" else {}
        if action == "refuse":
            said = {"reasons": (Reason("other", note="说明"),), "note": "说明"}
        has_all = not set(self.case.paper_materials) - set(self.case.paper_received)
        if action == "receive_paper" and has_all and self.case.state != "ORG_CONFIRMED":
            return
        for actor in (*PEOPLE, event(EVENT_OF.get(action, action))):
            if self.take(action, actor, **said):
                yield True
                return


@pytest.mark.parametrize("kind", BusinessType)
def test_every_walk_meets_told_refusals_only_and_can_reach_an_end(kind):
    """Issue §4: whoever does whatever in whatever order, a case is never stuck and never decided by itself."""
    reached: set[str] = set()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(data=st.data())
    def walks(data):
        a_walk(kind, data, reached)

    walks()
    # Walks that never get anywhere would prove nothing.
    wanted = {
        "ORG_CONFIRMED",
        "RECEIVED",
        "ACCEPTED",
        "APPROVED",
        *({"RELEASE", "PRE_REVIEW"} & set(workflow(kind).states)),
    }
    assert wanted <= reached, wanted - reached


def a_walk(kind: BusinessType, data: Any, reached: set[str]) -> None:
    """A case that anybody does anything with, brought to its end by those who do what there is to do."""
    policy = data.draw(POLICIES)
    starter = data.draw(STARTERS)
    submission = a_submission(
        type=kind,
        policy=policy,
        started_by=starter,
        starter_id=HOSPITAL if starter == "institution" else None,
        releasing=data.draw(st.sampled_from((None, LEFT_BEHIND, SAME_AUTHORITY))),
        institution=an_institution(authority=data.draw(st.sampled_from((COUNTY, CITY, PROVINCE)))),
    )
    walk = Walk(submitted(submission), policy, reached)
    assert walk.take("open", event("application_submitted"))
    names = sorted(workflow(kind).action_names)
    for _ in range(data.draw(st.integers(0, 25))):
        if workflow(kind).states[walk.case.state].end and walk.case.state != "APPROVED":
            break
        here = sorted({row.name for row in workflow(kind).rows(walk.case.state)})
        action = data.draw(st.sampled_from(here or names) if data.draw(st.integers(0, 9)) else st.sampled_from(names))
        match data.draw(st.integers(0, 12)):
            case 0:
                walk.silence()
                continue
            case 1:
                walk.case = replace(walk.case, licence_status=data.draw(st.sampled_from(("valid", "suspended"))))
                continue
        said: dict[str, Any] = {"note": data.draw(st.sampled_from(("", "说明")))}
        said["reasons"] = tuple(Reason(code, note="说明") for code in data.draw(REASONS))
        said["papers"] = data.draw(st.sampled_from((None, (), walk.case.paper_materials, ("diary",))))
        actors = [*PEOPLE, event(EVENT_OF.get(action, action)), timer(), timer("institution"), SYSTEM]
        walk.take(action, data.draw(st.sampled_from(actors)), **said)
    walk.to_the_end()
    assert walk.decisions or walk.case.state not in ("APPROVED", "REFUSED")
