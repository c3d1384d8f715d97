"""Cases, tasks and timelines in the form of the contract."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from .domain.case import Case, Reason, Step
from .domain.context import Calendar
from .domain.work_list import Tally, Task
from .domain.workflow import Action, Workflow
from .news import authority_brief, policy_pin, reason_item


def case_view(
    case: Case,
    workflow: Workflow,
    *,
    task: Task | None,
    actions: tuple[Action, ...],
    steps: list[Step],
    calendar: Calendar,
    today: date,
    now: datetime,
    viewer_id: UUID,
    role: str,
    hears_opinions: bool,
) -> dict[str, Any]:
    """A case as the institution or an authority works on it; only who `hears_opinions` is told of those."""
    holder = None if task is None else task.holder(now)
    return {
        "id": case.id,
        "version": case.version,
        "application_id": case.application_id,
        "number": case.number,
        "type": case.type,
        "sub_kind": case.sub_kind,
        "state": case.state,
        "step": "" if task is None else task.step,
        "submission": case.submission,
        "person_id": case.person_id,
        "applicant_name": case.applicant_name,
        "level": case.level,
        "category": case.category,
        "institution": case.institution.snapshot,
        "authority": authority_brief(case.institution.authority),
        "workflow": workflow.label,
        "policy": policy_pin(case.policy),
        "outcomes": [dict(outcome) for outcome in case.outcomes_for(role)],
        "paper_materials": list(case.paper_materials),
        "paper_received": list(case.paper_received),
        "task_id": None if task is None else task.id,
        "claimed_by_me": holder == viewer_id,
        "claimed_by_other": holder not in (None, viewer_id),
        "actions": [action_option(workflow, action) for action in actions],
        "clocks": [
            {
                "name": clock.name,
                "started_on": clock.started_on,
                "due_on": clock.due_on,
                "provisional": clock.provisional,
                "days_left": calendar.between(today, clock.due_on) if clock.running else None,
                "article": clock.basis,
            }
            for clock in case.clocks
        ],
        "reasons": [
            reason_item(reason)
            for reason in (case.reasons if hears_opinions else _without_opinions(case, workflow, steps))
        ],
        "decision_number": case.decision_number,
        "entries": [
            timeline_entry(step, tells_why=hears_opinions or not workflow.gives_opinion(step.action)) for step in steps
        ],
    }


def action_option(workflow: Workflow, action: Action) -> dict[str, Any]:
    """An action that may be taken now, and what it demands."""
    codes = workflow.reason_codes(action.name) if action.reasons else ()
    return {
        "action": action.name,
        "needs_reasons": action.reasons,
        "reason_codes": list(codes),
        "reason_targets": {code: list(workflow.reasons[code].targets) for code in codes},
        "noted_reasons": [code for code in codes if workflow.reasons[code].note],
        "needs_note": action.note,
        "takes_paper": action.papers,
    }


def timeline_entry(step: Step, *, tells_why: bool = True) -> dict[str, Any]:
    """One step as it happened; the step itself is no secret where its reasons are."""
    return {
        "at": step.at,
        "action": step.action,
        "from_state": step.from_state,
        "to_state": step.to_state,
        "actor_role": step.actor_role,
        "organisation_name": step.organisation_name,
        "reasons": [reason_item(reason) for reason in step.reasons] if tells_why else [],
        "note": step.note if tells_why else "",
        "right_authority_name": "" if step.right_authority is None else step.right_authority.name,
    }


def timeline(case: Case, workflow: Workflow, steps: list[Step], *, can_withdraw: bool) -> dict[str, Any]:
    """What happened to an application, who acts next and until when."""
    clock, acts_next = case.running_clock, workflow.states[case.state].acts_next
    return {
        "application_id": case.application_id,
        "case_id": case.id,
        "case_version": case.version,
        "state": case.state,
        "acts_next": acts_next,
        "act_until": None if clock is None or acts_next == "none" else clock.due_on,
        "can_withdraw": can_withdraw,
        "window": authority_brief(case.institution.authority),
        "entries": [timeline_entry(step) for step in steps],
    }


def _without_opinions(case: Case, workflow: Workflow, steps: list[Step]) -> list[Reason]:
    """The points that stand, without those that so far only an opinion named."""
    opinions: set[Reason] = set()
    for step in steps:
        if workflow.gives_opinion(step.action):
            opinions |= set(step.reasons)
        else:
            opinions -= set(step.reasons)
    return [reason for reason in case.reasons if reason not in opinions]


def task_row(
    task: Task, case: Case, *, calendar: Calendar, today: date, now: datetime, viewer_id: UUID, role: str
) -> dict[str, Any]:
    """One task in a work list."""
    holder = task.holder(now)
    return {
        "task_id": task.id,
        "case_id": case.id,
        "application_id": case.application_id,
        "case_version": case.version,
        "number": case.number,
        "type": case.type,
        "sub_kind": case.sub_kind,
        "step": task.step,
        "state": case.state,
        "applicant_name": case.applicant_name,
        "level": case.level,
        "category": case.category,
        "institution_name": case.institution.name,
        "opened_at": task.opened_at,
        "due_on": task.due_on,
        "due_provisional": task.provisional,
        "days_left": calendar.between(today, task.due_on) if task.is_open and task.due_on is not None else None,
        "checks": case.failing_checks(role),
        "claimed_by": holder,
        "claimed_by_me": holder == viewer_id,
    }


def tally(found: Tally) -> dict[str, Any]:
    """A tally in the contract's form."""
    return {"count": found.count, "more": found.more}
