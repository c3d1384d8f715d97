"""A kept decision can be judged again: same facts, same versions, same outcomes (个人信息保护法 art.24)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.assessment import Assessment, newly_failed, reassess
from services.applications.domain.facts import Applicant, Bar, Facts, Held
from services.applications.domain.plain import from_plain, to_plain
from services.applications.domain.rules import Result, RuleOutcome
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround, RefusalGround, RegistrationStatus
from tests.unit.applications.factories import (
    PERSON,
    QUALIFICATION,
    REG,
    TODAY,
    a_qualification,
    an_assessment,
    an_institution,
    facts,
    fine_answers,
    numbered,
    policy,
)

DAYS = st.dates(date(2015, 1, 1), date(2026, 11, 23))
HELD = st.builds(
    Held,
    registration_id=st.just(numbered(1)),
    qualification_id=st.sampled_from([QUALIFICATION, numbered(2)]),
    level=st.sampled_from([Level.LICENSED, Level.ASSISTANT]),
    category=st.just(Category.CLINICAL),
    practice_place=st.sampled_from(["43", "44", "430102"]),
    status=st.sampled_from(RegistrationStatus),
    since=DAYS,
    ground=st.none() | st.sampled_from(CancellationGround),
)
FACTS = st.builds(
    facts,
    applicant=st.builds(
        Applicant,
        person_id=st.just(PERSON),
        activated=st.booleans(),
        qualification_ids=st.sampled_from([frozenset(), frozenset({QUALIFICATION})]),
        paper_certificates=st.sampled_from([frozenset(), frozenset({QUALIFICATION})]),
    ),
    qualification=st.builds(
        a_qualification,
        status=st.sampled_from(["published", "frozen", "annulled"]),
        published_on=DAYS,
        level=st.sampled_from(Level),
        area=st.sampled_from(["NATIONAL", "PROVINCE:63", "INSTITUTION_TYPE:township_village"]),
    ),
    institution=st.none()
    | st.builds(
        an_institution,
        division=st.sampled_from(["430102", "4301", "43", "440103"]),
        licence_status=st.sampled_from(["valid", "suspended", "cancelled"]),
        is_township_or_village=st.booleans(),
        is_county_or_below=st.booleans(),
    ),
    answers=st.builds(
        fine_answers,
        scopes=st.sampled_from([(), ("C01",), ("C01", "C06"), ("T01",)]),
        health_fit=st.none() | st.booleans(),
    ),
    materials=st.sampled_from([frozenset(), frozenset({"training_proof", "score_sheet"})]),
    held=st.lists(HELD, max_size=3).map(tuple),
    bars=st.lists(
        st.builds(Bar, ground=st.sampled_from(RefusalGround), decided_on=DAYS, until=st.none() | DAYS), max_size=2
    ).map(tuple),
    open_applications=st.sampled_from([(), ("ZC20261120-0001",)]),
)


def stored(assessment: Assessment) -> Assessment:
    """The assessment after a stay in the database, as text."""
    return from_plain(Assessment, json.loads(json.dumps(to_plain(assessment))))


@given(FACTS)
def test_a_kept_assessment_runs_again_to_the_same_outcomes(found: Facts):
    """Inputs, rule versions and policy are all in the record: nothing else is looked at."""
    kept = stored(an_assessment(found))
    assert reassess(REG, kept) == kept


@given(FACTS)
def test_facts_survive_their_stay_in_the_database(found: Facts):
    """Every kind of value comes back as what it was."""
    assert from_plain(Facts, json.loads(json.dumps(to_plain(found)))) == found


@given(FACTS)
def test_an_outcome_never_holds_personal_data(found: Facts):
    """`seen` and `remedy` travel in events and views: no name, no number, only facts and codes."""
    text = json.dumps(to_plain(an_assessment(found).outcomes))
    assert str(PERSON) not in text
    assert "4301991997" not in text


def test_an_old_version_of_a_rule_judges_old_decisions():
    """A rule that changes becomes a new version; what was decided under the old one is re-run under the old one."""
    kept = an_assessment()
    newer = tuple(replace(rule, version=2, valid_from=date(2027, 1, 1)) for rule in REG.rules)
    both = replace(REG, rules=(*newer, *REG.rules))
    assert reassess(both, kept) == kept
    with pytest.raises(KeyError):
        reassess(replace(REG, rules=newer), kept)


def test_what_is_newly_failed_is_named_and_nothing_else():
    """Design §2: a policy that changed before receipt becomes a supplement, never a silent loss."""
    before = an_assessment()
    stricter = policy() | {"release.need_paper_cert": True}
    after = an_assessment(facts(policy=stricter))
    assert newly_failed(before.outcomes, after.outcomes) == ["registration_gate"]
    assert newly_failed(after.outcomes, after.outcomes) == []
    assert newly_failed(after.outcomes, before.outcomes) == []


def test_a_rule_that_is_new_and_not_met_counts_as_newly_failed():
    """A rule that came into force meanwhile has nothing to compare with."""
    outcome = RuleOutcome("new_rule", Result.NEEDS_PROOF, "proof_needed", "art", 1, "law")
    assert newly_failed([], [outcome]) == ["new_rule"]


def test_the_policy_of_the_pinned_day_decides_whatever_is_in_force_today():
    """`domain.md` §8: an application keeps the version of the day it was received."""
    assert an_assessment(facts(on=TODAY)).facts.policy["release.need_paper_cert"] is False
