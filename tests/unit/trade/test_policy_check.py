"""What `policy check` says of a file before anybody uses it: each fault with its line, whatever the file holds."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.trade.knobs import KNOBS
from shared.trade.policy_check import check_file, in_force, read_draft
from shared.trade.policy_file import PolicyFile, PolicyFileError, parse_policy
from shared.trade.toml_lines import count_lines

PROVINCES = Path(__file__).parents[3] / "provinces"
FILE = """\
division = "43"
version = 2

[[rule]]  # a promise
key = "sla.decision_days"
value = 15
valid_from = 2022-03-01
valid_to = 2025-12-31
decision = "first promise"

[[rule]]
key = "review.pre_tiers"
division = "4301"
value = [
    "county",
]
valid_from = 2026-01-01
decision = '''
key = "the city's own"
'''
author = "policy desk"
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # what a service refuses at its start, too
        ('"review.pre_tiers"', '"review.tiers"', ["12: unknown policy key 'review.tiers'"]),
        ('"review.pre_tiers"', '"account.lock_after"', ["12: account.lock_after is set nationally only"]),
        ('key = "review.pre_tiers"\n', "", ["11: key is missing"]),
        ('"county"', '"town"', ["14: review.pre_tiers must be a list without repetition of county, city, province"]),
        ('"4301"', '"4401"', ["13: division must lie in 43"]),
        ('"4301"', '"430100"', ["13: division must lie in 43"]),
        ('"4301"', '"４３０１"', ["13: division must lie in 43"]),
        ("2026-01-01", "2026-02-30", ["17: Invalid date"]),
        ("2026-01-01", "20260101", ["17: valid_from must be a date"]),
        ("valid_to = 2025-12-31", "valid_to = 2021-12-31", ["8: valid_to lies before valid_from"]),
        ('"policy desk"', "5", ["21: author must be a text"]),
        ('"first promise"', '" "', ["9: decision must say what the rule rests on"]),
        ('author = "', 'autor = "', ["21: unknown key 'autor'"]),
        ('author = "policy desk"', 'author = "policy desk', ["21: Illegal character"]),
        ('[\n    "county",\n]', '[\n    "county",\n', ["17: "]),
        ('author = "policy desk"', 'author = """policy desk', ["21: "]),
        ("'''\nauthor", "\nauthor", ["21: "]),
        ("version = 2", "version = 2\nextra = 1\n[other]\na = 1", ["3: unknown key 'extra'", "4: unknown key 'other'"]),
        ('division = "43"\n', "", ['1: division must be "43"']),
        ("version = 2\n", "", ["1: version must be a whole number from 1"]),
        ("value = 15", f"value = {'9' * 5000}", ["6: Exceeds the limit"]),
        ("value = 15", f"value = {'[' * 9999}", ["6: maximum recursion depth exceeded"]),
        # a knob that is looked up for a whole province would change nothing in a city
        (
            '"review.pre_tiers"\ndivision = "4301"\nvalue = [\n    "county",\n]',
            '"seniority.mode"\ndivision = "4301"\nvalue = "CALENDAR"',
            ["13: seniority.mode is set for a whole province only"],
        ),
        (
            "[[rule]]\nkey",
            '[[rule]]\nkey = "sla.decision_days"\nvalue = 9\nvalid_from = 2025-12-31\ndecision = "x"\n[[rule]]\nkey',
            ["11: sla.decision_days is already set for 43 in that time"],
        ),
        # what can never be in force: nobody lies in a division that isn't there any more, or not yet
        ('"4301"', '"430124"', ["13: can never be in force: 430124 was given up in 2017"]),
        (
            'key = "sla.decision_days"\n',
            'key = "sla.decision_days"\ndivision = "430182"\n',
            [],
        ),
        (
            'key = "sla.decision_days"\nvalue = 15\nvalid_from = 2022-03-01\nvalid_to = 2025-12-31',
            'division = "430182"\nkey = "scope.max"\nvalue = 1\nvalid_from = 2010-01-01\nvalid_to = 2016-12-31',
            ["5: can never be in force: 430182 exists since 2017"],
        ),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_line(tmp_path, old, new, told):
    """Of the key for a key, of the value for a value, of the header for what is not there."""
    assert old in FILE
    path = tmp_path / "43.toml"
    path.write_text(FILE.replace(old, new, 1), "utf-8")
    found = check_file(path)
    assert len(found.faults) == len(told)
    for fault, expected in zip(found.faults, told, strict=True):
        assert fault.startswith(f"{path}:{expected}")
        assert "\n" not in fault
    assert found.warnings == []


