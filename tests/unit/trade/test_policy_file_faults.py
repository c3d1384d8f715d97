"""What a faulty policy file is told: every kind of fault with its whole line, and what a sound one gives."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from shared.trade.knobs import KNOBS
from shared.trade.policy import Policy, PolicyDay, PolicyFileError, PolicyVersion
from shared.trade.policy_file import PolicyFile, Rule, parse_policy, read_policy_file

PROVINCES = Path(__file__).parents[3] / "provinces"
DAY = date(2026, 11, 23)
HEAD = 'division = "43"\nversion = 2\n\n'
RULE = """\
[[rule]]
key = "sla.decision_days"
value = 15
valid_from = 2022-03-01
valid_to = 2025-12-31
decision = "first promise"
author = "policy desk"
"""
SECOND = RULE.replace("2022-03-01", "2026-01-01").replace("2025-12-31", "2026-12-31")
NATIONAL_HEAD = 'division = "national"\nversion = 1\n\n'


def faults(text: str, expected: str = "43") -> list[str]:
    """Everything that is told of a file."""
    with pytest.raises(PolicyFileError) as refused:
        parse_policy(text, f"{expected}.toml", expected)
    assert str(refused.value) == "\n".join(refused.value.faults)
    return refused.value.faults


def second(old: str, new: str) -> str:
    """A file whose second rule is changed; the first one has the same words, and is right."""
    assert old in SECOND
    return HEAD + RULE + "\n" + SECOND.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("= 1", ["43.toml:1: Invalid statement (at line 1, column 1)"]),
        (
            'version = 2\ndivision = "44"\n',
            ['43.toml:2: division must be "43"'],
        ),
        ('division = "43"\nversion = true\n', ["43.toml:2: version must be a whole number from 1"]),
        ('division = "43"\n', ["43.toml:1: version must be a whole number from 1"]),
        ('division = "43"\nversion = 1\ndefaults = 3\n', ["43.toml:3: defaults must be a table"]),
        (
            'division = "43"\nversion = 1\n\n[defaults]\n"lapse.years" = 2\n',
            ["43.toml:4: only the national file has defaults; use [[rule]]"],
        ),
        ('division = "43"\nversion = 1\nrule = 3\n', ["43.toml:3: rules must each begin with a line [[rule]]"]),
        ('division = "43"\nversion = 1\nrule = []\n' + "", []),
        (
            'division = "43"\nversion = 1\nrule = [{ key = "lapse.years" }]\n',
            ["43.toml:3: rules must each begin with a line [[rule]]"],
        ),
        # each fault of the second rule is told with its own line, never with that of the first
        (second("author", "autor"), ["43.toml:18: unknown key 'autor'"]),
        (second("value = 15", "value = 99"), ["43.toml:14: sla.decision_days must be a whole number from 1 to 20"]),
        (second("valid_from = 2026-01-01", "valid_from = 2026"), ["43.toml:15: valid_from must be a date"]),
        (second("valid_from = 2026-01-01\n", ""), ["43.toml:12: valid_from must be a date"]),
        (second("valid_to = 2026-12-31", 'valid_to = "never"'), ["43.toml:16: valid_to must be a date"]),
        (second("valid_to = 2026-12-31", "valid_to = 2025-12-31"), ["43.toml:16: valid_to lies before valid_from"]),
        # a moment is no date: neither compared with one nor taken for one
        (
            second("valid_from = 2026-01-01", "valid_from = 2026-01-01T08:00:00"),
            ["43.toml:15: valid_from must be a date"],
        ),
        (
            second("valid_to = 2026-12-31", "valid_to = 2026-12-31T08:00:00"),
            ["43.toml:16: valid_to must be a date"],
        ),
        (
            second('decision = "first promise"\n', ""),
            ["43.toml:12: decision must say what the rule rests on"],
        ),
        (
            second('decision = "first promise"', "decision = 5"),
            ["43.toml:17: decision must say what the rule rests on"],
        ),
        (
            second('decision = "first promise"', 'decision = ""'),
            ["43.toml:17: decision must say what the rule rests on"],
        ),
        (
            second("value = 15", 'division = "430"\nvalue = 15'),
            ["43.toml:14: division must lie in 43"],
        ),
        (second("value = 15", "division = 4301\nvalue = 15"), ["43.toml:14: division must lie in 43"]),
        (second("value = 15", 'division = "430100"\nvalue = 15'), ["43.toml:14: division must lie in 43"]),
        (second('"sla.decision_days"', "7"), ["43.toml:14: unknown policy key 7"]),
        # what the first rule lacks is not looked for in the second
        (
            HEAD + RULE.replace('decision = "first promise"\n', "") + "\n" + SECOND,
            ["43.toml:4: decision must say what the rule rests on"],
        ),
        (
            HEAD + RULE.replace("value = 15", "value = 0").replace("valid_from = 2022-03-01", "valid_from = 1"),
            [
                "43.toml:6: sla.decision_days must be a whole number from 1 to 20",
                "43.toml:7: valid_from must be a date",
            ],
        ),
        # the first day of one is the last day of the other: two values on one day
        (
            second("valid_from = 2026-01-01", "valid_from = 2025-12-31"),
            ["43.toml:12: sla.decision_days is already set for 43 in that time"],
        ),
        # an entry that can't stand in a set is refused like any other
        (
            HEAD + RULE.replace("sla.decision_days", "review.pre_tiers").replace("value = 15", 'value = [["city"]]'),
            ["43.toml:6: review.pre_tiers must be a list without repetition of county, city, province"],
        ),
    ],
)
def test_a_fault_is_told_whole_and_with_its_line(text, told):
    """The person who wrote the file finds the line, and knows what would be right."""
    if told:
        assert faults(text) == told
    else:
        assert parse_policy(text, "43.toml", "43").rules == ()


def test_a_rule_of_one_day_and_two_that_follow_each_other_are_fine():
    """First and last day both count."""
    one_day = HEAD + RULE.replace("2025-12-31", "2022-03-01")
    assert parse_policy(one_day, "43.toml", "43").rules[0].valid_to == date(2022, 3, 1)
    assert len(parse_policy(second("author", "author"), "43.toml", "43").rules) == 2


def test_a_read_rule_keeps_who_set_it_and_on_what_ground():
    """行政许可法 art.5: what an office promises can be traced to its decision."""
    assert parse_policy(HEAD + RULE, "43.toml", "43") == PolicyFile(
        "43",
        2,
        (
            Rule(
                "43",
                "sla.decision_days",
                15,
                date(2022, 3, 1),
                date(2025, 12, 31),
                "first promise",
                "policy desk",
            ),
        ),
    )
    nameless = RULE.replace('author = "policy desk"\n', "")
    assert parse_policy(HEAD + nameless, "43.toml", "43").rules[0].author == ""


def test_the_national_file_has_no_rules_for_a_division():
    """What a province sets stands in its own file; a default that is wrong is told with its line."""
    rule = RULE.replace("value = 15", 'value = 15\ndivision = "4301"')
    assert faults(NATIONAL_HEAD + rule, "national") == ["national.toml:7: division must lie in national"]
    text = NATIONAL_HEAD + '[defaults]\n"lapse.years" = 2\n"scope.max" = 99\n'
    assert faults(text, "national") == ["national.toml:6: scope.max must be a whole number from 1 to 5"]
    # a default and a dated rule of the nation don't contradict each other
    both = NATIONAL_HEAD + '[defaults]\n"sla.decision_days" = 20\n\n' + RULE
    read = parse_policy(both, "national.toml", "national").rules
    assert read[0] == Rule("national", "sla.decision_days", 20)


def test_a_file_that_is_not_there_or_not_right_is_told_by_its_name(tmp_path):
    (tmp_path / "44.toml").write_text(HEAD, "utf-8")
    with pytest.raises(PolicyFileError) as refused:
        read_policy_file(tmp_path / "44.toml")
    assert refused.value.faults == ['44.toml:1: division must be "44"']
    with pytest.raises(PolicyFileError) as refused:
        read_policy_file(tmp_path / "45.toml")
    assert refused.value.faults == ["45.toml: No such file or directory"]
    (tmp_path / "national.toml").write_text(NATIONAL_HEAD + '[defaults]\n"lapse.years" = 2\n', "utf-8")
    with pytest.raises(PolicyFileError) as refused:
        Policy.load(tmp_path, ["44"])
    missing = ", ".join(sorted(set(KNOBS) - {"lapse.years"}))
    assert refused.value.faults == [f"{tmp_path / 'national.toml'}: no default for {missing}"]


def a_day(**rules) -> PolicyDay:
    """The national policy with rules of a province."""
    day = Policy.load(PROVINCES, []).at(DAY)
    return PolicyDay(DAY, {**day._rules, **rules}, {"national": 1, "43": 2})


def test_each_kind_of_knob_is_read_where_it_holds_and_as_what_it_is():
    """The nearest division's value, of the right kind: a number is no flag, a flag no number."""
    day = a_day(**{"43": {"lapse.clock_start": "CERTIFICATE_RECEIPT", "scope.extra": ["C07"]}})
    assert day.text("lapse.clock_start", "430102") == "CERTIFICATE_RECEIPT"
    assert day.text("lapse.clock_start", "44") == day.text("lapse.clock_start") == "PUBLICATION"
    assert day.texts("scope.extra", "430102") == ["C07"]
    for read, key in (
        (day.flag, "sla.decision_days"),
        (day.whole, "paper.required"),
        (day.whole, "lapse.clock_start"),
        (day.text, "scope.extra"),
        (day.texts, "lapse.clock_start"),
    ):
        with pytest.raises(TypeError, match=rf"^{key}$"):
            read(key)
    with pytest.raises(KeyError, match=r"^'no\.such_key'$"):
        day.get("no.such_key", "43")


def test_the_digest_is_of_what_is_in_force_in_any_order():
    """An application pins it: neither the order of a file nor another province's name may change it (design §2)."""
    one = a_day(**{"43": {"lapse.years": 2, "scope.max": 1}})
    other = a_day(**{"43": {"scope.max": 1, "lapse.years": 2}})
    version = one.version("430102")
    assert version == other.version("43")
    assert version == PolicyVersion("43-2/national-1", version.digest, DAY)
    assert replace(one, on=date(2026, 1, 1)).version("43").on == date(2026, 1, 1)
    assert Policy.load(PROVINCES, []).at(DAY).on == DAY


def test_a_digest_stays_the_same_from_release_to_release():
    """Applications keep it: written otherwise, every one of them would be judged again (design §2)."""
    day = PolicyDay(DAY, {"43": {"notice.channels": ["inbox"], "lapse.clock_start": "领证"}}, {"43": 2})
    text = '{"43":{"lapse.clock_start":"领证","notice.channels":["inbox"]}}'
    assert day.version("43").digest == hashlib.sha256(text.encode()).hexdigest()
