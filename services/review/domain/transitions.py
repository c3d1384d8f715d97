"""The interpreter of a workflow: takes a case one step further, or says why not. It owns no clock and no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from shared.platform.errors import Conflict, DomainError, InvalidInput, PermissionDenied, RuleViolated

from .case import ActorFacts, Authority, Case, Decision, Institution, Reason, Step, TaskFacts
from .conditions import CONDITIONS
from .context import Context
from .deadlines import with_clock_of
from .reasons import checked_reasons
from .workflow import DESKS, Action, ActorKind, Who, Workflow

SYSTEM = ActorFacts(ActorKind.SYSTEM, id="service:review", role="service")


@dataclass(frozen=True)
class Advanced:
    """One step taken: the case after it, the step for the history, and the decision if it was one.

    `task` is what now lies on a desk. `keeps_task` says that it is the one that lay there before.
    """

    case: Case
    step: Step
    action: Action
    task: TaskFacts | None
    keeps_task: bool
    decision: Decision | None = None


def advance(workflow: Workflow, case: Case, action: str, actor: ActorFacts, context: Context) -> Advanced:
    """Take `action` on a case.

    Raises `InvalidInput("action_unknown")`, `Conflict("action_not_possible")` where the state has no such row,
    `PermissionDenied("not_your_step")` or `("own_application")`, `RuleViolated` with the code of the condition that
    doesn't hold, and what `checked_reasons` raises.
    """
    row = _row(workflow, case, action, actor, context)
    reasons = checked_reasons(workflow, row, case, context) if actor.kind is ActorKind.STAFF else context.reasons
    to_state = row.target(case.state)
    after = _with_days(row, case, context.today)
    after = replace(after, state=to_state, steps=case.steps + 1)
    if not row.stays:
        kept = case.reasons if row.keeps_reasons else ()
        after = replace(after, entered_on=context.today, reasons=reasons or kept)
    elif reasons:
        after = replace(after, reasons=(*case.reasons, *reasons))
    if row.papers:
        after = replace(after, paper_received=_papers(case, context))
    if row.pins_policy:
        after = replace(after, policy=context.policy)
    if row.pre_reviews:
        after = replace(after, pre_reviewed=(*case.pre_reviewed, case.pre_review_tiers[0]))
    if row.raises_points:
        noticed = (*case.noticed_targets, *(reason.target for reason in reasons))
        after = replace(after, noticed_targets=tuple(dict.fromkeys(noticed)), notice=case.notice + 1)
    after = with_clock_of(workflow, after, workflow.states[to_state], context.calendar)
    step = _step(row, case, actor, context, reasons, _effective_on(row, after, context.today))
    decision = _decision(row, case, actor, context, reasons) if row.outcome else None
    return Advanced(after, step, row, task_of(workflow, after, context), row.stays, decision)


def automatic(workflow: Workflow, case: Case, context: Context) -> str | None:
    """The action that the system takes by itself in the case's state, if its conditions hold."""
    for row in workflow.rows(case.state):
        if any(who.kind is ActorKind.SYSTEM for who in row.by) and _failing(row, case, context) is None:
            return row.name
    return None


def options(workflow: Workflow, case: Case, actor: ActorFacts, context: Context) -> tuple[Action, ...]:
    """The actions that `actor` may take now, one row each; what it must bring along stands in the row."""
    found: dict[str, Action] = {}
    for row in workflow.rows(case.state):
        admitted = any(_admits(who, case, actor) for who in row.by)
        if admitted and row.name not in found and _failing(row, case, context) is None:
            found[row.name] = row
    own = actor.kind is ActorKind.STAFF and actor.person_id == case.person_id
    return () if own else tuple(found.values())


def task_of(workflow: Workflow, case: Case, context: Context) -> TaskFacts | None:
    """What the case's state puts on whose desk; an exception stands in its own tab."""
    rule = workflow.states[case.state].task
    if rule is None:
        return None
    unit, clock = case.unit(rule.unit), case.running_clock
    is_exception = bool(rule.exception_when) and CONDITIONS[rule.exception_when].holds(case, context)
    return TaskFacts(
        step=rule.step,
        tab="exception" if is_exception else rule.tab,
        desk=rule.desk,
        waits=rule.waits,
        organisation_id=unit.id,
        organisation_name=unit.name,
        due_on=None if clock is None else clock.due_on,
        provisional=clock is not None and clock.provisional,
    )