def test_a_division_that_no_table_lists_is_worth_a_look_and_no_fault(tmp_path):
    """A slip of the keyboard, or a county younger than the table: a service would use the file."""
    path = tmp_path / "43.toml"
    path.write_text(FILE.replace('"4301"', '"430199"'), "utf-8")
    found = check_file(path)
    assert found.faults == []
    assert found.warnings == [f"{path}:13: warning: the public table of divisions does not list 430199"]


def test_a_draft_may_have_any_name_and_speaks_for_whom_it_says(tmp_path):
    draft = tmp_path / "new promise.toml"
    draft.write_text(FILE, "utf-8")
    assert read_draft(draft).division == "43"
    draft.write_text(FILE.replace('"43"', '"71"', 1), "utf-8")
    with pytest.raises(PolicyFileError) as refused:
        read_draft(draft)
    assert refused.value.faults[0] == f'{draft}:1: division must be "national" or the two digits of a province'
    misnamed = tmp_path / "44.toml"
    misnamed.write_text(FILE, "utf-8")
    assert check_file(misnamed).faults[0] == f'{misnamed}:1: division must be "44"'


def test_a_file_that_cannot_be_read_is_one_fault(tmp_path):
    absent = tmp_path / "43.toml"
    assert check_file(absent).faults == [f"{absent}: No such file or directory"]
    absent.write_bytes(FILE.encode() + 'decision = "长沙"'.encode("gb18030"))
    assert check_file(absent).faults == [f"{absent}:{FILE.count(chr(10)) + 1}: not a text in UTF-8"]


def test_a_default_that_is_missing_is_told_where_the_defaults_stand(tmp_path):
    """A service wouldn't start without it."""
    path = tmp_path / "national.toml"
    path.write_text('division = "national"\nversion = 1\n\n[defaults]\n"lapse.years" = 2\n', "utf-8")
    missing = sorted(set(KNOBS) - {"lapse.years"})
    assert check_file(path).faults == [f"{path}:4: no default for {key}" for key in missing]


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (FILE, []),
        (FILE.replace("version = 2", "version = 1"), []),
        (FILE.replace("version = 2", "version = 1").replace("value = 15", "value = 14"), []),
        (FILE.replace("value = 15", "value = 14"), ["2: version must be larger than 2: the rules differ from {old}"]),
        (FILE.replace("policy desk", "x"), ["2: version must be larger than 2: the rules differ from {old}"]),
        (FILE[: FILE.rindex("[[rule]]")], ["2: version must be larger than 2: the rules differ from {old}"]),
        (FILE.replace("# a promise", "# another"), []),
        (FILE.replace("version = 2", "version = 3"), ["2: version must not be smaller than 3, that of {old}"]),
        (
            FILE.replace("version = 2", "version = 3").replace("2025-12-31", "2025-12-30"),
            ["2: version must be larger than 3: the rules differ from {old}"],
        ),
        ('division = "44"\nversion = 1\n', ["1: {old} speaks for 44"]),
    ],
)
def test_other_rules_need_a_larger_version(tmp_path, before, told):
    """Whoever has a number has its rules: applications keep it."""
    path, old = tmp_path / "43.toml", tmp_path / "before.toml"
    path.write_text(FILE, "utf-8")
    old.write_text(before, "utf-8")
    assert check_file(path, old).faults == [f"{path}:{fault.format(old=old)}" for fault in told]


