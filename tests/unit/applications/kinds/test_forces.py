"""军队变更入地方 MIL_IN and 地方变更到军队 MIL_OUT (`domain.md` §3.3, §3.4): from the forces, and to them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.applications.domain.business import kind_of
from services.applications.domain.rules import lapse
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround as Ground
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import TODAY, numbered, policy
from tests.unit.applications.kinds.factories import (
    DECIDED,
    FAILED,
    HUMAN,
    OTHER,
    OWN,
    PROOF,
    a_filing,
    a_held,
    a_registration,
    about,
    an_assistants,
    answered,
    assistants_qualification,
    effect,
    fine,
    over,
    remedy,
    spoken,
    summary,
)

MIL_IN, MIL_OUT = ("MIL_IN", ""), ("MIL_OUT", "")
TWO_YEARS_AGO = date(2024, 11, 23)

CONDITIONS = [
    # 医师法 art.65: who is still in service is registered by the forces
    (*MIL_IN, answered(*MIL_IN, left_service_on=TODAY), {}),
    (
        *MIL_IN,
        answered(*MIL_IN, left_service_on=TODAY + timedelta(days=1)),
        {"left_service": (FAILED, "still_in_service")},
    ),
    (
        *MIL_IN,
        answered(*MIL_IN, left_service_on=None),
        {"left_service": (PROOF, "left_service_missing"), "lapse_after_service": (PROOF, "left_service_missing")},
    ),
    # 医师执业注册管理办法 art.12, 医师法 art.19: two years from leaving, to the day; none while in service (§3.4)
    (*MIL_IN, answered(*MIL_IN, left_service_on=TWO_YEARS_AGO), {}),
    (
        *MIL_IN,
        answered(*MIL_IN, left_service_on=TWO_YEARS_AGO - timedelta(days=1)),
        {"lapse_after_service": (PROOF, "re_entry_proof_needed")},
    ),
    (*MIL_IN, {"held": (over(Status.TRANSFERRED_MIL, date(2009, 8, 1)),)}, {}),
    # §3.13: how an earlier registration ended is looked at on this way back, too
    (
        *MIL_IN,
        {"held": (over(Status.CANCELLED, date(2010, 8, 1), Ground.HEALTH),)},
        {"re_entry_ground": (HUMAN, "re_entry_to_examine")},
    ),
    (
        *MIL_IN,
        {"held": (over(Status.CANCELLED, date(2010, 8, 1), Ground.ORGANISED_CHEATING),)},
        {"re_entry_ground": (FAILED, "re_entry_never")},
    ),
    # art.17
    (
        *MIL_IN,
        {
            "qualification": assistants_qualification(),
            "held": (an_assistants(registration_id=OTHER, qualification_id=numbered(0xBA)),),
        },
        {
            "assistant_one_place": (FAILED, "assistant_one_place"),
            "one_category": (HUMAN, "second_registration_to_examine"),
        },
    ),
    # §3.4: a registration in force, and the day on which the doctor leaves
    (
        *MIL_OUT,
        about(a_held(status=Status.SUSPENDED)),
        {"registration_in_force": (FAILED, "registration_suspended")},
    ),
    (*MIL_OUT, about(over(Status.LEFT_FILED, TODAY)), {"registration_in_force": (FAILED, "registration_left")}),
    (
        *MIL_OUT,
        about(over(Status.TRANSFERRED_MIL, TODAY)),
        {"registration_in_force": (FAILED, "registration_ended_already")},
    ),
    (*MIL_OUT, answered(*MIL_OUT, ends_on=None), {"leaving_day": (PROOF, "leaving_day_missing")}),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.3, §3.4: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


def test_who_left_long_ago_shows_training_or_an_assessment_and_a_person_looks():
    """医师法 art.19, §13.5: either document; the province may take one of them only."""
    late = answered(*MIL_IN, left_service_on=date(2020, 1, 1))
    for material in (lapse.TRAINING_PROOF, lapse.ASSESSMENT_PROOF):
        found = fine(*MIL_IN, **late, materials=frozenset({material}))
        assert spoken(found) == {"lapse_after_service": (HUMAN, "re_entry_proof_to_examine")}
        assert kind_of(*MIL_IN).material(material) is not None
    strict = fine(
        *MIL_IN, **late, materials=frozenset({lapse.TRAINING_PROOF}), policy__lapse__re_entry_proof="ASSESSMENT"
    )
    assert remedy(strict, "lapse_after_service")["material"] == lapse.ASSESSMENT_PROOF


def test_of_the_service_no_more_is_kept_than_the_day_and_the_document():
    """§3.3 caution: no unit, rank or garrison; the document's number is sealed."""
    step = kind_of(*MIL_IN).step("service")
    assert step is not None
    assert {field.name: field.sensitive for field in step.fields} == {
        "left_service_on": False,
        "military_document": True,
    }


