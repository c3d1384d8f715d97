"""A knob that a policy file may set is read somewhere by its name: none is accepted and then changes nothing."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator

from shared.trade.knobs import KNOBS, NOT_YET
from tests.architecture.source import ROOT, python_files, tree


def named_in_python() -> Iterator[str]:
    """Every text that the code passes to a function or looks up in a mapping; a list of names reads nothing."""
    for path in python_files("services", "commands", "shared"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                candidates = [*node.args, *(keyword.value for keyword in node.keywords)]
            elif isinstance(node, ast.Subscript):
                candidates = [node.slice]
            else:
                continue
            for found in candidates:
                if isinstance(found, ast.Constant) and isinstance(found.value, str) and path.name != "knobs.py":
                    yield found.value


def named_in_account_knobs() -> Iterator[str]:
    """`accounts` reads its knobs into one typed value, in a file of that name."""
    for node in ast.walk(tree(ROOT / "services" / "accounts" / "domain" / "knobs.py")):
        if isinstance(node, ast.Call):
            yield from (item.value for item in node.args if isinstance(item, ast.Constant))


def named_in_workflows() -> Iterator[str]:
    """The periods of a workflow may be a knob of the policy."""
    for path in (ROOT / "services" / "review" / "workflows").glob("*.toml"):
        clocks = tomllib.loads(path.read_text(encoding="utf-8"))["clocks"]
        yield from (clock["days"] for clock in clocks.values() if isinstance(clock["days"], str))


def read_by_name() -> set[str]:
    """All that is read."""
    return {*named_in_python(), *named_in_account_knobs(), *named_in_workflows()}


def test_every_knob_that_a_file_may_set_is_read_by_its_name():
    """domain.md §8: a province that sets a value has to see something change."""
    unread = sorted(set(KNOBS) - read_by_name())
    assert unread == [], f"accepted in a policy file and read nowhere: {unread}"


def test_the_reader_of_knobs_tells_a_reading_from_a_mention():
    """Names of this file's own rule: a knob that only stands in a list of keys would count as read otherwise."""
    found = read_by_name()
    assert {"sla.decision_days", "sla.confirm_days", "account.lock_after", "paper.required"} <= found
    assert "no.such_knob" not in found


def test_what_is_refused_as_not_yet_acted_upon_is_read_nowhere():
    """Whoever builds on one of them moves it into the schema."""
    assert not set(NOT_YET) & set(KNOBS)
    assert sorted(set(NOT_YET) & read_by_name()) == []


def test_the_national_file_has_a_default_for_each_knob_and_nothing_else():
    """A default that is missing stops the start; one too many would be refused by the schema."""
    defaults = tomllib.loads((ROOT / "provinces" / "national.toml").read_text(encoding="utf-8"))["defaults"]
    assert set(defaults) == set(KNOBS)
