"""A policy file is used whole or not at all; the nearest division's value wins; the version is what is in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shared.trade.knobs import NOT_YET
from shared.trade.policy import Policy, PolicyFileError
from shared.trade.policy_file import parse_policy, read_policy_file

PROVINCES = Path(__file__).parents[3] / "provinces"
DAY = date(2026, 11, 23)

PROVINCE = """\
division = "43"
version = 2

[[rule]]
key = "sla.decision_days"
value = 15
valid_from = 2022-03-01
valid_to = 2025-12-31
decision = "first promise"

[[rule]]
key = "sla.decision_days"
value = 10
valid_from = 2026-01-01
decision = "second promise"

[[rule]]
key = "sla.decision_days"
division = "4301"
value = 8
valid_from = 2026-01-01
decision = "the city's promise"

[[rule]]
key = "sla.decision_days"
division = "430102"
value = 5
valid_from = 2026-01-01
decision = "the county's promise"
"""


def policy_of(text: str = PROVINCE) -> Policy:
    return Policy([read_policy_file(PROVINCES / "national.toml"), parse_policy(text, "43.toml", "43")])


@pytest.mark.parametrize(
    ("division", "days"),
    [
        ("43/4301/430102", 5),
        ("430102", 5),
        ("430103", 8),
        ("43/4301", 8),
        ("430200", 10),
        ("43", 10),
        ("44", 20),
        ("", 20),
    ],
)
def test_county_then_city_then_province_then_nation(division, days):
    assert policy_of().at(DAY).whole("sla.decision_days", division) == days


@pytest.mark.parametrize(
    ("day", "days"), [("2022-02-28", 20), ("2022-03-01", 15), ("2025-12-31", 15), ("2026-01-01", 10)]
)
def test_a_value_holds_from_its_first_to_its_last_day(day, days):
    assert policy_of().at(date.fromisoformat(day)).whole("sla.decision_days", "43") == days


def test_a_version_changes_with_what_is_in_force_and_only_then():
    policy = policy_of()
    assert policy.at(date(2026, 3, 1)).version("43").digest == policy.at(DAY).version("43").digest
    assert policy.at(date(2025, 3, 1)).version("43").digest != policy.at(DAY).version("43").digest
    edited = policy_of(PROVINCE.replace("first promise", "old promise").replace("value = 15", "value = 14"))
    assert edited.at(DAY).version("43").digest == policy.at(DAY).version("43").digest
    assert policy.at(DAY).version("43").number == "43-2/national-1"


def test_another_provinces_rules_never_change_a_version():
    alone = Policy.load(PROVINCES, ["43"]).at(DAY).version("43")
    together = Policy.load(PROVINCES, ["43", "44"]).at(DAY).version("43")
    assert alone == together


def test_a_province_without_a_file_follows_the_nation():
    assert Policy.load(PROVINCES, ["52"]).at(DAY).flag("release.need_paper_cert", "520102")


def test_what_concerns_the_whole_country_follows_the_nation():
    """A batch of exam results is announced for no province; whoever asks for a knob then must not fail."""
    day = Policy.load(PROVINCES, ["43"]).at(DAY)
    assert day.get("notice.channels", "00") == day.get("notice.channels")


def test_the_gate_of_the_registering_province_rules():
    """E24, E25: one province registers without the paper certificate, the other waits (`domain.md` §6.4)."""
    day = Policy.load(PROVINCES, ["43", "44"]).at(DAY)
    assert not day.flag("release.need_paper_cert", "43/4301/430102")
    assert day.flag("release.need_paper_cert", "44/4401/440106")
    assert day.texts("review.pre_tiers", "440106") == ["county"]
    assert day.texts("review.pre_tiers", "430102") == []


def test_a_national_rule_holds_in_its_time_before_the_default():
    """医师法 in force since 2022-03-01: what held before is a dated rule of the national file, not another default."""
    national = (PROVINCES / "national.toml").read_text("utf-8")
    dated = parse_policy(
        national
        + '\n[[rule]]\nkey = "lapse.years"\nvalue = 3\nvalid_from = 2017-04-01\nvalid_to = 2022-02-28\n'
        + 'decision = "until the Law came into force"\n',
        "national.toml",
        "national",
    )
    policy = Policy([dated])
    assert policy.at(date(2022, 2, 28)).whole("lapse.years") == 3
    assert policy.at(date(2022, 3, 1)).whole("lapse.years") == 2


@pytest.mark.parametrize("path", sorted(PROVINCES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_policy_file_of_the_tree_can_be_used(path: Path):
    assert read_policy_file(path).rules


def test_an_unknown_key_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        policy_of().at(DAY).get("no.such_key", "43")
    with pytest.raises(TypeError):
        policy_of().at(DAY).flag("sla.decision_days", "43")


def test_all_values_of_a_division_can_be_kept():
    values = policy_of().at(DAY).values("430102")
    assert values["sla.decision_days"] == 5
    assert values["release.need_paper_cert"] is True


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('division = "43"\n', 'division = "44"\n', '43.toml:1: division must be "43"'),
        ("version = 2", "version = 0", "43.toml:2: version must be a whole number from 1"),
        ("value = 15", "value = 30", "43.toml:6: sla.decision_days must be a whole number from 1 to 20"),
        ("value = 15", "value = true", "43.toml:6: sla.decision_days must be a whole number from 1 to 20"),
        (
            'key = "sla.decision_days"\nvalue = 15',
            'key = "sla.days"\nvalue = 15',
            "43.toml:6: unknown policy key 'sla.days'",
        ),
        ("valid_from = 2022-03-01", 'valid_from = "soon"', "43.toml:7: valid_from must be a date"),
        ("valid_to = 2025-12-31", "valid_to = 2021-12-31", "43.toml:8: valid_to lies before valid_from"),
        ("valid_to = 2025-12-31\n", "", "43.toml:10: sla.decision_days is already set for 43 in that time"),
        ('decision = "first promise"', 'decison = "x"', "43.toml:9: unknown key 'decison'"),
        ('division = "4301"', 'division = "4401"', "43.toml:19: division must lie in 43"),
        ("value = 8", "value = ", "43.toml:20: Invalid value (at line 20, column 9)"),
        ("version = 2", "version = 2\nversoin = 3", "43.toml:3: unknown key 'versoin'"),
    ],
)
def test_every_fault_is_told_with_its_line(old, new, fault):
    assert old in PROVINCE
    with pytest.raises(PolicyFileError) as refusal:
        parse_policy(PROVINCE.replace(old, new, 1), "43.toml", "43")
    assert fault in refusal.value.faults


def test_a_national_key_is_not_a_provinces_to_set():
    with pytest.raises(PolicyFileError, match=r"43\.toml:6: account\.lock_after is set nationally only"):
        parse_policy(PROVINCE.replace('"sla.decision_days"', '"account.lock_after"', 1), "43.toml", "43")


@pytest.mark.parametrize("key", sorted(NOT_YET))
def test_a_key_that_nothing_acts_on_is_refused_with_the_reason(key):
    """A province that sets one would believe that it changed something."""
    with pytest.raises(PolicyFileError) as refusal:
        parse_policy(PROVINCE.replace('"sla.decision_days"', f'"{key}"', 1), "43.toml", "43")
    assert refusal.value.faults == [f"43.toml:6: {key} would change nothing: {NOT_YET[key]}; leave it out"]


@pytest.mark.parametrize(
    ("key", "value", "is_fine"),
    [
        ("notice.channels", '["inbox"]', True),
        ("notice.channels", '["inbox", "sms"]', True),
        ("notice.channels", '["sms"]', False),  # the mailbox is the record
        ("notice.channels", '["inbox", "wechat"]', False),
        ("material.photo_months", "3", True),
        ("material.photo_months", "0", False),
        ("release.open_offset_days", "15", True),
        ("release.open_offset_days", "0", False),
        ("scope.extra", '["C07"]', True),
        ("scope.extra", '["C99"]', False),
        ("seniority.gaps", '["SUSPENDED"]', True),
        ("seniority.gaps", '["ASLEEP"]', False),
    ],
)
def test_a_value_that_nothing_could_act_on_is_refused(key, value, is_fine):
    rule = f'[[rule]]\nkey = "{key}"\nvalue = {value}\nvalid_from = 2022-03-01\ndecision = "x"\n'
    text = f'division = "43"\nversion = 1\n\n{rule}'
    if is_fine:
        assert parse_policy(text, "43.toml", "43").rules[0].key == key
        return
    with pytest.raises(PolicyFileError, match=rf"43\.toml:6: {key} must be"):
        parse_policy(text, "43.toml", "43")


def test_every_fault_of_a_file_is_told_at_once():
    with pytest.raises(PolicyFileError) as refusal:
        parse_policy(PROVINCE.replace("value = 15", "value = 99").replace("value = 8", "value = 98"), "43.toml", "43")
    assert len(refusal.value.faults) == 2


def test_a_missing_national_file_or_default_stops_the_start(tmp_path):
    with pytest.raises(PolicyFileError, match=r"national\.toml"):
        Policy.load(tmp_path, ["43"])
    (tmp_path / "national.toml").write_text('division = "national"\nversion = 1\n', "utf-8")
    with pytest.raises(PolicyFileError, match=r"no default for .*account\.identity_token_minutes"):
        Policy.load(tmp_path, ["43"])
