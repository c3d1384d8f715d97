"""Every condition of a first registration, by table: what it sees, what it finds, under which article."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.days import add_months, add_years
from services.applications.domain.facts import Applicant, Bar, Held
from services.applications.domain.rules import Result, Rule, RuleOutcome, run
from services.applications.domain.rules.rule import passed
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


def outcome(name: str, **changed) -> RuleOutcome:
    """What one rule finds; all run, as always."""
    return next(found for found in run(REG.rules, facts(**changed)) if found.rule == name)


def found(name: str, **changed) -> tuple[Result, str]:
    """Result and code of one rule."""
    one = outcome(name, **changed)
    return one.result, one.code


def held(**changed) -> Held:
    """A registration of the applicant with this very qualification."""
    return replace(
        Held(
            numbered(1),
            QUALIFICATION,
            Level.LICENSED,
            Category.CLINICAL,
            "43",
            RegistrationStatus.ACTIVE,
            date(2024, 1, 10),
        ),
        **changed,
    )


def applicant(**changed) -> Applicant:
    """The applicant of the factories."""
    return replace(Applicant(PERSON, True, frozenset({QUALIFICATION}), frozenset()), **changed)


def test_every_rule_passes_for_an_ordinary_graduate():
    """E24: a pass of this year, no paper certificate, in a province that doesn't wait for it."""
    assert {one.result for one in run(REG.rules, facts())} == {PASSED}


def test_all_rules_run_and_none_hides_another():
    """Even with everything wrong, each rule says what it found (issue: all run, all reasons come back)."""
    everything_wrong = facts(
        applicant=applicant(activated=False, qualification_ids=frozenset()),
        qualification=a_qualification(status="annulled", area="PROVINCE:63"),
        institution=an_institution(licence_status="cancelled", departments=()),
        open_applications=("ZC20261120-0001",),
    )
    outcomes = run(REG.rules, everything_wrong)
    assert [one.rule for one in outcomes] == [rule.name for rule in REG.rules]
    assert sum(one.result is FAILED for one in outcomes) >= 5


def test_every_rule_names_its_article_and_its_source():
    """A refusal has to state its legal basis (行政许可法 art.38)."""
    for rule in REG.rules:
        assert rule.article, rule.name
        assert rule.source, rule.name
    assert len({rule.name for rule in REG.rules}) == len(REG.rules)


def test_a_rule_reads_no_knob_that_it_does_not_name():
    """What a decision keeps is exactly what its rules read, so that it can be re-run."""
    for rule in REG.rules:
        alone = {key: value for key, value in policy().items() if key in rule.policy_keys}
        assert rule.check(facts(policy=alone)).code


def test_a_rule_holds_from_its_first_to_its_last_day():
    """医师法 is in force from 2022-03-01; a repealed rule stays for old decisions, and runs for no new one."""
    old = Rule(
        "old", "执业医师法", "law", lambda _: passed("old"), valid_from=date(1999, 5, 1), valid_to=date(2022, 2, 28)
    )
    new = Rule("new", "医师法", "law", lambda _: passed("new"))
    for day, names in ((date(2022, 2, 28), ["old"]), (date(2022, 3, 1), ["new"])):
        assert [one.rule for one in run([old, new], facts(on=day))] == names


