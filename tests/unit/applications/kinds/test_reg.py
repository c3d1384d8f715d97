"""注册 REG (`domain.md` §3.1): first, anew, in a second place, or licensed after having been an assistant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.rules import lapse
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround as Ground
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import TODAY, a_qualification, an_institution, numbered
from tests.unit.applications.kinds.factories import (
    FAILED,
    HUMAN,
    OTHER,
    PASSED,
    PROOF,
    a_held,
    about,
    an_assistants,
    answered,
    assistants_qualification,
    elsewhere,
    fine,
    over,
    remedy,
    said,
    spoken,
)

FIRST, RE, ADD_PLACE, LICENSED = ("REG", "FIRST"), ("REG", "RE"), ("REG", "ADD_PLACE"), ("REG", "LICENSED")
AS_ASSISTANT = {"qualification": assistants_qualification()}
TWO_YEARS_AGO = date(2024, 11, 23)
ENDED = date(2026, 3, 2)


def ended(ground: Ground | None, since: date = ENDED, status: Status = Status.CANCELLED) -> dict[str, object]:
    """The registration ended on a day, by a ground."""
    return {"held": (over(status, since, ground),)}


CONDITIONS = [
    # 医师执业注册管理办法 art.12: two years from the publication, to the day (E27)
    (*FIRST, {"qualification": a_qualification(published_on=TWO_YEARS_AGO)}, {}),
    (
        *FIRST,
        {"qualification": a_qualification(published_on=TWO_YEARS_AGO - timedelta(days=1))},
        {"two_year_lapse": (PROOF, "training_proof_needed")},
    ),
    # 29 February lapses on the 28th of the common year
    (
        *FIRST,
        {
            "qualification": a_qualification(published_on=date(2024, 2, 29)),
            "filed_on": date(2026, 3, 1),
            **answered(*FIRST, photo_taken_on=None, health_check_on=None),
        },
        {
            "two_year_lapse": (PROOF, "training_proof_needed"),
            "photo_recent": (HUMAN, "photo_date_to_examine"),
            "health_check_recent": (HUMAN, "health_check_date_to_examine"),
        },
    ),
    # art.12: what was registered with this qualification is no first registration
    (*FIRST, ended(Ground.OWN_WISH), {"first_registration": (FAILED, "registered_before")}),
    # art.17: an assistant has one practice place (E38)
    (
        *FIRST,
        {**AS_ASSISTANT, "held": (an_assistants(registration_id=OTHER, qualification_id=numbered(0xBA)),)},
        {
            "assistant_one_place": (FAILED, "assistant_one_place"),
            "one_category": (HUMAN, "second_registration_to_examine"),
        },
    ),
    # art.15: nobody is an assistant beside a licensed registration, nor becomes one by coming back
    (
        *FIRST,
        {**AS_ASSISTANT, "held": (elsewhere(),)},
        {"no_assistant_registration": (FAILED, "licensed_registration_stands")},
    ),
    (
        *RE,
        {
            **AS_ASSISTANT,
            "held": (an_assistants(status=Status.SUPERSEDED, since=ENDED, replaced_by=OTHER), elsewhere()),
        },
        {"no_assistant_registration": (FAILED, "licensed_registration_stands")},
    ),
    (
        *RE,
        {
            **AS_ASSISTANT,
            "held": (
                an_assistants(status=Status.CANCELLED, since=ENDED),
                an_assistants(registration_id=OTHER, qualification_id=numbered(0xBA), practice_place="430224"),
            ),
        },
        {
            "assistant_one_place": (FAILED, "assistant_one_place"),
            "one_category": (HUMAN, "second_registration_to_examine"),
        },
    ),
    # 医师法 art.19: anew registers who was registered and is no more
    (*RE, {"held": ()}, {"registered_before": (FAILED, "never_registered_before")}),
    (
        *RE,
        {"held": (a_held(practice_place="44", province="44"),)},
        {"registered_before": (FAILED, "registered_still")},
    ),
    # what was left less than two years ago is taken up by a change (art.19, 20)
    (
        *RE,
        ended(None, TWO_YEARS_AGO, Status.LEFT_FILED),
        {"registered_before": (FAILED, "registration_left")},
    ),
    (
        *RE,
        ended(None, TWO_YEARS_AGO - timedelta(days=1), Status.LEFT_FILED),
        {"stopped_practice": (PROOF, "re_entry_proof_needed")},
    ),
    # who went to the forces comes back by MIL_IN: there no two years are counted (§3.4)
    (
        *RE,
        ended(None, date(2026, 1, 5), Status.TRANSFERRED_MIL),
        {"registered_before": (FAILED, "transferred_to_forces")},
    ),
    # art.12, 医师法 art.19: practice that stopped for two years, to the day
    (*RE, ended(Ground.OWN_WISH, TWO_YEARS_AGO), {}),
    (
        *RE,
        ended(Ground.OWN_WISH, TWO_YEARS_AGO - timedelta(days=1)),
        {"stopped_practice": (PROOF, "re_entry_proof_needed")},
    ),
    # §3.13, ground by ground: what asks for an assessment, for a person's look, for years, and what never ends
    (*RE, ended(Ground.DEATH), {"re_entry_ground": (HUMAN, "re_entry_to_examine")}),
    (
        *RE,
        ended(Ground.CRIMINAL_PENALTY),
        {
            "re_entry_ground": (HUMAN, "re_entry_to_examine"),
            "stopped_practice": (PROOF, "re_entry_proof_needed"),
        },
    ),
    (
        *RE,
        ended(Ground.LICENCE_REVOKED, TWO_YEARS_AGO, Status.REVOKED),
        {"stopped_practice": (PROOF, "re_entry_proof_needed")},
    ),
    (
        *RE,
        ended(Ground.LICENCE_REVOKED, TWO_YEARS_AGO + timedelta(days=1), Status.REVOKED),
        {
            "N3_licence_revoked": (FAILED, "licence_revoked_recently"),
            "stopped_practice": (PROOF, "re_entry_proof_needed"),
        },
    ),
    (
        *RE,
        ended(Ground.ASSESSMENT_FAILED_TWICE, date(2025, 11, 23)),
        {"stopped_practice": (PROOF, "re_entry_proof_needed")},
    ),
    (
        *RE,
        ended(Ground.ASSESSMENT_FAILED_TWICE, date(2025, 11, 24)),
        {
            "N4_assessment_failed": (FAILED, "assessment_failed_recently"),
            "stopped_practice": (PROOF, "re_entry_proof_needed"),
        },
    ),
    (*RE, ended(Ground.NOT_ASSESSED), {}),
    (*RE, ended(Ground.PRACTICE_STOPPED), {"stopped_practice": (PROOF, "re_entry_proof_needed")}),
    (*RE, ended(Ground.HEALTH), {"re_entry_ground": (HUMAN, "re_entry_to_examine")}),
    (*RE, ended(Ground.CERTIFICATE_MISUSED), {"re_entry_ground": (HUMAN, "re_entry_to_examine")}),
    (
        *RE,
        ended(Ground.ORGANISED_CHEATING, date(1999, 1, 1)),
        {
            "re_entry_ground": (FAILED, "re_entry_never"),
            "stopped_practice": (PROOF, "re_entry_proof_needed"),
        },
    ),
    (*RE, ended(Ground.OWN_WISH), {}),
    (*RE, ended(Ground.LEFT_TWO_YEARS), {"stopped_practice": (PROOF, "re_entry_proof_needed")}),
    (*RE, ended(Ground.PLACE_ENDED), {}),
    (
        *RE,
        ended(Ground.QUALIFICATION_WITHDRAWN, date(2023, 11, 23), Status.WITHDRAWN),
        {
            "re_entry_ground": (FAILED, "re_entry_too_early"),
            "stopped_practice": (PROOF, "re_entry_proof_needed"),
        },
    ),
    (
        *RE,
        ended(Ground.QUALIFICATION_WITHDRAWN, date(2023, 11, 22), Status.WITHDRAWN),
        {"stopped_practice": (PROOF, "re_entry_proof_needed")},
    ),
    # art.17: a second place is for the licensed, of a registration in force, in another province
    (
        *ADD_PLACE,
        {
            **about(a_held(level=Level.ASSISTANT, practice_place="430102")),
            "qualification": a_qualification(level=Level.ASSISTANT),
        },
        {"licensed_only": (FAILED, "assistant_one_place")},
    ),
    (
        *ADD_PLACE,
        about(a_held(status=Status.SUSPENDED, until=TODAY)),
        {"registration_in_force": (FAILED, "registration_suspended")},
    ),
    (
        *ADD_PLACE,
        about(over(Status.LEFT_FILED, ENDED)),
        {"registration_in_force": (FAILED, "registration_left")},
    ),
    (*ADD_PLACE, {"institution": an_institution()}, {"another_province": (FAILED, "same_province")}),
    # P15: with another scope the existing registration ends, and that is to be said first (E41)
    (
        *ADD_PLACE,
        answered(*ADD_PLACE, scopes=("C02",)),
        {"same_scope": (PROOF, "old_registration_ends_unconfirmed")},
    ),
    (
        *ADD_PLACE,
        answered(*ADD_PLACE, scopes=("C02",), old_ends=True),
        {"same_scope": (HUMAN, "old_registration_will_end")},
    ),
    # art.15: an assistant who gained the licensed qualification, where an upgrade doesn't fit
    (*LICENSED, {"held": ()}, {"assistant_stands": (FAILED, "no_assistant_registration_stands")}),
    (*LICENSED, {"held": (an_assistants(),)}, {"assistant_stands": (FAILED, "upgrade_fits")}),
    (*LICENSED, {"held": (an_assistants(category=Category.TCM),)}, {}),
    (
        *LICENSED,
        AS_ASSISTANT | {"held": (an_assistants(qualification_id=numbered(0xBA)),)},
        {
            "assistant_stands": (FAILED, "licensed_qualification_missing"),
            "one_category": (HUMAN, "second_registration_to_examine"),
        },
    ),
    (*LICENSED, answered(*LICENSED, old_ends=None), {"assistant_ends": (PROOF, "assistant_end_unconfirmed")}),
    (
        *LICENSED,
        {"qualification": a_qualification(published_on=TWO_YEARS_AGO - timedelta(days=1))},
        {"two_year_lapse": (PROOF, "training_proof_needed")},
    ),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.1, §3.11, §3.13: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


@pytest.mark.parametrize(
    ("takes", "material", "result"),
    [
        ("EITHER", lapse.TRAINING_PROOF, HUMAN),
        ("EITHER", lapse.ASSESSMENT_PROOF, HUMAN),
        ("TRAINING", lapse.ASSESSMENT_PROOF, PROOF),
        ("ASSESSMENT", lapse.TRAINING_PROOF, PROOF),
    ],
)
def test_the_province_says_what_proves_that_one_may_practise_again(takes, material, result):
    """§13.5: 医师法 art.19 names the assessment, 医师执业注册管理办法 art.12 the training."""
    found = fine(
        *RE,
        **ended(Ground.PRACTICE_STOPPED),
        materials=frozenset({material}),
        policy__lapse__re_entry_proof=takes,
    )
    assert said(found, "stopped_practice")[0] is result


def test_each_remedy_leads_to_the_kind_that_fits():
    """§3.1, §3.5, §3.7: who is in the wrong place is told the right one."""
    assert remedy(fine(*RE, **ended(None, ENDED, Status.LEFT_FILED)), "registered_before") == {"business": "CHANGE"}
    forces = fine(*RE, **ended(None, ENDED, Status.TRANSFERRED_MIL))
    assert remedy(forces, "registered_before") == {"business": "MIL_IN"}
    assert remedy(fine(*ADD_PLACE, institution=an_institution()), "another_province") == {"business": "MULTI_ADD"}
    assert remedy(fine(*LICENSED, held=(an_assistants(),)), "assistant_stands") == {"business": "UPGRADE"}


def test_a_place_that_was_moved_out_of_for_good_is_nothing_to_come_back_to():
    """§3.5: what has a successor is over; where nothing took its place, a change takes it up again."""
    gone = over(Status.MOVED_OUT, ENDED, replaced_by=OTHER)
    assert said(fine(*RE, held=(gone,)), "registered_before") == (PASSED, "registered_before")
    alone = replace(gone, replaced_by=None)
    assert said(fine(*RE, held=(alone,)), "registered_before") == (FAILED, "registration_left")


def test_a_public_health_doctor_may_register_beside_a_clinical_one_if_an_officer_agrees():
    """§5.4: two categories at once stand in the exceptions only; no machine decides which."""
    health = a_qualification(category=Category.PUBLIC_HEALTH)
    found = fine(*FIRST, qualification=health, held=(elsewhere(),), **answered(*FIRST, scopes=("P01",)))
    assert spoken(found)["one_category"] == (HUMAN, "two_categories_to_examine")
    assert said(found, "scope_in_category") == (PASSED, "scope_in_category")
