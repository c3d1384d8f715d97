"""Reading a workflow's table: what doesn't hold together is refused at start, with every fault named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from shared.trade.knobs import KNOBS

from .conditions import CONDITIONS
from .consistency import faults_of
from .workflow import (
    DESKS,
    STAYS,
    TABS,
    Action,
    ActorKind,
    ClockRule,
    ReasonRule,
    State,
    TaskRule,
    Unit,
    Who,
    Workflow,
)

COUNTS_FROM: Final = ("entered", "received", "accepted", "decided")
SETTABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "received_on": ("today",),
    "accepted_on": ("today", "received_on"),
    "decided_on": ("today",),
}
ACTS_NEXT: Final = ("applicant", "institution", "window", "authority", "none")
OUTCOMES: Final = ("approved", "refused")
REMEDIES: Final = ("administrative_review", "administrative_suit")

_TOP: Final = {"name", "version", "start", "decision_number", "clocks", "states", "actions", "reasons"}
_CLOCK: Final = {"days", "at_most", "counts_from", "then", "basis"}
_STATE: Final = {"acts_next", "end", "clock", "task"}
_TASK: Final = {"step", "tab", "unit", "desk", "waits", "exception_when"}
_REASON: Final = {"actions", "targets", "note", "names_authority", "article"}
_FLAGS: Final = (
    *("reasons", "note", "papers", "all_at_once", "raises_points", "keeps_reasons"),
    *("pre_reviews", "pins_policy", "settles"),
)
_ACTION: Final = {"name", "from", "to", "by", "when", "outcome", "remedies", "sets", *_FLAGS}

Kind = TypeVar("Kind")


class WorkflowError(Exception):
    """A workflow file can't be used; `faults` says of each place what is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_workflow(content: Mapping[str, Any], source: str, digest: str) -> Workflow:
    """The checked workflow of a parsed file, or `WorkflowError` with all faults, each beginning with `source`."""
    reading = _Reading(source)
    workflow = reading.workflow(content, digest)
    if not reading.faults:
        reading.faults.extend(f"{source}: {fault}" for fault in faults_of(workflow))
    if reading.faults:
        raise WorkflowError(reading.faults)
    return workflow