@pytest.mark.parametrize(
    ("name", "changed", "result", "code"),
    [
        # 激活成功后，方可办理业务 (source page; E11)
        ("account_activated", {"applicant": applicant(activated=False)}, FAILED, "not_activated"),
        # 医师执业注册管理办法 art.5
        (
            "qualification_stands",
            {"applicant": applicant(qualification_ids=frozenset())},
            FAILED,
            "qualification_not_own",
        ),
        ("qualification_stands", {"qualification": a_qualification(status="frozen")}, FAILED, "qualification_frozen"),
        (
            "qualification_stands",
            {"qualification": a_qualification(status="annulled")},
            FAILED,
            "qualification_annulled",
        ),
        # 医师法 art.9, 11
        ("level_fits", {"qualification": a_qualification(level=Level.ASSISTANT)}, PASSED, "level_fits"),
        (
            "level_fits",
            {"qualification": a_qualification(level=Level.TCM_EXPERT, category=Category.TCM)},
            FAILED,
            "level_not_online",
        ),
        # 卫医发〔2001〕169号 II: the registration's category is the qualification's
        ("category_matches", {"answers": fine_answers(category="41")}, FAILED, "category_differs"),
        ("category_matches", {"answers": fine_answers(category="10")}, PASSED, "category_matches"),
        # 医师法 art.13; 医师执业注册管理办法 art.7
        ("not_registered_there", {"held": (held(),)}, FAILED, "already_registered"),
        (
            "not_registered_there",
            {"held": (held(status=RegistrationStatus.SUSPENDED),)},
            FAILED,
            "already_registered",
        ),
        (
            "not_registered_there",
            {"held": (held(status=RegistrationStatus.CANCELLED),)},
            PASSED,
            "not_registered_there",
        ),
        ("not_registered_there", {"held": (held(practice_place="44"),)}, PASSED, "not_registered_there"),
        ("not_registered_there", {"institution": None}, PROOF, "institution_not_chosen"),
        # 医师执业注册管理办法 art.12, 15, 17: another sub-kind or business, never silently
        ("first_registration", {"held": (held(practice_place="44"),)}, FAILED, "registered_elsewhere"),
        (
            "first_registration",
            {"held": (held(status=RegistrationStatus.CANCELLED),)},
            FAILED,
            "registered_before",
        ),
        (
            "no_assistant_registration",
            {"held": (held(qualification_id=numbered(7), level=Level.ASSISTANT, practice_place="430102"),)},
            FAILED,
            "assistant_registration_stands",
        ),
        # 医师执业注册管理办法 art.17: an assistant has one practice place (E38)
        (
            "assistant_one_place",
            {
                "qualification": a_qualification(level=Level.ASSISTANT),
                "held": (held(qualification_id=numbered(7), level=Level.ASSISTANT, practice_place="430103"),),
            },
            FAILED,
            "assistant_one_place",
        ),
        ("assistant_one_place", {"qualification": a_qualification(level=Level.ASSISTANT)}, PASSED, "one_place"),
        # 卫医发〔2001〕169号: two categories at once stand in the exceptions only (§3.5, §5.4)
        (
            "one_category",
            {"held": (held(qualification_id=numbered(7), category=Category.PUBLIC_HEALTH),)},
            HUMAN,
            "two_categories_to_examine",
        ),
        ("one_category", {"held": (held(qualification_id=numbered(7)),)}, HUMAN, "second_registration_to_examine"),
        (
            "one_category",
            {
                "held": (
                    held(qualification_id=numbered(7), category=Category.DENTAL, status=RegistrationStatus.CANCELLED),
                )
            },
            PASSED,
            "no_other_registration",
        ),
        (
            "one_category",
            {"held": (held(qualification_id=numbered(7), level=Level.ASSISTANT),)},
            PASSED,
            "no_other_registration",
        ),
        # one open application a registration (E44)
        ("one_open_application", {"open_applications": ("ZC20261120-0001",)}, FAILED, "open_application"),
        (
            "one_open_application",
            {"open_applications": ("ZC20261120-0001",), "policy": policy(app__exclusive=False)},
            PASSED,
            "no_open_application",
        ),
        # 医师执业注册管理办法 art.9
        (
            "institution_licence",
            {"institution": an_institution(licence_status="suspended")},
            FAILED,
            "licence_suspended",
        ),
        (
            "institution_licence",
            {"institution": an_institution(licence_status="cancelled")},
            FAILED,
            "licence_cancelled",
        ),
        (
            "institution_licence",
            {"institution": an_institution(licence_valid_to=TODAY - timedelta(days=1))},
            FAILED,
            "licence_expired",
        ),
        ("institution_licence", {"institution": an_institution(licence_valid_to=TODAY)}, PASSED, "licence_valid"),
        ("institution_licence", {"institution": an_institution(licence_valid_to=None)}, PASSED, "licence_valid"),
        ("institution_here", {"provinces": ("44",)}, FAILED, "institution_elsewhere"),
        ("institution_here", {"institution": an_institution(is_military=True)}, FAILED, "institution_military"),
    ],
)
def test_who_may_apply_and_where(name, changed, result, code):
    """`domain.md` §3.1, one line a condition; the article stands with the line."""
    assert found(name, **changed) == (result, code)


