"""What all kinds have in common: on fine facts nothing fails, and each shared condition speaks alone, of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.applications.domain.business import KINDS, kind_of
from services.applications.domain.days import add_months
from services.applications.domain.facts import Bar, Facts
from shared.trade.categories import Category
from shared.trade.divisions import practice_place
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround, RefusalGround, RegistrationStatus
from tests.unit.applications.factories import QUALIFICATION, TODAY, numbered
from tests.unit.applications.kinds import (
    test_cancel,
    test_change,
    test_filings,
    test_forces,
    test_place_del,
    test_reg,
    test_upgrade,
)
from tests.unit.applications.kinds.factories import (
    FAILED,
    FINE_KINDS,
    HUMAN,
    OWN,
    PROOF,
    Spoken,
    an_assistants,
    elsewhere,
    fine,
    spoken,
)

Change = Callable[[Facts], Facts]
GROUND = ("cancellation_ground", (HUMAN, "cancellation_ground_to_examine"))


def base(name: str, sub_kind: str) -> Spoken:
    """What speaks on fine facts: a ground for cancellation is always for a person (个人信息保护法 art.24)."""
    return dict([GROUND]) if name == "CANCEL" and sub_kind != "VOLUNTARY" else {}


def beside(found: Facts, held: Any) -> Facts:
    """With one more registration of the person."""
    return replace(found, held=(*found.held, held))


def answers(**changed: Any) -> Change:
    """Some answers of the form changed."""
    return lambda found: replace(found, answers=replace(found.answers, **changed))


def institution(**changed: Any) -> Change:
    """Something about the institution changed."""

    def change(found: Facts) -> Facts:
        assert found.institution is not None
        return replace(found, institution=replace(found.institution, **changed))

    return change


def qualification(**changed: Any) -> Change:
    """Something about the qualification changed."""
    return lambda found: replace(found, qualification=replace(found.qualification, **changed))


def knobs(**changed: Any) -> Change:
    """Some knobs of the policy changed."""
    values = {name.replace("__", "."): value for name, value in changed.items()}
    return lambda found: replace(found, policy={**found.policy, **values})


def both(first: Change, second: Change) -> Change:
    """One change after the other."""
    return lambda found: second(first(found))


def without_paper(found: Facts) -> Facts:
    """The province waits for the paper certificate, and it wasn't entered (E25)."""
    own = replace(found.applicant, paper_certificates=frozenset())
    return knobs(release__need_paper_cert=True)(replace(found, applicant=own))


def registered_there_already(found: Facts) -> Facts:
    """Another registration with the same qualification stands in the place that the institution gives."""
    assert found.institution is not None
    place = practice_place(found.qualification.level, found.institution.division)
    return beside(found, elsewhere(qualification_id=found.qualification.id, practice_place=place))


def a_bar(ground: RefusalGround) -> Change:
    """A ground for refusal that was recorded and still runs."""
    return lambda found: replace(found, bars=(Bar(ground, date(2026, 1, 5), date(2027, 1, 5)),))


def revoked(found: Facts) -> Facts:
    """Another registration was revoked a year ago (N3)."""
    return beside(found, elsewhere(status=RegistrationStatus.REVOKED, since=date(2025, 11, 24)))


def assessment_failed(found: Facts) -> Facts:
    """Another registration was cancelled half a year ago for failed assessments (N4)."""
    ground = CancellationGround.ASSESSMENT_FAILED_TWICE
    return beside(found, elsewhere(status=RegistrationStatus.CANCELLED, since=date(2026, 5, 20), ground=ground))


LONG_AGO = add_months(TODAY, -6) - timedelta(days=1)
SENTENCED = {"criminal_penalty": True}

