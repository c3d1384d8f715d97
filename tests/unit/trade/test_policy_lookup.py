"""Look-up goes county, city, province, nation, each on its day: held against a plain search through all rules."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.trade.policy import Policy
from shared.trade.policy_file import NATIONAL, PolicyFile, Rule

KEY, DEFAULT = "sla.decision_days", 20
FIRST = date(2022, 3, 1)
WAYS = {
    "430102": ["430102", "4301", "43"],
    "430202": ["430202", "4302", "43"],
    "4301": ["4301", "43"],
    "43": ["43"],
    # no city stands above a district of a municipality, and no county below some cities
    "310115": ["310115", "31"],
    "441900": ["4419", "44"],
    "429004": ["429004", "42"],
    "": [],
}
PLACES = sorted({level for way in WAYS.values() for level in way} | {NATIONAL})


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    """For each place some values, one after another, with or without days between."""
    found = []
    for place in draw(st.sets(st.sampled_from(PLACES))):
        day = FIRST + timedelta(draw(st.integers(0, 5)))
        for _ in range(draw(st.integers(1, 3))):
            last = day + timedelta(draw(st.integers(0, 5)))
            found.append(Rule(place, KEY, draw(st.integers(1, 19)), day, last, "x"))
            day = last + timedelta(draw(st.integers(1, 4)))
        if draw(st.booleans()):
            found.append(Rule(place, KEY, draw(st.integers(1, 19)), day, None, "x"))
    return draw(st.permutations(found))


def policy_of(found: list[Rule]) -> Policy:
    """Each rule in the file that may have it."""
    nation = [Rule(NATIONAL, KEY, DEFAULT), *(rule for rule in found if rule.division == NATIONAL)]
    files = [PolicyFile(NATIONAL, 1, tuple(nation))]
    for province in sorted({rule.division[:2] for rule in found if rule.division != NATIONAL}):
        files.append(PolicyFile(province, 1, tuple(rule for rule in found if rule.division[:2] == province)))
    return Policy(files)


@given(rules(), st.sampled_from(sorted(WAYS)), st.integers(-1, 40))
def test_the_nearest_place_with_a_value_of_that_day_wins(found, division, after):
    """`domain.md` §8: county → city → province → national default."""
    day = FIRST + timedelta(after)
    expected = DEFAULT
    for place in [*WAYS[division], NATIONAL]:
        values = [r.value for r in found if r.division == place and r.valid_from <= day <= (r.valid_to or date.max)]
        if values:
            [expected] = values
            break
    assert policy_of(found).at(day).whole(KEY, division) == expected


@given(rules(), st.sampled_from(["43", "31", "44", "42"]), st.integers(0, 40))
def test_a_version_is_that_of_all_that_holds_in_the_province_and_of_nothing_else(found, province, after):
    """What another province says, or a rule that is over, pins no other version (design §2)."""
    day = FIRST + timedelta(after)
    own = [r for r in found if r.division == NATIONAL or r.division.startswith(province)]
    holding = [r for r in own if r.holds_on(day)]
    digest = policy_of(found).at(day).version(province).digest
    assert (
        digest == policy_of(own).at(day).version(province).digest == policy_of(holding).at(day).version(province).digest
    )


@given(rules(), st.sampled_from(PLACES))
def test_a_draft_stands_in_for_the_file_of_its_division_alone(found, place):
    """What is rehearsed is the deployment's policy with one file exchanged."""
    policy, division = policy_of(found), place if place == NATIONAL else place[:2]
    before = policy.file(division)
    empty = PolicyFile(division, 9, (Rule(NATIONAL, KEY, DEFAULT),) if division == NATIONAL else ())
    drafted = policy.with_file(empty)
    left = [r for r in found if (r.division if r.division == NATIONAL else r.division[:2]) != division]
    for way in WAYS:
        assert drafted.at(FIRST).get(KEY, way) == policy_of(left).at(FIRST).get(KEY, way)
    assert drafted.file(division) == empty
    assert policy.file(division) == before