@pytest.mark.parametrize(
    ("division", "paper", "accept", "materials", "result", "code"),
    [
        # E24: Hunan does not wait for the paper certificate (source page)
        ("430102", False, None, (), PASSED, "paper_not_needed"),
        # E25: the gate of the registering province rules, wherever the exam was passed
        ("440103", False, None, (), FAILED, "paper_certificate_needed"),
        ("440103", True, None, (), PASSED, "paper_certificate_entered"),
        # A province that takes the score sheet for the certificate (Shandong 2013; P18)
        ("440103", False, True, (), PROOF, "score_sheet_needed"),
        ("440103", False, True, ("score_sheet",), PASSED, "score_sheet_given"),
    ],
)
def test_the_gate_of_the_registering_province_rules(division, paper, accept, materials, result, code):
    """E24, E25, §6.4: the exam region doesn't matter, the province of the institution does."""
    own_policy = policy(division=division)
    if accept is not None:
        own_policy["release.accept_score_sheet"] = accept
    certificates = frozenset({QUALIFICATION}) if paper else frozenset()
    one = outcome(
        "registration_gate",
        institution=an_institution(division=division),
        policy=own_policy,
        applicant=applicant(paper_certificates=certificates),
        materials=frozenset(materials),
    )
    assert (one.result, one.code) == (result, code)
    assert one.seen["province"] == division[:2]


@pytest.mark.parametrize(
    ("area", "level", "place", "result", "code"),
    [
        ("NATIONAL", Level.LICENSED, {}, PASSED, "area_covers"),
        ("PROVINCE:43", Level.LICENSED, {}, PASSED, "area_covers"),
        # E26: a provincial-line pass from 63 may not be registered in 43
        ("PROVINCE:63", Level.LICENSED, {}, FAILED, "area_other_province"),
        # E37: a rural assistant only at a township centre or village room
        ("INSTITUTION_TYPE:township_village", Level.RURAL_ASSISTANT, {}, FAILED, "township_or_village_only"),
        ("NATIONAL", Level.RURAL_ASSISTANT, {}, FAILED, "township_or_village_only"),
        (
            "INSTITUTION_TYPE:township_village",
            Level.RURAL_ASSISTANT,
            {"is_township_or_village": True},
            PASSED,
            "area_covers",
        ),
        ("INSTITUTION_TYPE:township_village", Level.ASSISTANT, {}, FAILED, "township_or_village_only"),
    ],
)
def test_the_area_of_the_qualification_covers_the_institution(area, level, place, result, code):
    """E26, E37, §6.5."""
    changed = {"qualification": a_qualification(area=area, level=level), "institution": an_institution(**place)}
    assert found("qualification_area", **changed) == (result, code)


def test_a_province_may_leave_the_area_rule_out():
    """Policy `qual.area_rule`; a rural assistant stays in township and village whatever it says (P39)."""
    off = policy(qual__area_rule=False)
    assert found("qualification_area", qualification=a_qualification(area="PROVINCE:63"), policy=off)[0] is PASSED
    rural = a_qualification(level=Level.RURAL_ASSISTANT)
    assert found("qualification_area", qualification=rural, policy=off)[0] is FAILED