def test_the_order_of_rules_is_not_their_content(tmp_path):
    head, first, second = re.split(r"(?=\[\[rule\]\])", FILE)
    path, old = tmp_path / "43.toml", tmp_path / "before.toml"
    path.write_text(FILE, "utf-8")
    old.write_text(f"{head}{second}\n{first}", "utf-8")
    assert check_file(path, old).faults == []
    old.write_text("version = ", "utf-8")
    assert check_file(path, old).faults == [f"{old}:1: Invalid value (at end of document)"]


def test_what_is_in_force_is_told_for_all_places_or_for_one():
    """Look-up goes county, city, province (`domain.md` §8)."""
    county = 'key = "sla.decision_days"\ndivision = "430102"\nvalue = 5\nvalid_from = 2023-01-01\ndecision = "x"\n'
    file = parse_policy(f"{FILE}[[rule]]\n{county}", "43.toml", "43")

    def told(day: date, division: str = "") -> list[tuple[str, str, object]]:
        return [(rule.division, rule.key, rule.value) for rule in in_force(file, day, division)]

    assert told(date(2025, 12, 31)) == [("43", "sla.decision_days", 15), ("430102", "sla.decision_days", 5)]
    assert told(date(2025, 12, 31), "430102") == [("430102", "sla.decision_days", 5)]
    assert told(date(2025, 12, 31), "43/4301") == [("43", "sla.decision_days", 15)]
    assert told(date(2026, 1, 1), "430102") == [
        ("4301", "review.pre_tiers", ["county"]),
        ("430102", "sla.decision_days", 5),
    ]
    assert told(date(2021, 1, 1)) == []


def test_a_dated_rule_of_the_nation_is_told_before_its_default():
    default = '[defaults]\n"lapse.years" = 2\n'
    dated = '[[rule]]\nkey = "lapse.years"\nvalue = 3\nvalid_from = 2017-04-01\ndecision = "x"\n'
    file = parse_policy(f'division = "national"\nversion = 1\n{default}{dated}', "national.toml", "national")
    assert [rule.value for rule in in_force(file, date(2020, 1, 1))] == [3]
    assert [rule.value for rule in in_force(file, date(2016, 1, 1))] == [2]


FILES = {path.stem: path.read_text("utf-8") for path in sorted(PROVINCES.glob("*.toml"))} | {"43": FILE}
PIECES = st.sampled_from(
    ["[[rule]]", "\n", '"', "'", "=", "#", "[", "]", "{", "}", "43", "'''", '"""', "2022-03-01", "\t"]
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """A sound file with a few slips: characters or lines that are gone, doubled, moved or put in."""
    name = draw(st.sampled_from(sorted(FILES)))
    text = FILES[name]
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            lines = text.split("\n")
            at, to = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
            taken = lines.pop(at) if draw(st.booleans()) else lines[at]
            if draw(st.booleans()):
                lines.insert(to, taken)
            text = "\n".join(lines)
        else:
            at = draw(st.integers(0, len(text)))
            to = draw(st.integers(at, min(len(text), at + 12)))
            text = text[:at] + draw(PIECES | st.text(max_size=3)) + text[to:]
    return name, text


@given(mutated())
def test_whatever_a_file_holds_it_is_sound_or_told_its_faults_with_lines_of_the_file(case):
    """No slip makes the reader fall over, point outside of the file or say nothing."""
    name, text = case
    read, faults = read_or_refused(text, name)
    assert (read is None) is bool(faults)
    for fault in faults:
        told = re.fullmatch(rf"{name}\.toml:(\d+): [^\n]+", fault)
        assert told, fault
        assert 1 <= int(told[1]) <= count_lines(text)
    if read is not None:
        assert read.division == name
        assert all(1 <= line <= count_lines(text) for rule in read.rules for line in rule.lines.values())


def read_or_refused(text: str, name: str) -> tuple[PolicyFile | None, list[str]]:
    """What the reader gives, or all that it finds wrong."""
    try:
        return parse_policy(text, f"{name}.toml", name), []
    except PolicyFileError as refused:
        return None, refused.faults
