"""A workflow file is read into exactly what it says; each wrong entry is told by its place and whole sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from services.review.domain.definition import WorkflowError, read_workflow
from services.review.domain.workflow import (
    STAYS,
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

SMALL: dict[str, Any] = {
    "name": "SMALL",
    "version": 1,
    "start": "ASKED",
    "decision_number": "{division}-{type}-{year}-{serial:06d}",
    "clocks": {
        "silence": {
            "days": "sla.decision_days",
            "at_most": 1,
            "counts_from": "accepted",
            "then": "lapse",
            "basis": "医师法 art.13",
        },
        "plain": {"days": 1, "counts_from": "entered", "basis": "行政许可法 art.44"},
    },
    "states": {
        "ASKED": {
            "acts_next": "institution",
            "clock": "silence",
            "task": {
                "step": "look",
                "tab": "exception",
                "unit": "target_institution",
                "desk": "clerk",
                "waits": True,
                "exception_when": "institution_lost",
            },
        },
        "LOOKED": {"acts_next": "authority", "clock": "plain"},
        "DONE": {"acts_next": "none", "end": True},
    },
    "actions": [
        {
            "name": "look",
            "from": ["ASKED"],
            "to": "LOOKED",
            "by": ["target_institution/clerk"],
            "when": ["no_paper_awaited"],
            "sets": {"accepted_on": "received_on"},
            "reasons": True,
        },
        {"name": "note", "from": ["ASKED"], "by": ["applicant"], "papers": True},
        {"name": "lapse", "from": ["ASKED"], "to": "DONE", "by": ["timer:silence"]},
        {"name": "finish", "from": ["LOOKED"], "to": "DONE", "by": ["event:told", "system", "timer"]},
    ],
    "reasons": {
        "unfit": {
            "actions": ["look"],
            "targets": ["photo"],
            "note": True,
            "names_authority": True,
            "article": "行政许可法 art.32",
        },
        "plain": {"actions": ["look"]},
    },
}


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The small file, changed."""
    table = copy.deepcopy(SMALL)
    change(table)
    return table


def faults(change: Callable[[dict[str, Any]], object]) -> list[str]:
    """Everything that is told of a changed file."""
    with pytest.raises(WorkflowError) as refused:
        read_workflow(changed(change), "S", "digest")
    assert str(refused.value) == "\n".join(refused.value.faults)
    return refused.value.faults


def test_a_workflow_is_what_its_file_says():
    """Design D18: nothing of the table is lost on the way, and what it leaves out has one meaning."""
    assert read_workflow(SMALL, "S", "digest") == Workflow(
        name="SMALL",
        version=1,
        digest="digest",
        start="ASKED",
        decision_number="{division}-{type}-{year}-{serial:06d}",
        states={
            "ASKED": State(
                "ASKED",
                "institution",
                clock="silence",
                task=TaskRule("look", "exception", Unit.TARGET_INSTITUTION, "clerk", True, "institution_lost"),
            ),
            "LOOKED": State("LOOKED", "authority", clock="plain"),
            "DONE": State("DONE", "none", end=True),
        },
        actions=(
            Action(
                "look",
                ("ASKED",),
                "LOOKED",
                (Who(ActorKind.STAFF, Unit.TARGET_INSTITUTION, "clerk"),),
                when=("no_paper_awaited",),
                reasons=True,
                sets={"accepted_on": "received_on"},
            ),
            Action("note", ("ASKED",), STAYS, (Who(ActorKind.APPLICANT),), papers=True, sets={}),
            Action("lapse", ("ASKED",), "DONE", (Who(ActorKind.TIMER, name="silence"),), sets={}),
            Action(
                "finish",
                ("LOOKED",),
                "DONE",
                (Who(ActorKind.EVENT, name="told"), Who(ActorKind.SYSTEM), Who(ActorKind.TIMER)),
                sets={},
            ),
        ),
        clocks={
            "silence": ClockRule("silence", "sla.decision_days", "accepted", "lapse", "医师法 art.13", 1),
            "plain": ClockRule("plain", 1, "entered", "remind", "行政许可法 art.44"),
        },
        reasons={
            "unfit": ReasonRule("unfit", ("look",), ("photo",), True, True, "行政许可法 art.32"),
            "plain": ReasonRule("plain", ("look",)),
        },
    )