@pytest.mark.parametrize(
    ("filed_on", "materials", "result", "code"),
    [
        (date(2026, 11, 18), (), PASSED, "registered_in_time"),
        (date(2026, 11, 19), (), PASSED, "registered_in_time"),  # two years to the day
        (date(2026, 11, 20), (), PROOF, "training_proof_needed"),  # one day later
        (date(2026, 11, 20), ("training_proof",), HUMAN, "training_proof_to_examine"),
    ],
)
def test_two_years_to_the_day_are_in_time_and_one_day_later_needs_training(filed_on, materials, result, code):
    """E27; 医师执业注册管理办法 art.12, 医师法 art.19."""
    one = outcome(
        "two_year_lapse",
        qualification=a_qualification(published_on=date(2024, 11, 19)),
        filed_on=filed_on,
        materials=frozenset(materials),
    )
    assert (one.result, one.code) == (result, code)
    if result is PROOF:
        assert one.remedy == {"material": "training_proof", "months": 6}


def test_an_office_at_work_lets_nobody_lapse():
    """The day of submission counts: a decision after the two years changes nothing (E27)."""
    late = date(2027, 2, 1)
    changed = {"qualification": a_qualification(published_on=date(2024, 11, 19)), "filed_on": date(2026, 11, 19)}
    assert found("two_year_lapse", on=late, **changed)[0] is PASSED


@pytest.mark.parametrize(
    ("paper", "result", "code"),
    [(False, PASSED, "certificate_not_received_yet"), (True, HUMAN, "certificate_receipt_to_examine")],
)
def test_where_the_receipt_of_the_certificate_starts_the_two_years_a_person_looks(paper, result, code):
    """Policy `lapse.clock_start`: no record holds the day on which the paper was handed over (P50)."""
    certificates = frozenset({QUALIFICATION}) if paper else frozenset()
    changed = {
        "qualification": a_qualification(published_on=date(2022, 11, 19)),
        "applicant": applicant(paper_certificates=certificates),
        "policy": policy(lapse__clock_start="CERTIFICATE_RECEIPT"),
    }
    assert found("two_year_lapse", **changed) == (result, code)


@pytest.mark.parametrize(
    ("accept", "materials", "result", "code"),
    [
        (False, (), PROOF, "certificate_copy_needed"),
        (False, ("score_sheet",), PROOF, "certificate_copy_needed"),
        (False, ("qualification_certificate",), PASSED, "paper_certificate_entered"),
        (True, ("score_sheet",), PASSED, "paper_certificate_entered"),
    ],
)
def test_where_no_window_sees_the_certificate_its_copy_is_shown(accept, materials, result, code):
    """E25 in a province without paper: an entered code alone opens no gate."""
    changed = {
        "policy": policy(release__need_paper_cert=True, release__accept_score_sheet=accept, paper__required=False),
        "applicant": applicant(paper_certificates=frozenset({QUALIFICATION})),
        "materials": frozenset(materials),
    }
    assert found("registration_gate", **changed) == (result, code)


@pytest.mark.parametrize("years", [1, 2, 80])
def test_a_sentence_at_the_end_of_the_calendar_stops_no_rule(years):
    """What was stored before dates were bounded is still judged."""
    assert add_years(date(9999, 2, 28), years) == date.max
    answers = fine_answers(criminal_penalty=True, sentence_served_on=date(9999, 12, 31))
    assert outcome("N2_criminal_penalty", answers=answers).result is HUMAN


@given(st.dates(date(1998, 1, 1), date(2090, 1, 1)), st.integers(0, 12))
def test_whole_years_end_on_the_same_day_and_never_in_another_month(day, years):
    """29 February becomes 28 February in common years (`domain.md` §7)."""
    later = add_years(day, years)
    assert (later.year, later.month) == (day.year + years, day.month)
    assert later.day == day.day or (day.day, later.day) == (29, 28)