class _Reading:
    """Collects what is wrong with the form of each entry; what hangs together is `consistency.py`'s business."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.faults: list[str] = []

    def workflow(self, content: Mapping[str, Any], digest: str) -> Workflow:
        self._only("the file", content, _TOP)
        number = self._of("the file", content, "decision_number", str, "")
        try:
            number.format(division="430102", type="REG", year=2026, serial=1)
        except (KeyError, ValueError, IndexError, AttributeError):
            self._fault("the file", "decision_number may hold {division}, {type}, {year} and {serial} only")
        actions = self._of("the file", content, "actions", list, [])
        return Workflow(
            name=self._of("the file", content, "name", str, ""),
            version=self._of("the file", content, "version", int, 0),
            digest=digest,
            start=self._of("the file", content, "start", str, ""),
            decision_number=number,
            states={name: self._state(name, table) for name, table in self._tables(content, "states")},
            actions=tuple(self._rows(actions)),
            clocks={name: self._clock(name, table) for name, table in self._tables(content, "clocks")},
            reasons={code: self._reason(code, table) for code, table in self._tables(content, "reasons")},
        )

    def _clock(self, name: str, table: Mapping[str, Any]) -> ClockRule:
        place = f"clock {name}"
        self._only(place, table, _CLOCK)
        days = table.get("days")
        if isinstance(days, str) and days not in KNOBS:
            self._fault(place, f"days names the unknown policy key {days!r}")
        elif not isinstance(days, str) and (type(days) is not int or days < 1):
            self._fault(place, "days must be a whole number from 1 or a key of the policy")
        at_most = table.get("at_most")
        if at_most is not None and (type(at_most) is not int or at_most < 1):
            self._fault(place, "at_most must be a whole number from 1")
        if not self._of(place, table, "basis", str, ""):
            self._fault(place, "basis must name the article or the policy key that the period rests on")
        return ClockRule(
            name=name,
            days=days if isinstance(days, int | str) else 0,
            counts_from=self._one_of(place, table, "counts_from", COUNTS_FROM),
            then=self._of(place, table, "then", str, "remind"),
            basis=str(table.get("basis", "")),
            at_most=at_most,
        )

    def _state(self, name: str, table: Mapping[str, Any]) -> State:
        place = f"state {name}"
        self._only(place, table, _STATE)
        task = table.get("task")
        if task is not None and not isinstance(task, Mapping):
            self._fault(place, "task must be a table")
        return State(
            name=name,
            acts_next=self._one_of(place, table, "acts_next", ACTS_NEXT),
            end=self._of(place, table, "end", bool, False),
            clock=self._of(place, table, "clock", str, ""),
            task=self._task(f"{place}, task", task) if isinstance(task, Mapping) else None,
        )

    def _task(self, place: str, table: Mapping[str, Any]) -> TaskRule:
        self._only(place, table, _TASK)
        exception_when = self._of(place, table, "exception_when", str, "")
        if exception_when and exception_when not in CONDITIONS:
            self._fault(place, f"unknown condition {exception_when!r}")
        return TaskRule(
            step=self._of(place, table, "step", str, ""),
            tab=self._one_of(place, table, "tab", TABS),
            unit=Unit(self._one_of(place, table, "unit", tuple(Unit))),
            desk=self._one_of(place, table, "desk", tuple(DESKS)),
            waits=self._of(place, table, "waits", bool, False),
            exception_when=exception_when,
        )

    def _rows(self, actions: list[Any]) -> Iterable[Action]:
        for position, row in enumerate(actions, 1):
            if isinstance(row, Mapping):
                yield self._action(position, row)
            else:
                self._fault(f"action row {position}", "must be a table")

    def _action(self, position: int, row: Mapping[str, Any]) -> Action:
        name = self._of(f"action row {position}", row, "name", str, "")
        place = f"action {name or position}"
        self._only(place, row, _ACTION)
        sets = self._of(place, row, "sets", dict, {})
        for day, value in sets.items():
            if value not in SETTABLE.get(day, ()):
                self._fault(place, f"can't set {day} to {value!r}")
        when = self._texts(place, row, "when")
        for unknown in sorted(set(when) - set(CONDITIONS)):
            self._fault(place, f"unknown condition {unknown!r}")
        remedies = self._texts(place, row, "remedies")
        for unknown in sorted(set(remedies) - set(REMEDIES)):
            self._fault(place, f"unknown remedy {unknown!r}")
        outcome = self._of(place, row, "outcome", str, "")
        if outcome and outcome not in OUTCOMES:
            self._fault(place, f"unknown outcome {outcome!r}")
        by = self._texts(place, row, "by")
        if not by:
            self._fault(place, "nobody may take it: `by` is empty")
        return Action(
            name=name,
            from_states=self._texts(place, row, "from"),
            to=self._of(place, row, "to", str, STAYS),
            by=tuple(self._who(place, text) for text in by),
            when=when,
            outcome=outcome,
            remedies=remedies,
            sets=sets,
            **{flag: self._of(place, row, flag, bool, False) for flag in _FLAGS},
        )

    def _who(self, place: str, text: str) -> Who:
        """`applicant`, `system`, `timer`, `timer:<clock>`, `event:<name>` or `<unit>/<desk>`."""
        kind, _, name = text.partition(":")
        if kind in (ActorKind.APPLICANT, ActorKind.SYSTEM, ActorKind.TIMER) and (not name or kind == ActorKind.TIMER):
            return Who(ActorKind(kind), name=name)
        if kind == ActorKind.EVENT and name:
            return Who(ActorKind.EVENT, name=name)
        unit, _, desk = text.partition("/")
        if unit in tuple(Unit) and desk in DESKS:
            return Who(ActorKind.STAFF, Unit(unit), desk)
        self._fault(place, f"by names nobody: {text!r}")
        return Who(ActorKind.SYSTEM)

    def _reason(self, code: str, table: Mapping[str, Any]) -> ReasonRule:
        place = f"reason {code}"
        self._only(place, table, _REASON)
        return ReasonRule(
            code=code,
            actions=self._texts(place, table, "actions"),
            targets=self._texts(place, table, "targets"),
            note=self._of(place, table, "note", bool, False),
            names_authority=self._of(place, table, "names_authority", bool, False),
            article=self._of(place, table, "article", str, ""),
        )

    def _tables(self, content: Mapping[str, Any], key: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
        for name, table in self._of("the file", content, key, dict, {}).items():
            if isinstance(table, Mapping):
                yield name, table
            else:
                self._fault(f"{key}.{name}", "must be a table")

    def _texts(self, place: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        texts = self._of(place, table, key, list, [])
        if any(not isinstance(text, str) for text in texts) or len(set(map(str, texts))) != len(texts):
            self._fault(place, f"{key} must be a list of texts without repetition")
            return ()
        return tuple(texts)

    def _one_of(self, place: str, table: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
        value = table.get(key)
        if value not in allowed:
            self._fault(place, f"{key} must be one of {', '.join(allowed)}, not {value!r}")
            return allowed[0]
        return str(value)

    def _of(self, place: str, table: Mapping[str, Any], key: str, kind: type[Kind], default: Kind) -> Kind:
        value = table.get(key, default)
        if type(value) is not kind:
            self._fault(place, f"{key} must be a {kind.__name__}")
            return default
        return value

    def _only(self, place: str, table: Mapping[str, Any], known: set[str]) -> None:
        for key in sorted(set(table) - known):
            self._fault(place, f"unknown key {key!r}")

    def _fault(self, place: str, text: str) -> None:
        self.faults.append(f"{self.source}: {place}: {text}")
