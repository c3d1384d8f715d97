"""The data of every event that `review` announces about a case."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .domain.case import Authority, Case, Decision, Policy, Reason, Step, TaskFacts
from .domain.deadlines import Telling
from .domain.work_list import Task
from .domain.workflow import Workflow


def case_facts(case: Case) -> dict[str, Any]:
    """What every event of a case tells."""
    return {
        "case_id": case.id,
        "application_id": case.application_id,
        "number": case.number,
        "type": case.type,
        "sub_kind": case.sub_kind,
        "person_id": case.person_id,
        "institution_id": case.institution.id,
        "institution_name": case.institution.name,
        "authority_id": case.institution.authority.id,
        "authority_name": case.institution.authority.name,
    }


def advanced_news(workflow: Workflow, case: Case, step: Step) -> dict[str, Any]:
    """One step, who acts next and until when; a step within a state tells the points that stand in it.

    What one authority told another stays in the case: who hears of a step need not be who may know why.
    """
    clock = case.running_clock
    is_opinion = workflow.gives_opinion(step.action)
    points = case.reasons if step.from_state == step.to_state else step.reasons
    state = workflow.states[case.state]
    return {
        **case_facts(case),
        "version": case.version,
        "action": step.action,
        "from_state": step.from_state,
        "to_state": step.to_state,
        "actor_role": step.actor_role,
        "reasons": [] if is_opinion else [reason_item(reason) for reason in points],
        "note": "" if is_opinion else step.note,
        "acts_next": state.acts_next,
        "act_until": None if clock is None or state.acts_next == "none" else clock.due_on,
        "window_address": case.institution.authority.window_address,
        "right_authority": None if step.right_authority is None else authority_brief(step.right_authority),
        "effective_on": step.effective_on,
        "notice": case.notice,
    }


def decided_news(case: Case, decision: Decision, number: str) -> dict[str, Any]:
    """The decision; a refusal with its reasons and remedies (行政许可法 art.38)."""
    return {
        **case_facts(case),
        "outcome": decision.outcome,
        "decision_number": number,
        "decided_on": decision.decided_on,
        "decided_at": decision.decided_at,
        "deciding_authority": authority_brief(decision.authority),
        "submission": case.submission,
        "reasons": [reason_item(reason) for reason in decision.reasons],
        "note": decision.note,
        "remedies": list(decision.remedies),
        "policy": policy_pin(case.policy),
    }


def task_news(case: Case, task: Task) -> dict[str, Any]:
    """A task that waits on a desk."""
    return {
        **case_facts(case),
        "task_id": task.id,
        "step": task.step,
        "organisation_id": task.organisation_id,
        "role": task.desk,
        "due_on": task.due_on,
    }


def deadline_news(case: Case, told: Telling, task: TaskFacts | None) -> dict[str, Any]:
    """A clock's end; where no task lies on a desk, the competent authority's officers are told."""
    return {
        **case_facts(case),
        "clock": told.clock.name,
        "organisation_id": case.institution.authority.id if task is None else task.organisation_id,
        "role": "officer" if task is None else task.desk,
        "due_on": told.clock.due_on,
        "days_left": told.days_left,
    }


def reason_item(reason: Reason) -> dict[str, Any]:
    """A reason in the contract's form."""
    return asdict(reason)


def authority_brief(authority: Authority) -> dict[str, Any]:
    """An authority in the contract's form."""
    return asdict(authority)


def policy_pin(policy: Policy) -> dict[str, Any]:
    """A pinned policy in the contract's form."""
    return {"number": policy.number, "hash": policy.digest, "on": policy.on}
