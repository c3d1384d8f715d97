"""A workflow file that doesn't hold together is refused, and every fault is named."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from services.review.domain.definition import WorkflowError, read_workflow
from services.review.workflow_files import FOLDER, Workflows, digest_of, parse_workflow

CONTENT = (FOLDER / "REG.toml").read_text(encoding="utf-8")


def action(table: dict[str, Any], name: str, nth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = [row for row in table["actions"] if row["name"] == name][nth]
    return found


def without_action(name: str) -> Callable[[dict[str, Any]], object]:
    def change(table: dict[str, Any]) -> None:
        table["actions"] = [row for row in table["actions"] if row["name"] != name]

    return change


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "unknown top key": (lambda t: t.update(colour="red"), "the file: unknown key 'colour'"),
    "no version": (lambda t: t.pop("version"), "name and a version from 1 are required"),
    "unknown start": (lambda t: t.update(start="NOWHERE"), "start names the unknown state 'NOWHERE'"),
    "number with a stranger": (lambda t: t.update(decision_number="{name}"), "the file: decision_number may hold"),
    "action to nowhere": (lambda t: action(t, "confirm").update(to="X"), "action confirm: unknown state 'X'"),
    "action from nowhere": (lambda t: action(t, "confirm").update({"from": []}), "action confirm: starts nowhere"),
    "action of nobody": (lambda t: action(t, "confirm").update(by=[]), "action confirm: nobody may take it"),
    "action of a stranger": (
        lambda t: action(t, "confirm").update(by=["somebody"]),
        "action confirm: by names nobody: 'somebody'",
    ),
    "unknown condition": (
        lambda t: action(t, "accept").update(when=["moon_is_full"]),
        "action accept: unknown condition 'moon_is_full'",
    ),
    "unknown exception": (
        lambda t: t["states"]["ACCEPTED"]["task"].update(exception_when="x"),
        "state ACCEPTED, task: unknown condition 'x'",
    ),
    "unreachable state": (without_action("not_accept"), "state NOT_ACCEPTED: no action leads to it"),
    "no way to an end": (
        lambda t: (
            t["states"].update(LIMBO={"acts_next": "none"})
            or t["actions"].append({"name": "drift", "from": ["RECEIVED"], "to": "LIMBO", "by": ["system"]})
        ),
        "state LIMBO: leads to no end",
    ),
    "end with a task": (
        lambda t: t["states"]["REFUSED"].update(task=t["states"]["ACCEPTED"]["task"]),
        "state REFUSED: an end has no task",
    ),
    "act on an end": (
        lambda t: action(t, "withdraw")["from"].append("REFUSED"),
        "state REFUSED: nobody acts on an end but an event",
    ),
    "clock without basis": (lambda t: t["clocks"]["decision"].pop("basis"), "clock decision: basis must name"),
    "clock of unknown length": (
        lambda t: t["clocks"]["decision"].update(days="sla.unheard_of"),
        "clock decision: days names the unknown policy key 'sla.unheard_of'",
    ),
    "clock that never runs": (lambda t: t["states"]["APPROVED"].pop("clock"), "clock certificate: runs in no state"),
    "silence without effect": (
        without_action("deem_accepted"),
        "clock supplement_notice: state RECEIVED has no action 'deem_accepted' by timer:supplement_notice",
    ),
    "action without a desk": (
        lambda t: action(t, "approve")["from"].append("PRE_REVIEW"),
        "action approve: state PRE_REVIEW puts no task on a desk of competent_authority",
    ),
    "refusal without remedies": (
        lambda t: action(t, "refuse").pop("remedies"),
        "action refuse: a refusal states reasons and remedies (行政许可法 art.38)",
    ),
    "refusal without reasons": (lambda t: action(t, "refuse").pop("reasons"), "action refuse: a refusal states"),
    "unknown remedy": (
        lambda t: action(t, "refuse").update(remedies=["prayer"]),
        "action refuse: unknown remedy 'prayer'",
    ),
    "decision by silence": (
        lambda t: action(t, "approve").update(by=["timer"]),
        "action approve: a person decides, nobody else",
    ),
    "decision without a day": (
        lambda t: action(t, "approve").pop("sets"),
        "action approve: a decision sets decided_on",
    ),
    "day out of thin air": (
        lambda t: action(t, "accept").update(sets={"accepted_on": "tomorrow"}),
        "action accept: can't set accepted_on to 'tomorrow'",
    ),
    "reason of no action": (
        lambda t: t["reasons"]["photo_unfit"].update(actions=["confirm"]),
        "reason photo_unfit: action 'confirm' takes no reasons",
    ),
    "hidden row": (
        lambda t: t["actions"].append(copy.deepcopy(action(t, "confirm"))),
        "action confirm: a row before it takes every case in ORG_REVIEW",
    ),
    "text for a flag": (lambda t: action(t, "confirm").update(settles="yes"), "action confirm: settles must be a bool"),
    "list with a repetition": (
        lambda t: action(t, "confirm").update({"from": ["ORG_REVIEW", "ORG_REVIEW"]}),
        "action confirm: from must be a list of texts without repetition",
    ),
}


@pytest.mark.parametrize("change,fault", FAULTS.values(), ids=FAULTS.keys())
def test_what_does_not_hold_together_is_named(change, fault):
    table = tomllib.loads(CONTENT)
    change(table)
    with pytest.raises(WorkflowError) as refused:
        read_workflow(table, "REG.toml", "digest")
    assert any(told.startswith(f"REG.toml: {fault}") for told in refused.value.faults), refused.value.faults


def test_all_faults_are_named_at_once():
    table = tomllib.loads(CONTENT)
    table["colour"] = "red"
    action(table, "confirm")["by"] = ["somebody"]
    table["clocks"]["decision"].pop("basis")
    with pytest.raises(WorkflowError) as refused:
        read_workflow(table, "REG.toml", "digest")
    assert len(refused.value.faults) == 3


def test_a_file_that_is_no_table_is_refused_with_its_place():
    with pytest.raises(WorkflowError, match=r"REG.toml: .*line 2"):
        parse_workflow("name = [\nversion", "REG.toml")


def test_a_file_is_named_after_its_workflow(tmp_path):
    (tmp_path / "CHANGE.toml").write_text(CONTENT, encoding="utf-8")
    with pytest.raises(WorkflowError, match="named after another workflow than REG"):
        Workflows.load(tmp_path)


class Texts:
    """The texts of versions that were in use, as the database keeps them."""

    def __init__(self, *contents: str) -> None:
        self.contents = {digest_of(content): content for content in contents}

    def text_of(self, digest: str) -> str | None:
        return self.contents.get(digest)


def test_a_case_in_flight_is_dealt_with_by_the_version_it_was_opened_on(tmp_path):
    """Design D18: the workflow is pinned by the case; a newer file changes nothing for it."""
    from services.review.domain.case import WorkflowPin

    newer = CONTENT.replace("version = 1", "version = 2").replace("days = 5\n", "days = 3\n")
    (tmp_path / "REG.toml").write_text(newer, encoding="utf-8")
    workflows, pin = Workflows.load(tmp_path), WorkflowPin("REG", 1, digest_of(CONTENT))
    assert workflows.current("REG").workflow.clocks["supplement_notice"].days == 3
    assert workflows.of_pin(pin, Texts(CONTENT)).clocks["supplement_notice"].days == 5
    with pytest.raises(LookupError, match="REG/1"):
        Workflows.load(tmp_path).of_pin(pin, Texts())


def test_every_clock_names_its_basis_and_every_statutory_one_its_article():
    clocks = parse_workflow(CONTENT, "REG.toml").clocks
    assert {name: rule.basis for name, rule in clocks.items()} == {
        "institution": "policy sla.confirm_days",
        "supplement_notice": "行政许可法 art.32(4)",
        "decision": "医师法 art.13",
        "certificate": "行政许可法 art.44",
    }