SHARED: dict[str, tuple[Change, Any, str]] = {
    # source page; E11
    "account_activated": (
        lambda found: replace(found, applicant=replace(found.applicant, activated=False)),
        FAILED,
        "not_activated",
    ),
    # 医师执业注册管理办法 art.5
    "qualification_stands": (qualification(status="annulled"), FAILED, "qualification_annulled"),
    # 医师法 art.9, 11
    "level_fits": (qualification(level=Level.TCM_EXPERT), FAILED, "level_not_online"),
    # 卫医发〔2001〕169号 II
    "category_matches": (answers(category="20"), FAILED, "category_differs"),
    # app.exclusive; E44
    "one_open_application": (
        lambda found: replace(found, open_applications=("BG20261120-0001",)),
        FAILED,
        "open_application",
    ),
    # 医师法 art.17: what is reported twice is one case
    "one_report": (lambda found: replace(found, open_applications=("ZX20261120-0001",)), FAILED, "open_application"),
    # 医师执业注册管理办法 art.9
    "institution_licence": (institution(licence_status="suspended"), FAILED, "licence_suspended"),
    "institution_here": (lambda found: replace(found, provinces=("11",)), FAILED, "institution_elsewhere"),
    # E26
    "qualification_area": (qualification(area="PROVINCE:63"), FAILED, "area_other_province"),
    # E25
    "registration_gate": (without_paper, FAILED, "paper_certificate_needed"),
    # 卫医发〔2001〕169号 I, III; P22
    "scope_in_category": (
        both(answers(scopes=("D01",)), institution(departments=("12 口腔科",))),
        FAILED,
        "scope_outside_category",
    ),
    "scope_level": (
        both(answers(scopes=("T0101",)), knobs(scope__extra=["T0101"])),
        FAILED,
        "first_level_scope_needed",
    ),
    "scope_count": (answers(scopes=("C01", "C02")), FAILED, "too_many_scopes"),
    "scope_covered": (institution(departments=("12 口腔科",)), HUMAN, "scope_not_covered"),
    # 医师执业注册管理办法 art.12; P19
    "photo_recent": (answers(photo_taken_on=LONG_AGO), FAILED, "photo_too_old"),
    "health_check_recent": (answers(health_check_on=LONG_AGO), FAILED, "health_check_too_old"),
    # 医师法 art.13; 医师执业注册管理办法 art.7
    "not_registered_there": (registered_there_already, FAILED, "already_registered"),
    # 医师执业注册管理办法 art.15
    "no_assistant_registration": (
        lambda found: beside(found, an_assistants(registration_id=numbered(0x53), qualification_id=numbered(0xBB))),
        FAILED,
        "assistant_registration_stands",
    ),
    # 卫医发〔2001〕169号
    "one_category": (
        lambda found: beside(found, elsewhere(category=Category.TCM)),
        HUMAN,
        "two_categories_to_examine",
    ),
    # 医师法 art.16; 医师执业注册管理办法 art.6: what only a person can know calls an officer
    "N1_capacity": (answers(full_capacity=False), HUMAN, "full_capacity_to_examine"),
    "N2_criminal_penalty": (
        answers(**SENTENCED, sentence_served_on=date(2025, 6, 1)),
        HUMAN,
        "criminal_penalty_declared",
    ),
    "N3_licence_revoked": (revoked, FAILED, "licence_revoked_recently"),
    "N4_assessment_failed": (assessment_failed, FAILED, "assessment_failed_recently"),
    "N5_other_law": (answers(barred_by_law=True), HUMAN, "barred_by_law_to_examine"),
    "N6_health": (answers(health_fit=False), HUMAN, "health_fit_to_examine"),
    "N7_re_entry_assessment": (
        a_bar(RefusalGround.RE_ENTRY_ASSESSMENT_FAILED),
        FAILED,
        "re_entry_assessment_failed",
    ),
    "N8_organised_cheating": (a_bar(RefusalGround.ORGANISED_CHEATING), FAILED, "organised_cheating"),
    "N9_forged_qualification": (a_bar(RefusalGround.FORGED_QUALIFICATION), FAILED, "forged_qualification"),
    "N10_ban_on_applications": (a_bar(RefusalGround.BAN_ON_APPLICATIONS), FAILED, "ban_on_applications"),
    # 医师法 art.19; 医师执业注册管理办法 art.12; E53: N2 goes on telling of it
    "ended_ground": (
        answers(**SENTENCED, sentence_served_on=date(2024, 11, 23)),
        PROOF,
        "re_entry_proof_needed",
    ),
}