def _row(workflow: Workflow, case: Case, action: str, actor: ActorFacts, context: Context) -> Action:
    if action not in workflow.action_names:
        raise InvalidInput("action_unknown", action=action)
    rows = workflow.rows(case.state, action)
    if not rows:
        raise Conflict("action_not_possible", action=action, state=case.state)
    rows = tuple(row for row in rows if any(_admits(who, case, actor) for who in row.by))
    if not rows:
        raise PermissionDenied("not_your_step", action=action, state=case.state)
    if actor.kind is ActorKind.STAFF and actor.person_id is not None and actor.person_id == case.person_id:
        raise PermissionDenied("own_application")  # 回避: nobody acts on their own application
    if actor.kind is ActorKind.TIMER and actor.name:
        _require_passed(case, actor.name, context.today)
    failures = [_failing(row, case, context) for row in rows]
    for row, failure in zip(rows, failures, strict=True):
        if failure is None:
            return row
    raise next(failure for failure in failures if failure is not None)


def _admits(who: Who, case: Case, actor: ActorFacts) -> bool:
    if who.kind is not actor.kind:
        return False
    if who.kind is ActorKind.STAFF:
        at_desk = actor.role in DESKS[who.desk]
        return at_desk and who.unit is not None and actor.organisation_id == case.unit(who.unit).id
    if who.kind is ActorKind.APPLICANT:
        return actor.person_id == case.person_id
    return who.kind is ActorKind.SYSTEM or who.name == actor.name


def _failing(row: Action, case: Case, context: Context) -> DomainError | None:
    for name in row.when:
        condition = CONDITIONS[name]
        if not condition.holds(case, context):
            return RuleViolated(condition.code, **condition.facts(case, context))
    return None


def _require_passed(case: Case, clock_name: str, today: date) -> None:
    """Silence has an effect only after the last day of its clock."""
    clock = case.running_clock
    if clock is None or clock.name != clock_name or not clock.has_passed(today):
        raise Conflict("clock_still_running", clock=clock_name)


def _with_days(row: Action, case: Case, today: date) -> Case:
    days = {"today": today, "received_on": case.received_on}
    sets = row.sets or {}
    return replace(
        case,
        received_on=days[sets["received_on"]] if "received_on" in sets else case.received_on,
        accepted_on=days[sets["accepted_on"]] if "accepted_on" in sets else case.accepted_on,
        decided_on=days[sets["decided_on"]] if "decided_on" in sets else case.decided_on,
    )


def _effective_on(row: Action, after: Case, today: date) -> date:
    """The legal day of a step: that of a deemed acceptance is the day of receipt (行政许可法 art.32(4))."""
    if "accepted_on" in (row.sets or {}) and after.accepted_on is not None:
        return after.accepted_on
    return today


def _papers(case: Case, context: Context) -> tuple[str, ...]:
    if context.papers is None:
        raise InvalidInput("papers_missing")
    unknown = sorted(set(context.papers) - set(case.paper_materials))
    if unknown:
        raise InvalidInput("paper_unknown", papers=unknown)
    return tuple(paper for paper in case.paper_materials if paper in {*case.paper_received, *context.papers})


def _step(
    row: Action, case: Case, actor: ActorFacts, context: Context, reasons: tuple[Reason, ...], effective_on: date
) -> Step:
    unit = _acting_unit(row, case, actor)
    return Step(
        position=case.steps + 1,
        at=context.now,
        action=row.name,
        from_state=case.state,
        to_state=row.target(case.state),
        actor=actor.id,
        actor_role=actor.role,
        organisation_id=None if unit is None else unit.id,
        organisation_name="" if unit is None else unit.name,
        reasons=reasons,
        note=context.note.strip(),
        effective_on=effective_on,
        submission=case.submission,
        right_authority=context.right_authority if reasons else None,
    )


def _acting_unit(row: Action, case: Case, actor: ActorFacts) -> Authority | Institution | None:
    for who in row.by:
        if who.kind is ActorKind.STAFF and who.unit is not None and _admits(who, case, actor):
            return case.unit(who.unit)
    return None


def _decision(row: Action, case: Case, actor: ActorFacts, context: Context, reasons: tuple[Reason, ...]) -> Decision:
    return Decision(
        outcome=row.outcome,
        decided_on=context.today,
        decided_at=context.now,
        authority=case.institution.authority,
        decided_by=actor.id,
        reasons=reasons,
        note=context.note.strip(),
        remedies=row.remedies,
    )
