"""What must hang together in a workflow: every state reachable and leading to an end, every action somebody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .workflow import Action, ActorKind, Workflow

REMIND = "remind"


def faults_of(workflow: Workflow) -> list[str]:
    """Everything that doesn't hold together, one sentence each; none for a workflow that may be used."""
    return [
        *_unknown_names(workflow),
        *(_unreachable(workflow) if workflow.start in workflow.states else ()),
        *_dead_ends(workflow),
        *_clocks(workflow),
        *_staff_without_a_task(workflow),
        *_decisions(workflow),
        *_reasons(workflow),
        *_hidden_rows(workflow),
    ]


def _unknown_names(workflow: Workflow) -> Iterator[str]:
    if workflow.version < 1 or not workflow.name:
        yield "name and a version from 1 are required"
    if workflow.start not in workflow.states:
        yield f"start names the unknown state {workflow.start!r}"
    for action in workflow.actions:
        for state in (*action.from_states, *(() if action.stays else (action.to,))):
            if state not in workflow.states:
                yield f"action {action.name}: unknown state {state!r}"
        if not action.from_states:
            yield f"action {action.name}: starts nowhere"
        for who in action.by:
            if who.kind is ActorKind.TIMER and who.name and who.name not in workflow.clocks:
                yield f"action {action.name}: unknown clock {who.name!r}"
    for state in workflow.states.values():
        if state.clock and state.clock not in workflow.clocks:
            yield f"state {state.name}: unknown clock {state.clock!r}"


def _unreachable(workflow: Workflow) -> Iterator[str]:
    reached, open_ends = {workflow.start}, [workflow.start]
    while open_ends:
        state = open_ends.pop()
        for action in workflow.rows(state):
            if (to := action.target(state)) not in reached:
                reached.add(to)
                open_ends.append(to)
    for name in workflow.states:
        if name not in reached:
            yield f"state {name}: no action leads to it"


def _dead_ends(workflow: Workflow) -> Iterator[str]:
    """States from which no end can be reached, and ends that ask somebody for something."""
    ending = {state.name for state in workflow.states.values() if state.end}
    grew = True
    while grew:
        more = {
            state
            for action in workflow.actions
            for state in action.from_states
            if state not in ending and action.target(state) in ending
        }
        ending |= more
        grew = bool(more)
    for state in workflow.states.values():
        if state.name not in ending:
            yield f"state {state.name}: leads to no end"
        if state.end and state.task is not None:
            yield f"state {state.name}: an end has no task"
        if state.end and any(not _is_event(action) for action in workflow.rows(state.name)):
            yield f"state {state.name}: nobody acts on an end but an event"


def _clocks(workflow: Workflow) -> Iterator[str]:
    for clock in workflow.clocks.values():
        states = [state.name for state in workflow.states.values() if state.clock == clock.name]
        if not states:
            yield f"clock {clock.name}: runs in no state"
        if clock.then == REMIND:
            continue
        for state in states:
            rows = workflow.rows(state, clock.then)
            if not any(who.kind is ActorKind.TIMER and who.name == clock.name for row in rows for who in row.by):
                yield f"clock {clock.name}: state {state} has no action {clock.then!r} by timer:{clock.name}"


def _staff_without_a_task(workflow: Workflow) -> Iterator[str]:
    """An action that nobody would find in a work list."""
    for action in workflow.actions:
        for who in action.by:
            if who.kind is not ActorKind.STAFF:
                continue
            for state in action.from_states:
                task = workflow.states[state].task if state in workflow.states else None
                if task is None or task.unit is not who.unit:
                    yield f"action {action.name}: state {state} puts no task on a desk of {who.unit}"


def _decisions(workflow: Workflow) -> Iterator[str]:
    for action in workflow.actions:
        staff_only = all(who.kind is ActorKind.STAFF for who in action.by)
        if action.outcome and not staff_only:
            yield f"action {action.name}: a person decides, nobody else"
        if action.outcome == "refused" and not (action.reasons and action.remedies):
            yield f"action {action.name}: a refusal states reasons and remedies (行政许可法 art.38)"
        if action.outcome and "decided_on" not in (action.sets or {}):
            yield f"action {action.name}: a decision sets decided_on"


def _reasons(workflow: Workflow) -> Iterator[str]:
    for rule in workflow.reasons.values():
        if not rule.actions:
            yield f"reason {rule.code}: belongs to no action"
        for name in rule.actions:
            if not any(action.name == name and action.reasons for action in workflow.actions):
                yield f"reason {rule.code}: action {name!r} takes no reasons"
    for action in workflow.actions:
        if action.reasons and not workflow.reason_codes(action.name):
            yield f"action {action.name}: has no reason to choose from"


def _hidden_rows(workflow: Workflow) -> Iterator[str]:
    """A row behind one of the same name without conditions is never reached, unless others may take it."""
    seen: dict[tuple[str, str], list[Action]] = {}
    for action in workflow.actions:
        for state in action.from_states:
            earlier = seen.setdefault((action.name, state), [])
            if any(not row.when and _same(row.by, action.by) for row in earlier):
                yield f"action {action.name}: a row before it takes every case in {state}"
            earlier.append(action)


def _same(one: Iterable[object], other: Iterable[object]) -> bool:
    return not set(one).isdisjoint(other)


def _is_event(action: Action) -> bool:
    return all(who.kind is ActorKind.EVENT for who in action.by)