OTHERS_TOO: dict[tuple[str, str, str], Spoken] = {
    ("REG", "FIRST", "not_registered_there"): {"first_registration": (FAILED, "registered_elsewhere")},
    ("REG", "RE", "not_registered_there"): {"registered_before": (FAILED, "registered_still")},
    # with another scope the existing registration would end (E41)
    ("REG", "ADD_PLACE", "scope_in_category"): {"same_scope": (PROOF, "old_registration_ends_unconfirmed")},
    ("REG", "ADD_PLACE", "scope_level"): {"same_scope": (PROOF, "old_registration_ends_unconfirmed")},
    ("REG", "ADD_PLACE", "scope_count"): {"same_scope": (PROOF, "old_registration_ends_unconfirmed")},
    # what is added is trained for (医师法 art.14)
    ("CHANGE", "SCOPE", "scope_in_category"): {"scope_training": (PROOF, "scope_training_needed")},
    ("CHANGE", "SCOPE", "scope_level"): {"scope_training": (PROOF, "scope_training_needed")},
}
"""Where one fact can't be changed without another condition speaking of it too."""

OF_ONE_KIND: dict[tuple[str, str], tuple[str, ...]] = {
    # the same two scopes are what this registration has already: see `test_change`
    ("CHANGE", "SCOPE"): ("scope_count",),
    # who moves while registered isn't looked at again: see `test_change`
    **{("CHANGE", kind): ("one_category",) for kind in ("ORG_SAME_AUTH", "ORG_IN_PROVINCE", "ORG_CROSS_PROVINCE")},
}
"""Shared conditions that the kind's own table proves instead."""

OWN_TABLES = (
    *test_reg.CONDITIONS,
    *test_upgrade.CONDITIONS,
    *test_forces.CONDITIONS,
    *test_change.CONDITIONS,
    *test_cancel.CONDITIONS,
    *test_filings.CONDITIONS,
    *test_place_del.CONDITIONS,
)


def shared_rows() -> list[tuple[str, str, str]]:
    """Each kind with each shared condition that it has."""
    return [
        (name, sub_kind, rule.name)
        for name, sub_kind in FINE_KINDS
        for rule in kind_of(name, sub_kind).rules
        if rule.name in SHARED and rule.name not in OF_ONE_KIND.get((name, sub_kind), ())
    ]


@pytest.mark.parametrize(("name", "sub_kind"), FINE_KINDS)
def test_on_fine_facts_nothing_stands_in_the_way(name, sub_kind):
    """§3: every condition of the section is met; only a ground for cancellation waits for a person."""
    assert spoken(fine(name, sub_kind)) == base(name, sub_kind)


@pytest.mark.parametrize(("name", "sub_kind", "rule"), shared_rows())
def test_a_shared_condition_speaks_alone_whatever_is_asked_for(name, sub_kind, rule):
    """§3.0, §3.1, §3.11: one fact is changed, one condition speaks, with its code."""
    change, result, code = SHARED[rule]
    expected = {**base(name, sub_kind), rule: (result, code), **OTHERS_TOO.get((name, sub_kind, rule), {})}
    if rule == "ended_ground":
        expected["N2_criminal_penalty"] = (HUMAN, "criminal_penalty_declared")
    assert spoken(change(fine(name, sub_kind))) == expected


