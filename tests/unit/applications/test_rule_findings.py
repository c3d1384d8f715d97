"""What each condition of a first registration tells: its code, what it saw and what would change it, word for word.

Refusals and requests for more are made of these values: a wrong day, place or remedy misleads a person (行政许可法
art.32, 38).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain.facts import Applicant, Bar, Held
from services.applications.domain.rules import Result, RuleOutcome, run
from services.applications.domain.rules.rule import human_decision
from shared.trade.areas import TOWNSHIP_VILLAGE
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround, RefusalGround, RegistrationStatus
from tests.unit.applications.factories import (
    PERSON,
    QUALIFICATION,
    REG,
    TODAY,
    a_qualification,
    an_institution,
    facts,
    fine_answers,
    numbered,
    policy,
)

PASSED, FAILED, PROOF, HUMAN = Result.PASSED, Result.FAILED, Result.NEEDS_PROOF, Result.HUMAN_DECISION
INSTITUTION, SCOPE = {"step": "institution"}, {"step": "scope"}
ASSISTANT = a_qualification(level=Level.ASSISTANT)
TIBET = a_qualification(area="PROVINCE:54")
RURAL = a_qualification(level=Level.RURAL_ASSISTANT, area=TOWNSHIP_VILLAGE.value)
GATE = {"release__need_paper_cert": True}
SHEET = {**GATE, "release__accept_score_sheet": True}
LATE = {"qualification": a_qualification(published_on=date(2024, 11, 22))}
LATE_SEEN = {"since": "2024-11-22", "last_day": "2026-11-22", "filed_on": "2026-11-23"}
RECEIPT = {"lapse__clock_start": "CERTIFICATE_RECEIPT"}
REVOKED = RegistrationStatus.REVOKED
FAILED_TWICE = {"status": RegistrationStatus.CANCELLED, "ground": CancellationGround.ASSESSMENT_FAILED_TWICE}


def of_rule(name: str, **changed: Any) -> RuleOutcome:
    """What one rule finds; all run, as always."""
    return next(found for found in run(REG.rules, facts(**changed)) if found.rule == name)


def held(**changed: Any) -> Held:
    """A registration of the applicant on another qualification."""
    return replace(
        Held(
            numbered(1),
            numbered(7),
            Level.LICENSED,
            Category.CLINICAL,
            "44",
            RegistrationStatus.ACTIVE,
            date(2024, 1, 10),
        ),
        **changed,
    )


def applicant(**changed: Any) -> Applicant:
    """An activated applicant with the one qualification."""
    return replace(Applicant(PERSON, True, frozenset({QUALIFICATION}), frozenset()), **changed)


WITH_PAPER = {"applicant": applicant(paper_certificates=frozenset({QUALIFICATION}))}


@pytest.mark.parametrize(
    ("name", "changed", "result", "code", "seen", "remedy"),
    [
        # 激活成功后，方可办理业务 (source page; E11)
        ("account_activated", {}, PASSED, "account_activated", {}, {}),
        (
            "account_activated",
            {"applicant": applicant(activated=False)},
            FAILED,
            "not_activated",
            {},
            {"enter": "activation"},
        ),
        # 医师执业注册管理办法 art.5
        ("qualification_stands", {}, PASSED, "qualification_published", {"year": 2026, "region": "43"}, {}),
        (
            "qualification_stands",
            {"applicant": applicant(qualification_ids=frozenset())},
            FAILED,
            "qualification_not_own",
            {},
            {"step": "qualification"},
        ),
        (
            "qualification_stands",
            {"qualification": a_qualification(status="frozen")},
            FAILED,
            "qualification_frozen",
            {"status": "frozen"},
            {},
        ),
        # 医师法 art.9, 11
        ("level_fits", {}, PASSED, "level_fits", {"level": "1"}, {}),
        (
            "level_fits",
            {"qualification": a_qualification(level=Level.TCM_EXPERT, category=Category.TCM)},
            FAILED,
            "level_not_online",
            {"level": Level.TCM_EXPERT.value},
            {"business": "provincial_assessment"},
        ),
        # 卫医发〔2001〕169号 II
        ("category_matches", {}, PASSED, "category_matches", {"category": "10"}, {}),
        (
            "category_matches",
            {"answers": fine_answers(category="41")},
            FAILED,
            "category_differs",
            {"category": "41", "qualification_category": "10"},
            SCOPE,
        ),
        # 医师法 art.13; 医师执业注册管理办法 art.7
        ("not_registered_there", {}, PASSED, "not_registered_there", {"place": "43"}, {}),
        ("not_registered_there", {"institution": None}, PROOF, "institution_not_chosen", {}, INSTITUTION),
        (
            "not_registered_there",
            {"qualification": ASSISTANT, "institution": an_institution(division="43")},
            FAILED,
            "institution_above_county",
            {},
            INSTITUTION,
        ),
        (
            "not_registered_there",
            {"held": (held(qualification_id=QUALIFICATION, practice_place="43"),)},
            FAILED,
            "already_registered",
            {"place": "43"},
            {"business": "CHANGE"},
        ),
        # 医师执业注册管理办法 art.12, 15, 17
        ("first_registration", {}, PASSED, "never_registered", {}, {}),
        (
            "first_registration",
            {"held": (held(qualification_id=QUALIFICATION),)},
            FAILED,
            "registered_elsewhere",
            {"place": "44"},
            {"business": "ADD_PLACE"},
        ),
        (
            "first_registration",
            {"held": (held(qualification_id=QUALIFICATION, level=Level.ASSISTANT, practice_place="430103"),)},
            FAILED,
            "registered_elsewhere",
            {"place": "430103"},
            {"business": "CHANGE"},
        ),
        (
            "first_registration",
            {"held": (held(qualification_id=QUALIFICATION, status=RegistrationStatus.CANCELLED),)},
            FAILED,
            "registered_before",
            {"status": "CANCELLED"},
            {"business": "RE"},
        ),
        (
            "no_assistant_registration",
            {"held": (held(), held(level=Level.ASSISTANT, status=RegistrationStatus.CANCELLED))},
            PASSED,
            "no_assistant_registration",
            {},
            {},
        ),
        (
            "no_assistant_registration",
            {"held": (held(level=Level.ASSISTANT),)},
            FAILED,
            "assistant_registration_stands",
            {},
            {"business": "UPGRADE"},
        ),
        # 医师执业注册管理办法 art.17 (E38)
        (
            "assistant_one_place",
            {"qualification": ASSISTANT, "held": (held(level=Level.ASSISTANT, practice_place="430103"),)},
            FAILED,
            "assistant_one_place",
            {"place": "430103"},
            {"business": "CHANGE"},
        ),
        (
            "assistant_one_place",
            {
                "qualification": ASSISTANT,
                "held": (held(), held(level=Level.ASSISTANT, status=RegistrationStatus.CANCELLED)),
            },
            PASSED,
            "one_place",
            {},
            {},
        ),
        # 卫医发〔2001〕169号; §3.5, §5.4
        (
            "one_category",
            {"held": (held(), held(category=Category.PUBLIC_HEALTH))},
            HUMAN,
            "two_categories_to_examine",
            {"category": Category.PUBLIC_HEALTH.value},
            {},
        ),
        ("one_category", {"held": (held(),)}, HUMAN, "second_registration_to_examine", {"place": "44"}, {}),
        # policy key `app.exclusive`: E44
        (
            "one_open_application",
            {"open_applications": ("ZC20261120-0001", "ZC20261121-0001")},
            FAILED,
            "open_application",
            {"numbers": ["ZC20261120-0001", "ZC20261121-0001"]},
            {},
        ),
        # 医师执业注册管理办法 art.9
        ("institution_licence", {}, PASSED, "licence_valid", {}, {}),
        (
            "institution_licence",
            {"institution": an_institution(licence_status="suspended")},
            FAILED,
            "licence_suspended",
            {},
            INSTITUTION,
        ),
        (
            "institution_licence",
            {"institution": an_institution(licence_valid_to=TODAY - timedelta(days=1))},
            FAILED,
            "licence_expired",
            {"until": "2026-11-22"},
            INSTITUTION,
        ),
        (
            "institution_licence",
            {"institution": an_institution(licence_valid_to=TODAY)},
            PASSED,
            "licence_valid",
            {},
            {},
        ),
        ("institution_here", {}, PASSED, "institution_here", {"province": "43"}, {}),
        (
            "institution_here",
            {"institution": an_institution(is_military=True)},
            FAILED,
            "institution_military",
            {},
            {"business": "MIL_OUT"},
        ),
        (
            "institution_here",
            {"institution": an_institution(division="110101"), "policy": policy()},
            FAILED,
            "institution_elsewhere",
            {"province": "11"},
            INSTITUTION,
        ),
        # a provincial line's pass (E26), a rural assistant's (E37)
        ("qualification_area", {}, PASSED, "area_covers", {"area": "NATIONAL"}, {}),
        (
            "qualification_area",
            {"qualification": TIBET},
            FAILED,
            "area_other_province",
            {"area": "PROVINCE:54"},
            {"province": "54"},
        ),
        ("qualification_area", {"qualification": RURAL}, FAILED, "township_or_village_only", {}, INSTITUTION),
        (
            "qualification_area",
            {"qualification": a_qualification(area=TOWNSHIP_VILLAGE.value)},
            FAILED,
            "township_or_village_only",
            {"area": TOWNSHIP_VILLAGE.value},
            INSTITUTION,
        ),
        (
            "qualification_area",
            {"qualification": TIBET, "policy": policy(qual__area_rule=False)},
            PASSED,
            "area_rule_off",
            {},
            {},
        ),
        # the province's gate (§6.4; E24, E25)
        (
            "registration_gate",
            {"policy": policy(**GATE)},
            FAILED,
            "paper_certificate_needed",
            {"province": "43"},
            {"enter": "paper_certificate", "material": "qualification_certificate"},
        ),
        (
            "registration_gate",
            {"policy": policy(**GATE, paper__required=False), **WITH_PAPER},
            PROOF,
            "certificate_copy_needed",
            {"province": "43"},
            {"material": "qualification_certificate"},
        ),
        (
            "registration_gate",
            {"policy": policy(**SHEET)},
            PROOF,
            "score_sheet_needed",
            {"province": "43"},
            {"material": "score_sheet"},
        ),
        # 卫医发〔2001〕169号 I, III
        ("scope_in_category", {}, PASSED, "scope_in_category", {"scopes": ["C01"]}, {}),
        (
            "scope_in_category",
            {"answers": fine_answers(scopes=("C01", "T01"))},
            FAILED,
            "scope_outside_category",
            {"scopes": ["T01"]},
            SCOPE,
        ),
        ("scope_count", {}, PASSED, "scope_count", {"chosen": 1, "most": 1}, {}),
        (
            "scope_count",
            {"answers": fine_answers(scopes=("C01", "C02"))},
            FAILED,
            "too_many_scopes",
            {"chosen": 2, "most": 1},
            SCOPE,
        ),
        # 医疗机构诊疗科目
        ("scope_covered", {}, PASSED, "scope_covered", {"scopes": ["C01"]}, {}),
        ("scope_covered", {"answers": fine_answers(scopes=())}, PROOF, "scope_not_chosen", {}, SCOPE),
        (
            "scope_covered",
            {"answers": fine_answers(scopes=("C01", "C06"))},
            HUMAN,
            "scope_not_covered",
            {"scopes": ["C06"]},
            {},
        ),
        (
            "scope_covered",
            {"answers": fine_answers(scopes=("C06",)), "policy": policy(scope__check_departments="require")},
            FAILED,
            "scope_not_covered",
            {"scopes": ["C06"]},
            SCOPE,
        ),
        # 医师执业注册管理办法 art.12; 医师法 art.19 (E27)
        (
            "two_year_lapse",
            {"qualification": a_qualification(published_on=date(2024, 11, 23))},
            PASSED,
            "registered_in_time",
            {"since": "2024-11-23", "last_day": "2026-11-23", "filed_on": "2026-11-23"},
            {},
        ),
        (
            "two_year_lapse",
            LATE,
            PROOF,
            "training_proof_needed",
            LATE_SEEN,
            {"material": "training_proof", "months": policy()["lapse.training_months"]},
        ),
        (
            "two_year_lapse",
            {**LATE, "materials": frozenset({"training_proof"})},
            HUMAN,
            "training_proof_to_examine",
            LATE_SEEN,
            {},
        ),
        (
            "two_year_lapse",
            {**LATE, "policy": policy(**RECEIPT)},
            PASSED,
            "certificate_not_received_yet",
            LATE_SEEN,
            {},
        ),
        (
            "two_year_lapse",
            {**LATE, **WITH_PAPER, "policy": policy(**RECEIPT)},
            HUMAN,
            "certificate_receipt_to_examine",
            LATE_SEEN,
            {"material": "training_proof"},
        ),
        # the grounds for refusal (医师法 art.16; 医师执业注册管理办法 art.6; E53, E54)
        (
            "N2_criminal_penalty",
            {"answers": fine_answers(criminal_penalty=True, sentence_served_on=date(2024, 11, 24))},
            HUMAN,
            "criminal_penalty_declared",
            {"declared": True, "still_running": True},
            {"free_from": "2026-11-24"},
        ),
        (
            "N2_criminal_penalty",
            {"answers": fine_answers(criminal_penalty=True)},
            HUMAN,
            "criminal_penalty_declared",
            {"declared": True, "still_running": True},
            {"free_from": None},
        ),
        ("N3_licence_revoked", {}, PASSED, "no_licence_revoked", {}, {}),
        (
            "N3_licence_revoked",
            {"held": (held(status=REVOKED, since=date(2020, 1, 1)), held(status=REVOKED, since=date(2025, 1, 2)))},
            FAILED,
            "licence_revoked_recently",
            {"since": "2025-01-02"},
            {"from": "2027-01-02"},
        ),
        (
            "N3_licence_revoked",
            {"held": (held(status=REVOKED, since=date(2024, 11, 23)),)},
            PASSED,
            "licence_revoked_long_ago",
            {"since": "2024-11-23"},
            {},
        ),
        ("N4_assessment_failed", {}, PASSED, "no_assessment_failed", {}, {}),
        (
            "N4_assessment_failed",
            {"held": (held(since=date(2026, 1, 2), **FAILED_TWICE),)},
            FAILED,
            "assessment_failed_recently",
            {"since": "2026-01-02"},
            {"from": "2027-01-02"},
        ),
        (
            "N4_assessment_failed",
            {"held": (held(since=date(2025, 11, 23), **FAILED_TWICE),)},
            PASSED,
            "assessment_failed_long_ago",
            {"since": "2025-11-23"},
            {},
        ),
    ],
)
def test_a_rule_says_what_it_saw_and_what_would_change_it(name, changed, result, code, seen, remedy):
    """`domain.md` §3.1, §3.11: what a person is told is the whole finding, under its article."""
    found = of_rule(name, **changed)
    assert (found.result, found.code, dict(found.seen), dict(found.remedy)) == (result, code, seen, remedy)


@pytest.mark.parametrize(
    ("name", "question", "fine"),
    [
        ("N1_capacity", "full_capacity", True),
        ("N2_criminal_penalty", "criminal_penalty", False),
        ("N5_other_law", "barred_by_law", False),
        ("N6_health", "health_fit", True),
    ],
)
def test_a_declaration_is_missing_fine_or_for_an_officer(name, question, fine):
    """医师法 art.16(1), (2), (5), 医师执业注册管理办法 art.6(4); the question is named, so that its field is found."""
    missing = of_rule(name, answers=fine_answers(**{question: None}))
    assert (missing.result, missing.code) == (PROOF, "declaration_missing")
    assert (missing.seen, missing.remedy) == ({"question": question}, {"step": "personal", "field": question})
    good = of_rule(name)
    assert (good.result, good.code, good.seen) == (PASSED, f"{question}_declared_fine", {"question": question})
    if question == "criminal_penalty":
        return  # what it says to a sentence stands in the table above
    doubtful = of_rule(name, answers=fine_answers(**{question: not fine}))
    assert (doubtful.result, doubtful.code, doubtful.seen) == (HUMAN, f"{question}_to_examine", {"question": question})


@pytest.mark.parametrize(
    ("name", "ground", "code"),
    [
        ("N7_re_entry_assessment", RefusalGround.RE_ENTRY_ASSESSMENT_FAILED, "re_entry_assessment_failed"),
        ("N8_organised_cheating", RefusalGround.ORGANISED_CHEATING, "organised_cheating"),
        ("N9_forged_qualification", RefusalGround.FORGED_QUALIFICATION, "forged_qualification"),
        ("N10_ban_on_applications", RefusalGround.BAN_ON_APPLICATIONS, "ban_on_applications"),
    ],
)
def test_the_longest_of_several_bars_is_told(name, ground, code):
    """医师执业注册管理办法 art.6(5)–(7), 行政许可法 art.78, 79: the last day that bars, none where it is for life."""

    def found(*ends: date | None) -> tuple[Result, str, dict[str, Any], dict[str, Any]]:
        bars = tuple(Bar(ground, date(2025, 11, 23), until) for until in ends)
        one = of_rule(name, bars=bars)
        return one.result, one.code, dict(one.seen), dict(one.remedy)

    assert found() == found(TODAY - timedelta(days=1)) == (PASSED, f"no_{code}", {}, {})
    until, later = TODAY, TODAY + timedelta(days=40)
    assert found(later, until) == (FAILED, code, {"until": "2027-01-02"}, {"after": "2027-01-02"})
    assert found(until) == (FAILED, code, {"until": "2026-11-23"}, {"after": "2026-11-23"})
    assert found(later, None) == (FAILED, code, {"until": None}, {})


def test_an_outcome_carries_its_rules_article_source_and_secrecy():
    """行政许可法 art.38: the legal basis goes with the finding; what is sensitive stays so (个人信息保护法 art.28)."""
    for rule, outcome in zip(REG.rules, run(REG.rules, facts()), strict=True):
        assert (outcome.rule, outcome.rule_version) == (rule.name, rule.version)
        assert (outcome.article, outcome.source, outcome.sensitive) == (rule.article, rule.source, rule.sensitive)
    assert {rule.name for rule in REG.rules if rule.sensitive} == {
        "N1_capacity",
        "N2_criminal_penalty",
        "N5_other_law",
        "N6_health",
        "health_check_recent",
    }


def test_an_officers_question_without_a_remedy_has_an_empty_one():
    """Readers look into it without asking whether it is there."""
    assert human_decision("scope_not_covered").remedy == {}


@pytest.mark.parametrize(
    ("category", "below", "most"),
    [
        (Category.CLINICAL, True, 3),
        (Category.CLINICAL, False, 1),
        (Category.PUBLIC_HEALTH, True, 1),
    ],
)
def test_a_clinical_doctor_at_county_level_and_below_may_name_more_scopes(category, below, most):
    """卫医发〔2001〕169号 III; the greater of the two knobs, for clinical doctors of primary care only."""
    found = of_rule(
        "scope_count",
        qualification=a_qualification(category=category),
        institution=an_institution(is_county_or_below=below),
        policy=policy(scope__max=1, scope__primary_care_max=3),
    )
    assert found.seen == {"chosen": 1, "most": most}


def test_a_provinces_own_scope_is_inside_the_category():
    """Policy key `scope.extra`: what a province registers beside the national list."""
    answers = fine_answers(scopes=("T01",))
    closed = of_rule("scope_in_category", answers=answers, policy=policy(scope__extra=()))
    opened = of_rule("scope_in_category", answers=answers, policy=policy(scope__extra=("T01",)))
    assert (closed.result, opened.result) == (FAILED, PASSED)
