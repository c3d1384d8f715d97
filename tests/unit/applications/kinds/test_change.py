"""变更 CHANGE (`domain.md` §3.5): of the main institution, the scope, the category, or the person's own data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.business import kind_of
from services.applications.domain.facts import Bar
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import RefusalGround
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import QUALIFICATION, TODAY, an_institution, numbered
from tests.unit.applications.kinds.factories import (
    FAILED,
    HUMAN,
    OTHER,
    PROOF,
    SECOND,
    a_held,
    a_registration,
    about,
    across,
    an_assistants,
    answered,
    assistants_qualification,
    effect,
    elsewhere,
    fine,
    neighbour,
    of_another_county,
    of_the_city,
    of_the_province,
    over,
    remedy,
    spoken,
)

SAME, INSIDE, ACROSS = ("CHANGE", "ORG_SAME_AUTH"), ("CHANGE", "ORG_IN_PROVINCE"), ("CHANGE", "ORG_CROSS_PROVINCE")
MOVES = (SAME, INSIDE, ACROSS)
SCOPE, CATEGORY, PERSON = ("CHANGE", "SCOPE"), ("CHANGE", "CATEGORY"), ("CHANGE", "PERSON")
SUSPENDED = a_held(status=Status.SUSPENDED, since=date(2026, 9, 1), until=date(2026, 11, 30))
TWO_YEARS_AGO = date(2024, 11, 23)
ASSISTANT = {"qualification": assistants_qualification()}
SECOND_ASSISTANTS = an_assistants(registration_id=OTHER, qualification_id=numbered(0xBA), practice_place="430224")


def moving(held: object, **changed: object) -> list[tuple[object, ...]]:
    """The same facts for each of the three moves."""
    return [(*kind, about(held, **changed)) for kind in MOVES]


def rows(facts: list[tuple[object, ...]], expected: dict[str, object]) -> list[tuple[object, ...]]:
    """What the same facts make of each of them."""
    return [(*row, expected) for row in facts]


CONDITIONS = [
    # 医师法 art.13, change.blockers; E48: nobody moves or changes while suspended
    *rows(moving(SUSPENDED), {"registration_may_move": (FAILED, "registration_suspended")}),
    (*PERSON, about(SUSPENDED), {"registration_in_force": (FAILED, "registration_suspended")}),
    (
        *SCOPE,
        about(replace(SUSPENDED, scopes=("C01", "C02"))),
        {"registration_in_force": (FAILED, "registration_suspended")},
    ),
    (
        *CATEGORY,
        about(replace(SUSPENDED, qualification_id=SECOND, category=Category.TCM)),
        {"registration_in_force": (FAILED, "registration_suspended")},
    ),
    # 医师执业注册管理办法 art.19, 20: what was left is taken up within two years, to the day
    *rows(moving(over(Status.LEFT_FILED, TWO_YEARS_AGO)), {}),
    *rows(
        moving(over(Status.LEFT_FILED, TWO_YEARS_AGO - timedelta(days=1))),
        {"registration_may_move": (FAILED, "left_too_long")},
    ),
    *rows(moving(over(Status.MOVED_OUT, TWO_YEARS_AGO)), {}),
    # what has a successor is over: nobody stands twice (§3.5: never two main institutions)
    *rows(
        moving(over(Status.MOVED_OUT, TWO_YEARS_AGO, replaced_by=OTHER)),
        {"registration_may_move": (FAILED, "registration_ended_already")},
    ),
    *rows(
        moving(over(Status.CANCELLED, TODAY)),
        {"registration_may_move": (FAILED, "registration_ended_already")},
    ),
    # 医师执业注册管理办法 art.20: somewhere else
    (*SAME, {"institution": an_institution()}, {"another_institution": (FAILED, "institution_unchanged")}),
    (*INSIDE, {"institution": an_institution()}, {"another_institution": (FAILED, "institution_unchanged")}),
    (
        *ACROSS,
        about(a_held(institution_id=across().id)),
        {"another_institution": (FAILED, "institution_unchanged")},
    ),
    # art.7: a move never ends in a place where one is registered already, nor an assistant's in none
    (
        *ACROSS,
        about(a_held(), others=(a_held(registration_id=OTHER, practice_place="44", province="44"),)),
        {"not_registered_there": (FAILED, "already_registered")},
    ),
    (
        *INSIDE,
        {**ASSISTANT, **about(an_assistants()), "institution": of_the_province()},
        {"not_registered_there": (FAILED, "institution_above_county")},
    ),
    # art.15, 17: what was left is not taken up beside what came after it
    *rows(
        moving(an_assistants(status=Status.LEFT_FILED, since=TODAY), others=(SECOND_ASSISTANTS,), **ASSISTANT),
        {
            "assistant_one_place": (FAILED, "assistant_one_place"),
            "one_category": (HUMAN, "second_registration_to_examine"),
        },
    ),
    *rows(
        moving(an_assistants(status=Status.LEFT_FILED, since=TODAY), others=(elsewhere(),), **ASSISTANT),
        {"no_assistant_registration": (FAILED, "licensed_registration_stands")},
    ),
    # 卫医发〔2001〕169号: two categories beside each other are looked at when one comes to stand, not when it moves
    *rows(
        moving(over(Status.LEFT_FILED, TODAY), others=(elsewhere(category=Category.TCM),)),
        {"one_category": (HUMAN, "two_categories_to_examine")},
    ),
    *rows(moving(a_held(), others=(elsewhere(category=Category.TCM),)), {}),
    # an assistant moves from county to county, and inside of one
    (*INSIDE, {**ASSISTANT, **about(an_assistants())}, {}),
    (*SAME, {**ASSISTANT, **about(an_assistants())}, {}),
    # §5.1: a rural assistant stays in township and village
    (
        *SAME,
        {"qualification": assistants_qualification(level=Level.RURAL_ASSISTANT), **about(an_assistants())},
        {"qualification_area": (FAILED, "township_or_village_only")},
    ),
    # art.12, 20: the scope goes on where the departments cover it
    *(
        (*kind, {"institution": place(departments=("12 口腔科",))}, {"scope_goes_on": (HUMAN, "scope_not_covered")})
        for kind, place in zip(MOVES, (neighbour, of_another_county, across), strict=True)
    ),
    (
        *SAME,
        {"institution": neighbour(departments=()), "policy__scope__check_departments": "require"},
        {"scope_goes_on": (FAILED, "scope_not_covered")},
    ),
    (*SAME, {"institution": neighbour(departments=()), "policy__scope__check_departments": "ignore"}, {}),
    # 医师法 art.14; 卫医发〔2001〕169号: what is added is trained for; what is given up needs nothing
    (
        *SCOPE,
        answered(*SCOPE, scopes=("C02", "C01")),
        {
            "scope_changes": (FAILED, "scope_unchanged"),
            "scope_count": (FAILED, "too_many_scopes"),
        },
    ),
    (*SCOPE, answered(*SCOPE, scopes=("C04",)), {"scope_training": (PROOF, "scope_training_needed")}),
    (
        *SCOPE,
        {**answered(*SCOPE, scopes=("C04",)), "materials": frozenset({"training_proof"})},
        {"scope_training": (HUMAN, "scope_training_to_examine")},
    ),
    (
        *SCOPE,
        {**answered(*SCOPE, scopes=("C04",)), "materials": frozenset({"higher_diploma"})},
        {"scope_training": (HUMAN, "scope_training_to_examine")},
    ),
    # §5.4: three scopes of one category at county level and below
    (
        *SCOPE,
        {
            **answered(*SCOPE, scopes=("C01", "C02", "C04")),
            "institution": an_institution(is_county_or_below=True),
            "materials": frozenset({"training_proof"}),
        },
        {"scope_training": (HUMAN, "scope_training_to_examine")},
    ),
    # 卫医发〔2001〕169号: another category needs its exam: a second qualification, of the same level
    (
        *CATEGORY,
        about(a_held(qualification_id=SECOND)),
        {"another_category": (FAILED, "category_unchanged")},
    ),
    (
        *CATEGORY,
        {
            **about(a_held(qualification_id=QUALIFICATION, category=Category.TCM, practice_place="44")),
        },
        {"another_category": (FAILED, "category_unchanged")},
    ),
    (
        *CATEGORY,
        about(an_assistants(category=Category.TCM)),
        {"another_category": (FAILED, "category_other_level")},
    ),
    # §6.7: only a correction that was made already is carried over (E56)
    (*PERSON, {"person_changes": ()}, {"data_corrected": (FAILED, "personal_data_unchanged")}),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.5: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


@pytest.mark.parametrize(
    ("blockers", "expected"),
    [
        (["SUSPENDED", "LEFT_TOO_LONG"], {"N10_ban_on_applications": (HUMAN, "ban_on_applications")}),
        (["REFUSAL_GROUND"], {"N10_ban_on_applications": (FAILED, "ban_on_applications")}),
    ],
)
def test_what_blocks_a_change_is_the_policys_to_say(blockers, expected):
    """`change.blockers`: what it doesn't name, an officer looks at; nothing is passed over in silence."""
    bar = Bar(RefusalGround.BAN_ON_APPLICATIONS, date(2026, 1, 5), date(2027, 1, 5))
    for kind in (*MOVES, SCOPE, CATEGORY):
        assert spoken(fine(*kind, bars=(bar,), policy__change__blockers=blockers)) == expected