def test_no_condition_of_any_kind_is_left_without_a_row():
    """Every rule of every kind is made to speak by a table, so that one that never speaks is seen."""
    covered = {
        (name, sub_kind): {rule for *kind, rule in shared_rows() if tuple(kind) == (name, sub_kind)}
        for name, sub_kind in FINE_KINDS
    }
    for name, sub_kind, _, expected in OWN_TABLES:
        covered[name, sub_kind] |= set(expected)
    assert {(kind.type.value, kind.sub_kind) for kind in KINDS.values()} == set(FINE_KINDS)
    missing = {
        key: lacking
        for key, found in covered.items()
        if (lacking := {rule.name for rule in kind_of(*key).rules} - found)
    }
    assert missing == {}


@pytest.mark.parametrize(("name", "sub_kind"), FINE_KINDS)
def test_every_condition_names_its_law_and_only_the_knobs_it_reads(name, sub_kind):
    """行政许可法 art.38: the legal basis stands with each; what a decision keeps is what its rules read."""
    kind, found = kind_of(name, sub_kind), fine(name, sub_kind)
    assert len({rule.name for rule in kind.rules}) == len(kind.rules)
    for rule in kind.rules:
        assert rule.article
        assert rule.source
        alone = {key: found.policy[key] for key in rule.policy_keys}
        assert rule.check(replace(found, policy=alone)) == rule.check(found)


@pytest.mark.parametrize(("name", "sub_kind"), FINE_KINDS)
def test_before_anything_is_chosen_no_condition_breaks(name, sub_kind):
    """Readiness runs on facts that are not there yet: each rule says so instead of failing with a fault."""
    empty = fine(name, sub_kind, subject=None, filing=None, held=(), institution=None, releasing=None)
    bare = replace(empty, answers=type(empty.answers)(), materials=frozenset(), filings=())
    for rule in kind_of(name, sub_kind).rules:
        assert rule.check(bare).code


@pytest.mark.parametrize(("name", "sub_kind"), FINE_KINDS)
def test_a_bar_is_over_on_the_day_after_its_last(name, sub_kind):
    """行政许可法 art.78, 79; 医师法 art.54: the last day still bars."""
    if "N10_ban_on_applications" not in {rule.name for rule in kind_of(name, sub_kind).rules}:
        assert (name, sub_kind) in {
            ("MIL_OUT", ""),
            ("CHANGE", "PERSON"),
            ("CANCEL", "VOLUNTARY"),
            ("CANCEL", "BY_REPORT"),
            ("CANCEL", "EX_OFFICIO"),
            ("CANCEL", "PROPOSED"),
            ("MULTI_ADD", ""),
            ("MULTI_DEL", ""),
            ("PLACE_DEL", ""),
        }
        return
    for last, barred in ((TODAY, True), (TODAY - timedelta(days=1), False)):
        bar = Bar(RefusalGround.BAN_ON_APPLICATIONS, date(2023, 11, 1), last)
        assert ("N10_ban_on_applications" in spoken(fine(name, sub_kind, bars=(bar,)))) is barred


@pytest.mark.parametrize("days", [0, 1])
def test_a_licence_and_a_photo_hold_through_their_last_day(days):
    """医师执业注册管理办法 art.9, 12: the last day counts, the one after doesn't."""
    last = TODAY - timedelta(days=days)
    found = fine("REG", "FIRST")
    licence = spoken(institution(licence_valid_to=last)(found))
    photo = spoken(answers(photo_taken_on=add_months(TODAY, -6) - timedelta(days=days))(found))
    assert licence == ({"institution_licence": (FAILED, "licence_expired")} if days else {})
    assert photo == ({"photo_recent": (FAILED, "photo_too_old")} if days else {})


def test_the_fine_facts_speak_of_one_person():
    """All kinds are about the same registration and qualification, so that a row changes one thing only."""
    for name, sub_kind in FINE_KINDS:
        found = fine(name, sub_kind)
        assert found.qualification.id == QUALIFICATION
        assert found.subject is None or found.subject.registration_id == OWN
