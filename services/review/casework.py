"""Takes cases through their workflow inside one unit of work: saves, keeps history, lays tasks, tells the news."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts import review as contracts
from shared.platform.errors import Conflict, PreconditionRequired
from shared.platform.ids import new_id
from shared.platform.working_days import WorkingDays, local_date
from shared.trade.divisions import six_digits

from .dependencies import Policies
from .domain import deadlines
from .domain.case import ActorFacts, Case, Clock, Decision, Policy
from .domain.context import Context
from .domain.submissions import Submission, new_case
from .domain.transitions import SYSTEM, Advanced, advance, automatic, task_of
from .domain.workflow import ActorKind, Workflow
from .news import advanced_news, deadline_news, decided_news, task_news
from .unit_of_work import ReviewUnitOfWork
from .workflow_files import Workflows


class Casework:
    """The steps of one transaction, all at the same moment."""

    def __init__(
        self, uow: ReviewUnitOfWork, workflows: Workflows, policies: Policies, calendar: WorkingDays, now: datetime
    ) -> None:
        self.uow = uow
        self.now = now
        self.today: date = local_date(now)
        self.calendar = calendar
        self._workflows = workflows
        self._policies = policies

    def context(self, case: Case, **said: Any) -> Context:
        """The context of an action on a case, with what its actor says."""
        return Context(self.now, self.today, self.calendar, self.policy_in(case.institution.division), **said)

    def policy_in(self, division: str) -> Policy:
        """The policy in force today."""
        return self._policies.at(self.today, division)

    def workflow_of(self, case: Case) -> Workflow:
        """The very version that the case was opened on."""
        return self._workflows.of_pin(case.workflow, self.uow.workflow_texts)

    def open_case(self, submission: Submission, actor: ActorFacts) -> Case:
        """Open the case of a first submission on the workflow's present version."""
        file = self._workflows.current(submission.type)
        workflow = file.workflow
        self.uow.workflow_texts.remember(workflow.digest, workflow.name, workflow.version, file.content)
        case = new_case(submission, workflow, case_id=new_id(), now=self.now, today=self.today)
        return self.take(case, "open", actor)

    def take(self, case: Case, action: str, actor: ActorFacts, **said: Any) -> Case:
        """Take an action, and whatever the system does by itself after it; the case as saved."""
        workflow = self.workflow_of(case)
        case = self._record(workflow, advance(workflow, case, action, actor, self.context(case, **said)))
        return self.settle(case)

    def settle(self, case: Case) -> Case:
        """Let the system take the actions that are its own in the case's state."""
        workflow = self.workflow_of(case)
        for _ in workflow.states:
            following = automatic(workflow, case, self.context(case))
            if following is None:
                return case
            case = self._record(workflow, advance(workflow, case, following, SYSTEM, self.context(case)))
        raise RuntimeError(f"{workflow.label} goes round in circles from {case.state}")

    def save(self, case: Case) -> Case:
        """Write a case back that took no step, and put its task where it now belongs."""
        case = self._write(case)
        workflow = self.workflow_of(case)
        facts, current = task_of(workflow, case, self.context(case)), self.uow.tasks.open_of(case.id)
        if facts is not None and current is not None:
            self.uow.tasks.update(current, facts)
        return case

    def look_at_clocks(self, case: Case) -> None:
        """Tell what a clock's end asks for today, each thing once; silence that means something takes its action."""
        workflow = self.workflow_of(case)
        passed: Clock | None = None
        for position, clock in enumerate(case.clocks):
            told = deadlines.telling(clock, self.today, self.calendar)
            if told is None:
                continue
            clocks = (*case.clocks[:position], told.clock, *case.clocks[position + 1 :])
            case = replace(case, clocks=clocks)
            facts = task_of(workflow, case, self.context(case))
            event = contracts.DEADLINE_PASSED if told.passed else contracts.DEADLINE_NEAR
            case = self._write(case)
            self._announce(event, case, deadline_news(case, told, facts))
            passed = told.clock if told.passed else passed
        rule = None if passed is None else workflow.clocks[passed.name]
        if rule is not None and rule.then != "remind":
            self.take(case, rule.then, ActorFacts(ActorKind.TIMER, SYSTEM.id, SYSTEM.role, name=rule.name))

    def recount(self, case: Case) -> None:
        """Count a provisional deadline again, now that the calendar of its year is published (design D16)."""
        counted = deadlines.recomputed(case, self.calendar)
        before, after = case.running_clock, counted.running_clock
        moved = before is not None and after is not None and before.due_on != after.due_on
        workflow = self.workflow_of(case)
        if moved and workflow.rows(case.state, "recompute_deadlines"):
            self.take(counted, "recompute_deadlines", ActorFacts(ActorKind.TIMER, SYSTEM.id, SYSTEM.role))
        else:
            self.save(counted)

    def _record(self, workflow: Workflow, advanced: Advanced) -> Case:
        """Everything that belongs to one step: case, history, decision, tasks and their news, in this order."""
        case, number = advanced.case, ""
        if advanced.decision is not None:
            number = self._number_of(workflow, case, advanced.decision)
            case = replace(case, decision_number=number)
        case = self._write(case)
        self.uow.records.add_step(case, advanced.step)
        self._announce(contracts.CASE_ADVANCED, case, advanced_news(workflow, case, advanced.step))
        if advanced.decision is not None:
            self.uow.records.add_decision(case, advanced.decision, number)
            self._announce(contracts.CASE_DECIDED, case, decided_news(case, advanced.decision, number))
        self._lay_task(case, advanced)
        return case

    def _lay_task(self, case: Case, advanced: Advanced) -> None:
        current = self.uow.tasks.open_of(case.id)
        if advanced.keeps_task and current is not None and advanced.task is not None:
            self.uow.tasks.update(current, advanced.task)
            return
        if current is not None:
            done = advanced.step.organisation_id == current.organisation_id
            self.uow.tasks.close(current, self.now, done=done, settled=done and advanced.action.settles)
        if advanced.task is None:
            return
        name_index = self.uow.cases.name_index(case.applicant_name)
        task = self.uow.tasks.open(case, advanced.task, name_index, self.now)
        if not task.waits:
            self._announce(contracts.TASK_OPENED, case, task_news(case, task))

    def _number_of(self, workflow: Workflow, case: Case, decision: Decision) -> str:
        year, division = decision.decided_on.year, six_digits(decision.authority.division)
        serial = self.uow.records.next_serial(division, case.type, year)
        return workflow.decision_number.format(division=division, type=case.type, year=year, serial=serial)

    def _write(self, case: Case) -> Case:
        is_open = not self.workflow_of(case).states[case.state].end
        wake_on = deadlines.next_wake(case, self.calendar)
        write = self.uow.cases.save if case.version else self.uow.cases.add
        return write(case, is_open=is_open, wake_on=wake_on)

    def _announce(self, event: Any, case: Case, data: dict[str, Any]) -> None:
        self.uow.announce(event, aggregate_id=case.id, data=data, province=case.province, occurred_at=self.now)


def require_version(case: Case, version: int | None) -> None:
    """Refuse a change that was asked for on another version of the case than the present one."""
    if version is None:
        raise PreconditionRequired("version_required")
    if case.version != version:
        raise Conflict("case_changed", version=case.version)


def staff_facts(actor_id: str, role: str, organisation_id: UUID | None, person_id: UUID | None) -> ActorFacts:
    """A member of staff as the workflow's table sees them."""
    return ActorFacts(ActorKind.STAFF, actor_id, role, organisation_id, person_id)