@pytest.mark.parametrize(
    ("level", "category", "scopes", "result"),
    [
        (Level.LICENSED, Category.CLINICAL, ("C01",), PASSED),
        (Level.LICENSED, Category.CLINICAL, ("T01",), FAILED),
        (Level.LICENSED, Category.TCM, ("T01",), PASSED),
        (Level.LICENSED, Category.DENTAL, ("D01",), PASSED),
        (Level.LICENSED, Category.PUBLIC_HEALTH, ("P01", "C14"), FAILED),
        (Level.RURAL_ASSISTANT, Category.CLINICAL, ("C11",), PASSED),
        (Level.RURAL_ASSISTANT, Category.CLINICAL, ("C01",), FAILED),
    ],
)
def test_a_scope_belongs_to_its_category(level, category, scopes, result):
    """卫医发〔2001〕169号 I; XC only general medicine (§5.3)."""
    changed = {"qualification": a_qualification(level=level, category=category), "answers": fine_answers(scopes=scopes)}
    assert found("scope_in_category", **changed)[0] is result


@pytest.mark.parametrize(
    ("category", "county", "scopes", "result"),
    [
        (Category.CLINICAL, False, ("C01",), PASSED),
        (Category.CLINICAL, False, ("C01", "C02"), FAILED),
        (Category.CLINICAL, True, ("C01", "C02", "C03"), PASSED),
        (Category.CLINICAL, True, ("C01", "C02", "C03", "C04"), FAILED),
        (Category.TCM, True, ("T01", "T02"), FAILED),
    ],
)
def test_more_than_one_scope_is_for_clinical_doctors_of_the_county_and_below(category, county, scopes, result):
    """卫医发〔2001〕169号; §5.4, `scope.max` and `scope.primary_care_max`."""
    changed = {
        "qualification": a_qualification(category=category),
        "institution": an_institution(is_county_or_below=county),
        "answers": fine_answers(scopes=scopes),
    }
    assert found("scope_count", **changed)[0] is result


@pytest.mark.parametrize(("mode", "result"), [("warn", HUMAN), ("require", FAILED), ("ignore", PASSED)])
def test_a_scope_without_a_department_calls_an_officer(mode, result):
    """`scope.check_departments`: dermatology at a hospital without that department."""
    changed = {"answers": fine_answers(scopes=("C06",)), "policy": policy(scope__check_departments=mode)}
    assert found("scope_covered", **changed)[0] is result


@pytest.mark.parametrize(
    ("name", "answer", "result"),
    [
        ("N1_capacity", {"full_capacity": False}, HUMAN),
        ("N1_capacity", {"full_capacity": None}, PROOF),
        ("N2_criminal_penalty", {"criminal_penalty": True, "sentence_served_on": date(2024, 11, 24)}, HUMAN),
        ("N2_criminal_penalty", {"criminal_penalty": None}, PROOF),
        ("N5_other_law", {"barred_by_law": True}, HUMAN),
        ("N6_health", {"health_fit": False}, HUMAN),
        ("N6_health", {"health_fit": None}, PROOF),
    ],
)
def test_what_only_a_person_can_know_is_never_refused_by_a_machine(name, answer, result):
    """E54; 个人信息保护法 art.24, 医师法 art.16(1), (2), (5), 医师执业注册管理办法 art.6(4)."""
    assert found(name, answers=fine_answers(**answer))[0] is result


@given(
    st.builds(
        fine_answers,
        full_capacity=st.none() | st.booleans(),
        criminal_penalty=st.none() | st.booleans(),
        sentence_served_on=st.none() | st.dates(date(1990, 1, 1), TODAY),
        barred_by_law=st.none() | st.booleans(),
        health_fit=st.none() | st.booleans(),
    )
)
def test_no_declaration_ever_fails_a_rule(answers):
    """Whatever a person declares of capacity, punishment or health: an officer decides (E54)."""
    by_word = ("N1_", "N2_", "N5_", "N6_")
    outcomes = [one for one in run(REG.rules, facts(answers=answers)) if one.rule.startswith(by_word)]
    assert len(outcomes) == 4
    assert FAILED not in {one.result for one in outcomes}


