"""Random sequences of what applicants, clerks, windows, officers, news and timers do, against a plain model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.review.dependencies import Policies
from services.review.domain.case import ActorFacts, Case, Reason
from services.review.domain.submissions import submitted_again
from shared.platform.engine import Database
from shared.platform.errors import Conflict, DomainError
from shared.platform.migrations import upgrade
from shared.platform.working_days import local_date
from shared.trade.policy import Policy as ProvincePolicies
from shared.trade.policy_file import parse_policy, read_policy_file
from tests.integration.review.conftest import MIGRATIONS
from tests.integration.review.desk import Desk
from tests.integration.review.plain_model import OPEN_TASK, PlainCase
from tests.unit.review.makers import (
    APPLICANT,
    CALENDAR,
    CITY,
    CLERK,
    COUNTY,
    MONDAY,
    PROVINCE,
    ROOT,
    a_submission,
    an_institution,
    event,
    staff,
)

ONLINE = """
[[rule]]
key = "paper.required"
value = false
valid_from = 2020-01-01
decision = "fully online"
"""
TIERED = """
[[rule]]
key = "review.pre_tiers"
value = ["county", "province"]
valid_from = 2020-01-01
decision = "county and province look first"
"""
POLICIES = {"default": "", "online": ONLINE, "tiered": TIERED}


def policies_of(kind: str) -> Policies:
    national = read_policy_file(ROOT / "provinces" / "national.toml")
    own = parse_policy(f'division = "43"\nversion = 1\n{POLICIES[kind]}', "43.toml", "43")
    return Policies(ProvincePolicies([national, own]))


class CaseMachine(RuleBasedStateMachine):
    """One case; every act is tried in every state, by the right and by a stale version."""

    desk: Desk
    reached: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None

    @initialize(kind=st.sampled_from(sorted(POLICIES)), ends_after=st.integers(1, 6))
    def open(self, kind: str, ends_after: int) -> None:
        self.ends_after = ends_after
        self.desk.now = MONDAY
        self.desk.policies = policies_of(kind)
        self.authority = CITY if kind == "tiered" else COUNTY
        self.model = PlainCase(paper_awaited=kind != "online", tiers=2 if kind == "tiered" else 0, today=self.today)
        self.model.entered_on = self.today
        self.submission = a_submission(institution=an_institution(authority=self.authority))
        self.case = self.desk.open(self.submission)
        self.numbers: set[str] = set()

    @property
    def is_time_to_end(self) -> bool:
        """What ends a case early is tried after a few steps only, and then in any state."""
        return self.case is not None and self.model.steps >= self.ends_after

    @property
    def today(self) -> date:
        return local_date(self.desk.now)

    @property
    def in_time(self) -> bool:
        """Whether the notice of what is missing is still possible: five working days after receipt."""
        if self.model.state != "RECEIVED" or self.model.received_on is None:
            return True
        return self.today <= CALENDAR.add(self.model.received_on, 5).date

    def expect(self, possible: bool, action: str, actor: ActorFacts, case: Case | None = None, **said: Any) -> None:
        """Try it; it works exactly when the model says so, and then its repetition on the old version does not."""
        before = case or self.present
        if not possible:
            with pytest.raises(DomainError):
                self.desk.take(before, action, actor, **said)
            return
        self.case = self.desk.take(before, action, actor, **said)
        if self.case.decision_number:
            self.numbers.add(self.case.decision_number)
        with pytest.raises(Conflict, match="case_changed"):
            self.desk.take(before, action, actor, **said)

    @property
    def present(self) -> Case:
        assert self.case is not None
        return self.case

    @rule()
    def go_on(self) -> None:
        """The straight way, so that a sequence gets somewhere before it ends."""
        following: dict[str, Any] = {
            "ORG_REVIEW": self.confirm,
            "ORG_RETURNED": self.resubmit,
            "ORG_CONFIRMED": lambda: self.receive_paper(complete=True, role="window"),
            "RECEIVED": self.accept if self.model.papers_complete or not self.model.paper_awaited else self.bring_all,
            "SUPPLEMENT": self.supplemented,
            "PRE_REVIEW": self.agree,
            "ACCEPTED": self.approve,
            "APPROVED": self.effect_blocked,
            "EFFECT_BLOCKED": self.refuse,
        }
        following.get(self.model.state, self.approve)()

    @rule(times=st.integers(1, 4))
    def go_on_and_on(self, times: int) -> None:
        for _ in range(times):
            self.go_on()

    @precondition(lambda self: self.is_time_to_end)
    @rule()
    def end_it(self) -> None:
        """The no that fits the state."""
        ends: dict[str, Any] = {"ORG_REVIEW": self.reject, "RECEIVED": self.not_accept, "ACCEPTED": self.refuse}
        ends.get(self.model.state, self.withdraw)()

    def bring_all(self) -> None:
        self.receive_paper(complete=True, role="head")

    # --- the institution and the applicant

    @rule()
    def confirm(self) -> None:
        self.expect(self.model.confirm(), "confirm", CLERK)

    @rule()
    def return_to_applicant(self) -> None:
        reasons = (Reason("photo_unfit"),)
        self.expect(self.model.return_to_applicant(), "return_to_applicant", CLERK, reasons=reasons)

    @precondition(lambda self: self.is_time_to_end)
    @rule()
    def reject(self) -> None:
        self.expect(self.model.reject(), "reject", CLERK, reasons=(Reason("not_employed_here"),))

    @rule()
    def resubmit(self) -> None:
        next_one = replace(self.submission, submission=self.present.submission + 1)
        possible = self.model.resubmit()
        with self.desk.unit() as work:
            case = submitted_again(work.uow.cases.get(self.present.id), next_one)
            by = event("application_submitted")
            if possible:
                self.case = work.take(case, "resubmit", by)
            else:
                with pytest.raises(Conflict, match="action_not_possible"):
                    work.take(case, "resubmit", by)

    @rule()
    def supplemented(self) -> None:
        self.expect(self.model.supplemented(), "supplemented", event("application_supplemented"))

    @precondition(lambda self: self.is_time_to_end)
    @rule()
    def withdraw(self) -> None:
        self.expect(self.model.withdraw(), "withdraw", APPLICANT)

    # --- the authority

    @rule(complete=st.booleans(), role=st.sampled_from(("window", "officer", "head")))
    def receive_paper(self, complete: bool, role: str) -> None:
        papers = self.present.paper_materials if complete else ()
        who = staff(role, self.authority.id)
        self.expect(self.model.receive_paper(complete=complete), "receive_paper", who, papers=papers)

    @rule(code=st.sampled_from((("photo_unfit", "photo"), ("employment_proof_missing", "employment_proof"))))
    def supplement(self, code: tuple[str, str]) -> None:
        possible = self.model.supplement(code[1], in_time=self.in_time)
        self.expect(possible, "supplement", staff("window", self.authority.id), reasons=(Reason(code[0]),))

    @rule()
    def not_accept(self) -> None:
        possible = self.model.not_accept(in_time=self.in_time)
        who = staff("window", self.authority.id)
        self.expect(possible, "not_accept", who, reasons=(Reason("no_licence_needed"),))

    @rule()
    def accept(self) -> None:
        self.expect(self.model.accept(in_time=self.in_time), "accept", staff("window", self.authority.id))

    @rule()
    def agree(self) -> None:
        tier = (COUNTY, PROVINCE)[min(self.model.tiers_done, 1)]
        self.expect(self.model.agree(), "agree", staff("officer", tier.id))

    @rule()
    def approve(self) -> None:
        self.expect(self.model.approve(), "approve", staff("officer", self.authority.id))

    @rule()
    def refuse(self) -> None:
        reasons = (Reason("criminal_penalty"),)
        self.expect(self.model.refuse(), "refuse", staff("head", self.authority.id), reasons=reasons, note="事实")

    @rule()
    def terminate(self) -> None:
        reasons = (Reason("no_longer_possible", note="登记已变更"),)
        self.expect(self.model.terminate(), "terminate", staff("officer", self.authority.id), reasons=reasons)

    @rule(action=st.sampled_from(("confirm", "accept", "approve", "agree")), role=st.sampled_from(("clerk", "window")))
    def strangers_never_act(self, action: str, role: str) -> None:
        self.expect(False, action, staff(role, PROVINCE.id))

    # --- news and time

    @rule()
    def effect_blocked(self) -> None:
        self.expect(self.model.effect_blocked(), "effect_blocked", event("effect_blocked"))

    @precondition(lambda self: self.is_time_to_end)
    @rule()
    def licence_cancelled(self) -> None:
        possible = self.model.licence_cancelled()
        case = replace(self.present, licence_status="cancelled")
        with self.desk.unit() as work:
            if possible:
                self.case = work.take(case, "licence_cancelled", event("licence_cancelled"))
            else:
                with pytest.raises(Conflict):
                    work.take(case, "licence_cancelled", event("licence_cancelled"))

    @rule(days=st.sampled_from((1, 3, 8, 20)), timers_run=st.booleans())
    def days_go_by(self, days: int, timers_run: bool) -> None:
        self.desk.days_go_by(days)
        self.model.today = self.today
        if not timers_run:
            return
        if not self.in_time:
            assert self.model.received_on is not None
            self.model.accepted(self.model.received_on)
        self.desk.fire_clocks()
        self.desk.fire_clocks()  # a late acceptance starts a clock whose own end may be near already
        assert self.desk.fire_clocks() == 0
        self.case = self.desk.case(self.present.id)

    # --- what is always true

    @invariant()
    def the_case_is_what_the_model_says(self) -> None:
        if self.case is None:
            return
        self.reached[self.model.state] += 1
        case, model = self.desk.case(self.case.id), self.model
        assert (case.state, case.submission, case.steps) == (model.state, model.submission, model.steps)
        assert (case.received_on, case.accepted_on) == (model.received_on, model.accepted_on)
        assert case.version >= case.steps

    @invariant()
    def every_step_has_its_news_and_every_decision_one(self) -> None:
        if self.case is None:
            return
        told = Counter(news["type"].split(".")[1] for news in self.desk.news(self.case.id))
        assert told["case_advanced"] == self.model.steps
        assert told["case_decided"] == self.model.decisions == len(self.numbers)
        sequence = [news["sequence"] for news in self.desk.news(self.case.id)]
        assert sequence == list(range(1, len(sequence) + 1))
        chain = [news["data"] for news in self.desk.news(self.case.id) if "case_advanced" in news["type"]]
        assert all(one["to_state"] == two["from_state"] for one, two in pairwise(chain))

    @invariant()
    def what_lies_on_a_desk_is_what_the_state_asks_for(self) -> None:
        if self.case is None:
            return
        with self.desk.unit(read_only=True) as work:
            task = work.uow.tasks.open_of(self.case.id)
        assert (None if task is None else task.step) == OPEN_TASK.get(self.model.state)

    @invariant()
    def the_running_clock_has_the_laws_last_day(self) -> None:
        """行政许可法 art.32(4), 44; 医师法 art.13; ten working days for the institution."""
        if self.case is None:
            return
        model, clock = self.model, self.desk.case(self.case.id).running_clock
        days = {
            "ORG_REVIEW": (model.entered_on, 10),
            "RECEIVED": (model.received_on, 5),
            **dict.fromkeys(("ACCEPTED", "PRE_REVIEW", "EFFECT_BLOCKED"), (model.accepted_on, 20)),
            "APPROVED": (model.entered_on, 10),
        }.get(model.state)
        if days is None:
            assert clock is None
            return
        first, length = days
        assert first is not None
        assert clock is not None
        assert clock.due_on == CALENDAR.add(first, length).date


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[Desk]:
    """Casework on SQLite."""
    folder = tmp_path_factory.mktemp("model")
    url = f"sqlite:///{folder}/review.db"
    upgrade(MIGRATIONS, url)
    database = Database("review", url)
    yield Desk(database)
    database.close()


@pytest.mark.slow
def test_no_sequence_of_acts_leads_where_the_model_does_not(desk: Desk) -> None:
    """Issue §4: random sequences of actions by applicant, clerk and officers, with retries, against a plain model."""

    class Machine(CaseMachine):
        pass

    Machine.desk, Machine.reached = desk, Counter()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            phases=(Phase.generate,),  # shrinking walks through thousands of transactions
        ),
    )
    # Sequences that never get anywhere would prove nothing.
    assert len(Machine.reached) >= 9, Machine.reached
