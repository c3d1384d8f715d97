"""What all kinds share is written once; what a case is pinned to says all of it and is based on nothing."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.case import WorkflowPin
from services.review.domain.definition import WorkflowError
from services.review.domain.workflow import Action, Workflow
from services.review.workflow_files import Workflows, digest_of, parse_workflow
from services.review.workflow_text import merged, written
from shared.trade.statuses import BusinessType

BEFORE = (Path(__file__).parent / "texts" / "REG-1.toml").read_text(encoding="utf-8")

PART: dict[str, Any] = {
    "start": "A",
    "clocks": {"long": {"days": 10}, "short": {"days": 1}},
    "states": {"A": {"clock": "long"}, "B": {}, "C": {}},
    "actions": [
        {"name": "go", "from": ["A", "B"], "to": "C", "by": ["system"]},
        {"name": "wait", "from": ["B"], "to": "=", "by": ["system"]},
    ],
    "reasons": {
        "late": {"actions": ["go", "wait"], "targets": "documents.all"},
        "wrong": {"actions": ["wait"], "targets": ["x"]},
    },
}
KIND: dict[str, Any] = {
    "name": "K",
    "version": 3,
    "based_on": ["common"],
    "documents": {"all": ["photo"]},
    "clocks": {"long": {"days": 20}},
    "actions": [{"name": "go", "from": ["A"], "to": "B", "by": ["applicant"]}],
}


def of(**changes: Any) -> dict[str, Any]:
    """The kind's table, with other entries, on top of the part."""
    return merged({**KIND, **changes}, {"common": PART}, "K.toml")


def test_the_more_special_rule_goes_before_the_more_general_one():
    """特别规定优先: rows in front, entries of the same name replaced, all others kept."""
    whole = of()
    assert list(whole)[:2] == ["name", "version"]
    assert (whole["start"], whole["clocks"]) == ("A", {"long": {"days": 20}, "short": {"days": 1}})
    assert [(row["name"], row["to"]) for row in whole["actions"]] == [("go", "B"), ("go", "C"), ("wait", "=")]
    assert whole["reasons"]["late"]["targets"] == ["photo"]
    assert not {"based_on", "documents", "without"} & set(whole)


def test_what_a_kind_does_without_is_gone_everywhere():
    whole = of(without={"actions": ["wait"], "states": ["B"], "clocks": ["short"]})
    assert list(whole["states"]) == ["A", "C"]
    assert list(whole["clocks"]) == ["long"]
    assert [row["from"] for row in whole["actions"]] == [["A"], ["A"]]
    assert {code: rule["actions"] for code, rule in whole["reasons"].items()} == {"late": ["go"]}


def test_an_action_that_is_written_anew_keeps_its_reasons():
    whole = of(without={"actions": ["go"], "reasons": ["wrong"]})
    assert [(row["name"], row["to"]) for row in whole["actions"]] == [("go", "B"), ("wait", "=")]
    assert {code: rule["actions"] for code, rule in whole["reasons"].items()} == {"late": ["go", "wait"]}


def test_nothing_of_a_part_is_changed_by_what_is_based_on_it():
    before = written(PART)
    of(without={"actions": ["wait"], "states": ["B"]})
    assert written(PART) == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"based_on": ["common", "magic"]}, ["K.toml: based_on names the unknown part 'magic'"]),
        ({"without": {"colours": ["red"]}}, ["K.toml: without: unknown key 'colours'"]),
        (
            {"without": {"actions": ["dance"], "states": ["Z"]}},
            ["K.toml: without: there is no 'dance' in actions", "K.toml: without: there is no 'Z' in states"],
        ),
        ({"documents": {}}, ["K.toml: reason late: [documents] gives no list 'all'"]),
    ],
)
def test_what_does_not_fit_its_parts_is_named(changes, told):
    with pytest.raises(WorkflowError) as refused:
        of(**changes)
    assert refused.value.faults == told