def test_what_proves_the_service_follows_the_policy():
    """§3.3: `mil.materials`; the window sees the originals, where there is none they are uploaded."""
    kind, uploaded = kind_of(*MIL_IN), frozenset({"photo", "employment_proof"})
    named = {"military_registration", "resettlement_proof"}
    assert named <= set(kind.paper_materials(policy(kind), uploaded))
    fewer = policy(kind, mil__materials=["resettlement_proof"])
    assert named & set(kind.paper_materials(fewer, uploaded)) == {"resettlement_proof"}
    online = policy(kind, paper__required=False)
    assert named <= {item.kind for item in kind.needed_materials(online) if item.required}


# --- effects ---------------------------------------------------------------------------------------------------------


def test_coming_back_opens_a_registration_of_its_own():
    """§3.3: a new one; that of before the service stays TRANSFERRED_MIL in the history."""
    before = a_registration(status=Status.TRANSFERRED_MIL)
    changes = effect(*MIL_IN, others=(before,))
    assert summary(changes) == {"turns": [], "openings": [("43", "1", None)], "endings": []}


def test_what_was_only_left_when_the_service_began_is_over_now():
    """医师执业注册管理办法 art.18, 19: nothing is left to be taken up beside the new one."""
    left = a_registration(status=Status.LEFT_FILED, standing_since=date(2026, 1, 1))
    assert summary(effect(*MIL_IN, others=(left,)))["turns"] == [(OWN, "CANCELLED", "cancelled", Ground.OWN_WISH)]


OTHERS = (
    a_registration(id=OTHER, practice_place="44", province="44"),
    a_registration(id=numbered(0x53), qualification_id=numbered(0xBA), status=Status.SUSPENDED, until=DECIDED),
    a_registration(id=numbered(0x54), status=Status.LEFT_FILED),
    a_registration(id=numbered(0x55), status=Status.CANCELLED),
    a_registration(id=numbered(0x56), status=Status.MOVED_OUT, replaced_by=OTHER),
)


@pytest.mark.parametrize(
    ("close_all", "gone"),
    [
        (True, [OWN, OTHER, numbered(0x53), numbered(0x54)]),
        (False, [OWN]),
    ],
)
def test_the_other_places_end_with_it_unless_the_policy_keeps_them(close_all, gone):
    """§3.4, `mil_out.close_all`: what is over already isn't touched; filings end with what they are filed on."""
    filings = (a_filing(), a_filing(id=numbered(0x62), registration_id=OTHER))
    changes = effect(*MIL_OUT, subject=a_registration(), others=OTHERS, filings=filings, mil_out__close_all=close_all)
    assert [turn.registration.id for turn in changes.turns] == gone
    assert {turn.standing.status for turn in changes.turns} == {Status.TRANSFERRED_MIL}
    assert {turn.change.value for turn in changes.turns} == {"transferred"}
    assert {turn.standing.until for turn in changes.turns} == {None}
    ended = [(numbered(0x61), DECIDED, "registration_ended"), (numbered(0x62), DECIDED, "registration_ended")]
    assert summary(changes)["endings"] == (ended if close_all else ended[:1])
    assert changes.openings == ()


def test_who_is_in_the_forces_takes_nothing_up_again_by_a_change():
    """§3.3, §3.4: the way back is MIL_IN, whichever registration it was."""
    transferred = over(Status.TRANSFERRED_MIL, TODAY)
    for sub_kind in ("ORG_SAME_AUTH", "ORG_IN_PROVINCE", "ORG_CROSS_PROVINCE"):
        found = spoken(fine("CHANGE", sub_kind, **about(transferred)))
        assert found == {"registration_may_move": (FAILED, "registration_ended_already")}


def test_an_assistant_may_go_too():
    """§3.4 asks for a registration in force, of any level."""
    assistant = an_assistants(level=Level.ASSISTANT)
    assert spoken(fine(*MIL_OUT, **about(assistant))) == {}