@pytest.mark.parametrize(("served", "running"), [(date(2024, 11, 24), True), (date(2024, 11, 23), False)])
def test_two_years_after_a_sentence_the_officer_is_told_that_the_time_is_over(served, running):
    """E53; 医师法 art.16(2): two years minus one day is still running, the next day is not."""
    answers = fine_answers(criminal_penalty=True, sentence_served_on=served)
    assert outcome("N2_criminal_penalty", answers=answers).seen["still_running"] is running


@pytest.mark.parametrize(
    ("name", "changed", "since", "result"),
    [
        ("N3_licence_revoked", {"status": RegistrationStatus.REVOKED}, date(2024, 11, 24), FAILED),
        ("N3_licence_revoked", {"status": RegistrationStatus.REVOKED}, date(2024, 11, 23), PASSED),
        (
            "N4_assessment_failed",
            {"status": RegistrationStatus.CANCELLED, "ground": CancellationGround.ASSESSMENT_FAILED_TWICE},
            date(2025, 11, 24),
            FAILED,
        ),
        (
            "N4_assessment_failed",
            {"status": RegistrationStatus.CANCELLED, "ground": CancellationGround.ASSESSMENT_FAILED_TWICE},
            date(2025, 11, 23),
            PASSED,
        ),
        (
            "N4_assessment_failed",
            {"status": RegistrationStatus.CANCELLED, "ground": CancellationGround.OWN_WISH},
            date(2026, 11, 1),
            PASSED,
        ),
    ],
)
def test_waiting_times_after_a_revocation_and_a_failed_assessment(name, changed, since, result):
    """N3 two years, N4 one year; 医师法 art.16(3), (4)."""
    assert found(name, held=(held(since=since, **changed),))[0] is result


@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("N7_re_entry_assessment", RefusalGround.RE_ENTRY_ASSESSMENT_FAILED),
        ("N8_organised_cheating", RefusalGround.ORGANISED_CHEATING),
        ("N9_forged_qualification", RefusalGround.FORGED_QUALIFICATION),
        ("N10_ban_on_applications", RefusalGround.BAN_ON_APPLICATIONS),
    ],
)
def test_a_recorded_ground_bars_to_its_last_day_or_for_life(name, ground):
    """N7–N10; 医师执业注册管理办法 art.6(5)–(7), 行政许可法 art.78, 79, 医师法 art.54, 58."""
    for until, result in ((None, FAILED), (TODAY, FAILED), (TODAY - timedelta(days=1), PASSED)):
        bars = (Bar(ground, date(2025, 11, 23), until),)
        assert found(name, bars=bars)[0] is result
        others = [one for one in run(REG.rules, facts(bars=bars)) if one.rule.startswith("N") and one.rule != name]
        assert {one.result for one in others} == {PASSED}


def test_without_an_institution_the_rules_that_need_one_ask_for_it():
    """The readiness card before the form: nothing is failed that can't be known yet."""
    outcomes = run(REG.rules, facts(institution=None, answers=fine_answers(scopes=())))
    assert not [one for one in outcomes if one.result is FAILED]
    assert {one.remedy["step"] for one in outcomes if one.result is PROOF} == {"institution", "scope"}


def test_an_assistant_needs_an_institution_below_the_province():
    """An assistant's place is a county; an institution of the province has none (医师执业注册管理办法 art.7)."""
    at_the_top = an_institution(division="43")
    assistant = a_qualification(level=Level.ASSISTANT)
    assert found("not_registered_there", institution=at_the_top, qualification=assistant) == (
        FAILED,
        "institution_above_county",
    )