def test_a_broken_part_stops_the_start_with_its_place(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "common.toml").write_text("start = [\n", encoding="utf-8")
    (tmp_path / "REG.toml").write_text(BEFORE, encoding="utf-8")
    with pytest.raises(WorkflowError, match=r"common.toml: "):
        Workflows.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t["release"].update(policy="no.such"), "release: policy names the unknown policy key 'no.such'"),
        (lambda t: t["release"].update(colour=1), "release: unknown key 'colour'"),
        (lambda t: t["release"].update(asked_when=["MAYBE"]), "release: change.release_mode is never 'MAYBE'"),
        (
            lambda t: t["release"].update(asked_when=["CONSENT"]),
            "release: nobody is asked where change.release_mode is 'NOTIFY', so nobody's silence lets go",
        ),
        (
            lambda t: t["release"].update(units=["target_institution"]),
            "release: units must be some of releasing_institution, releasing_authority",
        ),
        (lambda t: t.pop("release"), "action ask_release: asks the other side, and no [release] says when"),
        (
            lambda t: t.pop("release"),
            "state RELEASE: waits for the other side, and no [release] says when it is asked",
        ),
        (
            lambda t: [row.pop("asks", None) for row in t["actions"]],
            "release: no action asks the other side",
        ),
        (
            lambda t: next(row for row in t["actions"] if row["name"] == "ask_release").pop("when"),
            "action ask_release: asks the other side without the condition release_due",
        ),
        (
            lambda t: next(row for row in t["actions"] if row["name"] == "release").update(answers="perhaps"),
            "action release: unknown answer 'perhaps'",
        ),
        (
            lambda t: t.update(reviewed_by=["sla.decision_days"]),
            "the file: reviewed_by names 'sla.decision_days', which is neither a list nor a flag of the policy",
        ),
        (
            lambda t: t["states"]["RELEASE"]["task"].append("release"),
            "state RELEASE: task must be a table",
        ),
    ],
)
def test_what_does_not_hold_together_of_the_other_side_is_named(change: Callable[[Any], object], told: str):
    table = tomllib.loads(Workflows.load().current("CHANGE").content)
    change(table)
    with pytest.raises(WorkflowError) as refused:
        parse_workflow(written(table), "CHANGE")
    assert f"CHANGE: {told}" in refused.value.faults


# --- what a case is pinned to -----------------------------------------------------------------------------------------


class Texts:
    """The texts that the database keeps."""

    def __init__(self, *contents: str) -> None:
        self.contents = {digest_of(content): content for content in contents}

    def text_of(self, digest: str) -> str | None:
        return self.contents.get(digest)


@pytest.mark.parametrize("kind", BusinessType)
def test_the_text_of_a_kind_is_enough_to_read_it_again(kind, tmp_path):
    """Design D18: whatever the files and their parts say by then."""
    file = Workflows.load().current(kind)
    (tmp_path / "REG.toml").write_text(BEFORE, encoding="utf-8")
    pin = WorkflowPin(kind, file.workflow.version, file.workflow.digest)
    assert Workflows.load(tmp_path).of_pin(pin, Texts(file.content)) == file.workflow
    assert "based_on" not in file.content
    assert (file.workflow.name, digest_of(file.content)) == (kind, file.workflow.digest)


def rows_of(workflow: Workflow) -> dict[str, list[Action]]:
    """The rows of each action, in their order: between actions of other names it means nothing."""
    rows = defaultdict(list)
    for action in workflow.actions:
        rows[action.name].append(action)
    return dict(rows)


def test_the_common_procedure_is_for_a_registration_what_its_own_file_was():
    """REG/1 stood in one file before the parts: cases opened on it are read, and new ones are dealt with alike."""
    before, now = parse_workflow(BEFORE, "REG/1"), Workflows.load().current("REG").workflow
    assert before.label == now.label == "REG/1"
    assert before.digest != now.digest
    for part in ("start", "decision_number", "states", "clocks", "reasons", "reviewed_by", "release"):
        assert getattr(before, part) == getattr(now, part), part
    assert rows_of(before) == rows_of(now)


def test_a_case_of_the_text_before_is_found_by_its_digest():
    pin = WorkflowPin("REG", 1, digest_of(BEFORE))
    assert Workflows.load().of_pin(pin, Texts(BEFORE)).digest == digest_of(BEFORE)


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
PLAIN = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), TEXT)
INLINE = st.dictionaries(TEXT, PLAIN, max_size=3)
ENTRY = st.dictionaries(
    TEXT, st.one_of(PLAIN, st.lists(PLAIN, max_size=3), INLINE, st.lists(INLINE, max_size=2)), max_size=4
)
SECTION = st.one_of(PLAIN, st.lists(TEXT, max_size=3), st.dictionaries(TEXT, ENTRY, min_size=1, max_size=3))


@given(table=st.dictionaries(TEXT, st.one_of(SECTION, st.lists(ENTRY, min_size=1, max_size=3)), max_size=5))
def test_what_is_written_is_read_as_it_was(table):
    """Whatever stands in a table: quotes, line ends, control characters, keys that are no words."""
    assert tomllib.loads(written(table)) == table