def test_where_suspension_does_not_block_a_person_looks_and_it_goes_on():
    """`change.blockers`; E49: only an assessment ends a suspension, no move does."""
    found = fine(*SAME, **about(SUSPENDED), policy__change__blockers=[])
    assert spoken(found) == {"registration_may_move": (HUMAN, "suspended_to_examine")}
    old = fine(*SAME, **about(over(Status.LEFT_FILED, date(2020, 1, 1))), policy__change__blockers=[])
    assert spoken(old) == {}
    subject = a_registration(status=Status.SUSPENDED, until=date(2026, 12, 31))
    (turn,) = effect(*SAME, subject=subject, institution=neighbour()).turns
    assert (turn.standing.status, turn.standing.until) == (Status.SUSPENDED, date(2026, 12, 31))


def test_who_left_too_long_ago_registers_anew():
    """医师执业注册管理办法 art.19; 医师法 art.19."""
    found = fine(*SAME, **about(over(Status.LEFT_FILED, TWO_YEARS_AGO - timedelta(days=1))))
    assert remedy(found, "registration_may_move") == {"business": "REG", "sub_kind": "RE"}


@pytest.mark.parametrize(
    ("institution", "sub_kind"),
    [
        (neighbour(), "ORG_SAME_AUTH"),
        (of_the_city(), "ORG_IN_PROVINCE"),
        (of_another_county(), "ORG_IN_PROVINCE"),
        (across(), "ORG_CROSS_PROVINCE"),
    ],
)
def test_which_move_it_is_follows_from_the_institution(institution, sub_kind):
    """§3.5: by the province, then by the authority that approved the institution, wherever it stands."""
    settles = kind_of(*SAME).settles
    assert settles is not None
    assert settles(a_held(), institution) == sub_kind


def test_the_old_place_may_still_stand_elsewhere_and_blocks_no_move():
    """§3.1: the other place of a physician with two stays where it is."""
    other = a_held(registration_id=OTHER, practice_place="44", province="44")
    assert spoken(fine(*SAME, **about(a_held(), others=(other,)))) == {}


def test_a_second_qualification_waits_for_its_certificate_where_the_province_does():
    """§6.4: the gate is the registering province's, whichever way a qualification comes to be registered."""
    gated = fine(*CATEGORY, policy__release__need_paper_cert=True)
    assert spoken(gated) == {"registration_gate": (FAILED, "paper_certificate_needed")}
    assert kind_of(*CATEGORY).material("score_sheet") is not None


def test_the_qualification_is_that_of_the_new_category():
    """The builder itself: the fine facts ask for the clinical one, registered is the Chinese."""
    found = fine(*CATEGORY)
    assert found.qualification.category is Category.CLINICAL
    assert found.subject is not None
    assert found.subject.category is Category.TCM