ASKED, LOOKED = "ASKED", "LOOKED"
TABS = "confirm, receive, accept, review, decide, supplementing, exception"
DAYS = "S: clock plain: days must be a whole number from 1 or a key of the policy"
NUMBER = "S: the file: decision_number may hold {division}, {type}, {year} and {serial} only"


def of_task(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda table: table["states"][ASKED]["task"].update(values)


def of_row(position: int, **values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda table: table["actions"][position].update(values)


def of_clock(name: str, **values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda table: table["clocks"][name].update(values)


def of_state(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda table: table["states"][LOOKED].update(values)


def of_reason(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda table: table["reasons"]["unfit"].update(values)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.update(name=5), ["S: the file: name must be a str"]),
        (lambda t: t.update(version="1"), ["S: the file: version must be a int"]),
        (lambda t: t.update(start=5), ["S: the file: start must be a str"]),
        (lambda t: t.update(decision_number=5), ["S: the file: decision_number must be a str"]),
        (lambda t: t.update(decision_number="{name}"), [NUMBER]),
        (lambda t: t.update(decision_number="{0}"), [NUMBER]),
        (lambda t: t.update(decision_number="{year.name}"), [NUMBER]),
        (lambda t: t.update(decision_number="{"), [NUMBER]),
        (lambda t: t.update(actions={}), ["S: the file: actions must be a list"]),
        (lambda t: t.update(states=[]), ["S: the file: states must be a dict"]),
        (lambda t: t["states"].update(ODD=3), ["S: states.ODD: must be a table"]),
        (lambda t: t["actions"].append("look"), ["S: action row 5: must be a table"]),
        (
            lambda t: t["actions"].append({"name": 5, "from": [LOOKED], "by": ["system"]}),
            ["S: action row 5: name must be a str"],
        ),
        (
            lambda t: t["actions"].append({"name": "", "from": [LOOKED], "by": []}),
            ["S: action 5: nobody may take it: `by` is empty"],
        ),
        (of_clock("plain", days=0), [DAYS]),
        (of_clock("plain", days=True), [DAYS]),
        (of_clock("plain", days=None), [DAYS]),
        (of_clock("plain", days="no.such"), ["S: clock plain: days names the unknown policy key 'no.such'"]),
        (of_clock("silence", at_most=0), ["S: clock silence: at_most must be a whole number from 1"]),
        (of_clock("silence", at_most=True), ["S: clock silence: at_most must be a whole number from 1"]),
        (of_clock("silence", at_most="1"), ["S: clock silence: at_most must be a whole number from 1"]),
        (of_clock("plain", colour=1), ["S: clock plain: unknown key 'colour'"]),
        (of_clock("plain", then=1), ["S: clock plain: then must be a str"]),
        (
            of_clock("plain", basis=""),
            ["S: clock plain: basis must name the article or the policy key that the period rests on"],
        ),
        (
            of_clock("plain", basis=5),
            [
                "S: clock plain: basis must be a str",
                "S: clock plain: basis must name the article or the policy key that the period rests on",
            ],
        ),
        (
            of_clock("plain", counts_from="birth"),
            ["S: clock plain: counts_from must be one of entered, received, accepted, decided, not 'birth'"],
        ),
        (
            of_state(acts_next="nobody"),
            ["S: state LOOKED: acts_next must be one of applicant, institution, window, authority, none, not 'nobody'"],
        ),
        (of_state(colour=1), ["S: state LOOKED: unknown key 'colour'"]),
        (of_state(end="no"), ["S: state LOOKED: end must be a bool"]),
        (of_state(clock=5), ["S: state LOOKED: clock must be a str"]),
        (of_state(task="look"), ["S: state LOOKED: task must be a table"]),
        (of_task(colour=1), ["S: state ASKED, task: unknown key 'colour'"]),
        (of_task(step=5), ["S: state ASKED, task: step must be a str"]),
        (of_task(tab="x"), [f"S: state ASKED, task: tab must be one of {TABS}, not 'x'"]),
        (
            of_task(unit="x"),
            [
                "S: state ASKED, task: unit must be one of target_institution, competent_authority, pre_review_tier, "
                "not 'x'"
            ],
        ),
        (of_task(desk="x"), ["S: state ASKED, task: desk must be one of clerk, window, officer, not 'x'"]),
        (of_task(waits="x"), ["S: state ASKED, task: waits must be a bool"]),
        (of_task(exception_when=5), ["S: state ASKED, task: exception_when must be a str"]),
        (of_task(exception_when="x"), ["S: state ASKED, task: unknown condition 'x'"]),
        (of_row(0, colour=1), ["S: action look: unknown key 'colour'"]),
        (of_row(0, to=5), ["S: action look: to must be a str"]),
        (of_row(0, sets=5), ["S: action look: sets must be a dict"]),
        (of_row(0, sets={"born_on": "today"}), ["S: action look: can't set born_on to 'today'"]),
        (of_row(0, when="x"), ["S: action look: when must be a list"]),
        (of_row(0, when=["x"]), ["S: action look: unknown condition 'x'"]),
        (of_row(0, remedies="x"), ["S: action look: remedies must be a list"]),
        (of_row(0, remedies=["x"]), ["S: action look: unknown remedy 'x'"]),
        (of_row(0, outcome=5), ["S: action look: outcome must be a str"]),
        (of_row(0, outcome="maybe"), ["S: action look: unknown outcome 'maybe'"]),
        (of_row(0, by="x"), ["S: action look: by must be a list", "S: action look: nobody may take it: `by` is empty"]),
        (of_row(0, by=["event:"]), ["S: action look: by names nobody: 'event:'"]),
        (of_row(0, by=["clerk:told"]), ["S: action look: by names nobody: 'clerk:told'"]),
        (of_row(0, by=["system:x"]), ["S: action look: by names nobody: 'system:x'"]),
        (of_row(0, by=["target_institution"]), ["S: action look: by names nobody: 'target_institution'"]),
        (of_row(0, by=["target_institution/x"]), ["S: action look: by names nobody: 'target_institution/x'"]),
        (of_row(0, by=["x/clerk"]), ["S: action look: by names nobody: 'x/clerk'"]),
        (
            of_row(0, by=["target_institution/window/clerk"]),
            ["S: action look: by names nobody: 'target_institution/window/clerk'"],
        ),
        (of_reason(colour=1), ["S: reason unfit: unknown key 'colour'"]),
        (of_reason(actions="x"), ["S: reason unfit: actions must be a list"]),
        (of_reason(targets="x"), ["S: reason unfit: targets must be a list"]),
        (of_reason(note="x"), ["S: reason unfit: note must be a bool"]),
        (of_reason(names_authority="x"), ["S: reason unfit: names_authority must be a bool"]),
        (of_reason(article=5), ["S: reason unfit: article must be a str"]),
        # what hangs together
        (lambda t: t.update(name=""), ["S: name and a version from 1 are required"]),
        (lambda t: t.pop("version"), ["S: name and a version from 1 are required"]),
        (
            of_clock("plain", then="finish"),
            ["S: clock plain: state LOOKED has no action 'finish' by timer:plain"],
        ),
        (
            lambda t: t["actions"][2].update(by=["timer"]),
            ["S: clock silence: state ASKED has no action 'lapse' by timer:silence"],
        ),
        (
            lambda t: t.update(start="NOWHERE"),
            ["S: start names the unknown state 'NOWHERE'"],
        ),
        (
            # the second of two who may take it is looked at, too
            of_row(1, by=["applicant", "competent_authority/window"]),
            ["S: action note: state ASKED puts no task on a desk of competent_authority"],
        ),
    ],
)
def test_a_wrong_entry_is_told_by_its_place(change, told):
    """A faulty table stops the start (design D18), and says all that is wrong with it: nothing else, nothing less."""
    assert faults(change) == told