TCM = {
    "qualification": a_qualification(category=Category.TCM),
    "institution": an_institution(departments=("50 中医科",)),
}


@pytest.mark.parametrize(
    ("second_level", "scopes", "result", "code"),
    [
        (False, ("T01",), PASSED, "scope_level_fits"),
        (False, ("T0101",), FAILED, "first_level_scope_needed"),
        (True, ("T0101",), PASSED, "scope_level_fits"),
        (True, ("T01",), FAILED, "second_level_scope_needed"),
        (True, ("T02",), PASSED, "scope_level_fits"),  # not divided: it has no second level
        (True, (), PROOF, "scope_not_chosen"),
    ],
)
def test_chinese_medicine_is_named_on_the_level_that_the_province_registers(second_level, scopes, result, code):
    """Policy key `scope.tcm_second_level` (`domain.md` §5.3, §8): the wrong level is named, whichever it is."""
    changed = {**TCM, "answers": fine_answers(scopes=scopes), "policy": policy(scope__tcm_second_level=second_level)}
    one = outcome("scope_level", **changed)
    assert (one.result, one.code) == (result, code)
    if result is FAILED:
        assert (one.seen["scopes"], one.remedy) == (list(scopes), {"step": "scope"})
    if result is PASSED:
        assert found("scope_in_category", **changed) == (PASSED, "scope_in_category")
        assert found("scope_covered", **changed) == (PASSED, "scope_covered")


@pytest.mark.parametrize(
    ("rule", "field", "key", "name"),
    [
        ("photo_recent", "photo_taken_on", "material__photo_months", "photo"),
        ("health_check_recent", "health_check_on", "material__health_check_months", "health_check"),
    ],
)
@pytest.mark.parametrize(
    ("dated", "months", "result", "code"),
    [
        (date(2026, 5, 23), 6, PASSED, "{}_recent"),
        (date(2026, 5, 22), 6, FAILED, "{}_too_old"),
        (date(2026, 5, 22), 7, PASSED, "{}_recent"),
        (date(2026, 10, 23), 1, PASSED, "{}_recent"),
        (date(2026, 10, 22), 1, FAILED, "{}_too_old"),
        (None, 6, HUMAN, "{}_date_to_examine"),
    ],
)
def test_photo_and_health_check_are_good_for_the_months_of_the_policy(
    rule, field, key, name, dated, months, result, code
):
    """2-inch photo and health check ≤6 months old (医师执业注册管理办法 art.12; `domain.md` §3.1): to the day."""
    one = outcome(rule, answers=fine_answers(**{field: dated}), policy=policy(**{key: months}))
    assert (one.result, one.code) == (result, code.format(name))
    assert one.seen["months"] == months
    if result is not PASSED:
        assert one.remedy == {"step": "personal", "field": field}


def test_where_no_health_check_is_asked_for_its_age_is_nobodys_business():
    changed = {
        "answers": fine_answers(health_check_on=date(2020, 1, 1)),
        "policy": policy(material__health_check=False),
    }
    assert found("health_check_recent", **changed) == (PASSED, "health_check_not_asked")


def test_nothing_grows_too_old_while_an_office_is_at_work():
    """The day of the latest submission counts, not the one on which the rules run again."""
    answers = fine_answers(photo_taken_on=date(2026, 5, 23), health_check_on=date(2026, 5, 23))
    assert found("photo_recent", answers=answers, on=TODAY + timedelta(days=90)) == (PASSED, "photo_recent")
    assert found("photo_recent", answers=answers, filed_on=TODAY + timedelta(days=1)) == (FAILED, "photo_too_old")


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 31), 24, date(2028, 1, 31)),
        (date(9999, 6, 1), 12, date.max),
    ],
)
def test_months_are_counted_from_day_to_day(day, months, last):
    assert add_months(day, months) == last
