"""A past case under another policy: the same facts and rule versions, and the knob that makes the difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.assessment import Assessment
from services.applications.domain.facts import Facts
from services.applications.domain.rehearsal import Changed, Rehearsed, RehearsedCase, rehearse
from services.applications.domain.rules import Result, Rule, run_again
from services.applications.domain.rules.rule import failed, passed
from shared.trade.categories import Category
from shared.trade.knobs import KNOBS
from tests.unit.applications.factories import (
    REG,
    a_qualification,
    an_assessment,
    facts,
    fine_answers,
    policy,
)
from tests.unit.applications.test_assessment import FACTS, stored

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "lapse.clock_start": st.sampled_from(["PUBLICATION", "CERTIFICATE_RECEIPT"]),
    "lapse.re_entry_proof": st.sampled_from(["EITHER", "TRAINING", "ASSESSMENT"]),
    "lapse.training_months": st.integers(1, 24),
    "lapse.years": st.integers(1, 10),
    "material.health_check_months": st.integers(1, 24),
    "material.photo_months": st.integers(1, 6),
    "scope.check_departments": st.sampled_from(["ignore", "warn", "require"]),
    "scope.extra": st.sampled_from([[], ["C06"]]),
    "scope.max": st.integers(1, 5),
    "scope.primary_care_max": st.integers(1, 5),
    "sla.decision_days": st.integers(1, 20),
}
FLAGS = sorted(REG.policy_keys - VALUES.keys())
DRAFTS = st.fixed_dictionaries({}, optional={**VALUES, **{key: st.booleans() for key in FLAGS}})


def rehearsed(found: Facts | None = None, **draft: Any) -> Rehearsed:
    """A submission under the policy of the day, rehearsed with some knobs changed (`scope__max=2`)."""
    kept = stored(an_assessment(found))
    return rehearse(REG, kept, policy(), {name.replace("__", "."): value for name, value in draft.items()})


def test_the_drafts_of_these_tests_are_of_knobs_and_values_that_a_file_may_set():
    assert set(VALUES) <= REG.policy_keys
    assert all(KNOBS[key].accepts(value) for key in FLAGS for value in (True, False))


@given(FACTS)
def test_the_same_policy_changes_nothing(found: Facts):
    """Whatever the case: what was found is found again."""
    kept = stored(an_assessment(found))
    for draft in ({}, dict(found.policy)):
        again = rehearse(REG, kept, policy(), draft)
        assert (again.changed, again.differences) == ((), ())
        assert again.needs_before == again.needs_after


@given(FACTS, DRAFTS)
def test_a_difference_is_what_running_the_rules_again_gives_and_has_its_knob(found: Facts, draft: dict[str, Any]):
    """A rule reads no knob but those that it names, or this would find a difference without one."""
    kept = stored(an_assessment(found))
    again = rehearse(REG, kept, policy(), draft)
    changed = {key for key, value in draft.items() if value != found.policy[key]}
    assert {knob.key for knob in again.changed} == changed
    outcomes = run_again(REG.rules, kept.outcomes, replace(kept.facts, policy={**found.policy, **draft}))
    differing = {
        one.rule: (one, other)
        for one, other in zip(kept.outcomes, outcomes, strict=True)
        if (one.result, one.code, one.remedy) != (other.result, other.code, other.remedy)
    }
    assert {item.rule: (item.before, item.after) for item in again.differences} == differing
    for difference in again.differences:
        assert difference.knobs
        assert set(difference.knobs) <= changed


@pytest.mark.parametrize(
    ("found", "draft", "told"),
    [
        # Some provinces register before the paper certificate is printed, others wait for it (`domain.md` §6.4)
        (
            facts(),
            {"release__need_paper_cert": True},
            [("registration_gate", "passed", "failed", "paper_certificate_needed", "release.need_paper_cert")],
        ),
        (
            facts(),
            {"release__need_paper_cert": True, "release__accept_score_sheet": True},
            [
                (
                    "registration_gate",
                    "passed",
                    "needs_proof",
                    "score_sheet_needed",
                    "release.accept_score_sheet release.need_paper_cert",
                )
            ],
        ),
        # 卫医发〔2001〕169号 III: how many scopes
        (
            facts(answers=fine_answers(scopes=("C01", "C02"))),
            {"scope__max": 2},
            [("scope_count", "failed", "passed", "scope_count", "scope.max")],
        ),
        # the two-year lapse (医师执业注册管理办法 art.12): the same answer, but other months of training
        (
            facts(qualification=a_qualification(published_on=date(2022, 1, 1))),
            {"lapse__training_months": 3},
            [("two_year_lapse", "needs_proof", "needs_proof", "training_proof_needed", "lapse.training_months")],
        ),
        # an area that a province honours or doesn't (E26)
        (
            facts(qualification=a_qualification(area="PROVINCE:63")),
            {"qual__area_rule": False},
            [("qualification_area", "failed", "passed", "area_rule_off", "qual.area_rule")],
        ),
        # Chinese medicine by its second level where the province registers it so
        (
            facts(qualification=a_qualification(category=Category.TCM), answers=fine_answers(scopes=("T01",))),
            {"scope__tcm_second_level": True},
            [("scope_level", "passed", "failed", "second_level_scope_needed", "scope.tcm_second_level")],
        ),
        # what is seen otherwise and found the same is no difference
        (facts(), {"material__photo_months": 3, "scope__max": 4}, []),
        # no rule reads it
        (facts(), {"sla__decision_days": 5}, []),
    ],
)
def test_an_outcome_that_differs_is_told_with_the_knob_that_makes_it_so(found, draft, told):
    assert [
        (item.rule, item.before.result.value, item.after.result.value, item.after.code, " ".join(item.knobs))
        for item in rehearsed(found, **draft).differences
    ] == told


def test_what_the_applicant_has_to_bring_and_when_the_decision_comes_is_told_before_and_after():
    """Materials follow the policy and what the rules ask for (`domain.md` §3.1)."""
    again = rehearsed(release__need_paper_cert=True, material__licence_copy=True, sla__decision_days=5)
    before, after = again.needs_before, again.needs_after
    assert after.uploads - before.uploads == {"qualification_certificate"}
    assert after.papers - before.papers == {"qualification_certificate", "licence_copy"}
    assert (before.decision_days, after.decision_days) == (15, 5)
    online = rehearsed(paper__required=False)
    assert online.needs_after.papers == frozenset()
    assert "health_check" in online.needs_after.uploads - online.needs_before.uploads


def test_what_speaks_of_health_is_marked():
    """个人信息保护法 art.28: whoever rehearses learns that it differs, not what was found."""
    found = facts(answers=fine_answers(health_check_on=date(2026, 7, 1)))
    [health] = rehearsed(found, material__health_check_months=1).differences
    assert (health.rule, health.is_sensitive) == ("health_check_recent", True)
    [gate] = rehearsed(release__need_paper_cert=True).differences
    assert not gate.is_sensitive


def test_what_the_record_lacks_is_what_the_deployment_says_of_that_day():
    """A knob that came later is not in an old record; one that is there holds, whatever a file says of that day now."""
    kept = an_assessment()
    old = {key: value for key, value in kept.facts.policy.items() if key != "sla.decision_days"}
    kept = replace(kept, facts=replace(kept.facts, policy=old))
    again = rehearse(REG, kept, {**policy(), "sla.decision_days": 17, "scope.max": 4}, {"sla.decision_days": 9})
    assert again.changed == (Changed("sla.decision_days", 17, 9),)


def test_the_very_versions_of_the_rules_are_run():
    """Only the policy differs: a rule that changed since judges no old case."""
    kept = an_assessment()
    newer = tuple(
        replace(rule, version=2, valid_from=date(2027, 1, 1), check=lambda _: failed("stricter")) for rule in REG.rules
    )
    assert rehearse(replace(REG, rules=(*newer, *REG.rules)), kept, policy(), {}).differences == ()


def test_a_rule_that_tells_something_else_without_a_new_version_is_no_doing_of_the_draft():
    """It would be blamed on a knob otherwise, and be overlooked."""
    rule = Rule("made_up", "art", "law", lambda _: passed("before"), ("scope.max",))
    kept = an_assessment()
    kept = Assessment(kept.occasion, kept.facts, kept.policy, run_of(rule, kept.facts))
    changed = replace(REG, rules=(replace(rule, check=lambda _: failed("after")),))
    [difference] = rehearse(changed, kept, policy(), {}).differences
    assert (difference.knobs, difference.after.result) == ((), Result.FAILED)
    [difference] = rehearse(changed, kept, policy(), {"sla.decision_days": 3}).differences
    assert difference.knobs == ()


def run_of(rule: Rule, found: Facts):
    return run_again((rule,), [replace(an_assessment().outcomes[0], rule=rule.name, rule_version=1)], found)


def test_a_case_asks_for_what_its_latest_run_asks_for():
    """Submission, receipt, effect: what was needed first and is needed no longer is nobody's burden."""
    first, latest = rehearsed(sla__decision_days=5), rehearsed(release__need_paper_cert=True)
    same = rehearsed()
    assert RehearsedCase("n", "REG", (first, latest)).needs == (latest.needs_before, latest.needs_after)
    assert [item.rule for item in RehearsedCase("n", "REG", (latest, same)).differences] == ["registration_gate"]
    differing = [RehearsedCase("n", "REG", runs).differs for runs in ((same,), (first,), (latest, same), (first, same))]
    assert differing == [False, True, True, False]
