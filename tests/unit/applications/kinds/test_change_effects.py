"""What an approved 变更 CHANGE does to the register (`domain.md` §3.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.applications.domain.business import kind_of
from services.applications.domain.business.change import change_person
from services.applications.domain.effect import code_key
from shared.trade.categories import Category
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import QUALIFICATION, numbered
from tests.unit.applications.kinds.factories import (
    ASSISTANTS,
    DECIDED,
    OTHER,
    OWN,
    SECOND,
    a_filing,
    a_registration,
    across,
    approved,
    assistants_qualification,
    effect,
    of_another_county,
    of_the_city,
    summary,
    village_room,
)

SAME, INSIDE, ACROSS = ("CHANGE", "ORG_SAME_AUTH"), ("CHANGE", "ORG_IN_PROVINCE"), ("CHANGE", "ORG_CROSS_PROVINCE")
MOVES = (SAME, INSIDE, ACROSS)
SCOPE, CATEGORY, PERSON = ("CHANGE", "SCOPE"), ("CHANGE", "CATEGORY"), ("CHANGE", "PERSON")
FILINGS = (
    a_filing(),
    a_filing(id=numbered(0x62), institution_id=of_another_county().id),
    a_filing(id=numbered(0x63), registration_id=OTHER),
    a_filing(id=numbered(0x64), valid_to=DECIDED - timedelta(days=1)),
)


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.LEFT_FILED, Status.MOVED_OUT])
def test_a_move_inside_the_province_restates_the_same_registration(status):
    """§3.5: old entry closed and new one opened at once, under the same code; scope goes on, who left is back."""
    changes = effect(*INSIDE, subject=a_registration(status=status, scopes=("C02",)), institution=of_another_county())
    (turn,) = changes.turns
    assert (turn.registration.id, turn.change.value, turn.reissued) == (OWN, "changed", True)
    assert turn.standing == replace(
        a_registration(scopes=("C02",)).standing,
        institution_id=of_another_county().id,
        institution_name="示例县人民医院",
        authority_id=numbered(0xE3),
        authority_name="示例主管部门430224",
        authority_path="43/4302/430224",
        decision_number="示卫医许〔2026〕9号",
        application_id=numbered(0xD1),
    )
    assert (changes.openings, changes.filings, turn.new_holder) == ((), (), False)


@pytest.mark.parametrize(
    ("knob", "ended"),
    [
        # E43: kept inside the province; what becomes the main institution is a further one no more
        ("KEEP_IN_PROVINCE", [(numbered(0x62), DECIDED, "main_changed")]),
        ("END", [(numbered(0x61), DECIDED, "main_changed"), (numbered(0x62), DECIDED, "main_changed")]),
    ],
)
def test_filings_inside_the_place_follow_the_policy(knob, ended):
    """§3.5, `change.filings`."""
    changes = effect(
        *INSIDE,
        subject=a_registration(),
        filings=FILINGS,
        institution=of_another_county(),
        change__filings=knob,
    )
    assert summary(changes)["endings"] == ended


def test_an_assistants_move_to_another_county_changes_the_place_and_ends_the_filings():
    """医师执业注册管理办法 art.7, 10: a filing lies inside of the practice place; inside the county nothing ends."""
    subject = a_registration(level="2", practice_place="430102", qualification_id=ASSISTANTS)
    away = effect(*INSIDE, subject=subject, filings=FILINGS, institution=of_another_county())
    assert away.turns[0].standing.practice_place == "430224"
    assert [reason for _, _, reason in summary(away)["endings"]] == ["province_changed", "province_changed"]
    stays = effect(*INSIDE, subject=subject, filings=FILINGS, institution=of_the_city())
    assert stays.turns[0].standing.practice_place == "430102"
    assert stays.endings == ()


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.LEFT_FILED])
def test_across_provinces_a_registration_of_its_own_takes_the_place_of_the_old_one(status):
    """`license.renumber_on` CROSS_PROVINCE: MOVED_OUT and linked, a new code; all filings end."""
    subject = a_registration(status=status, scopes=("C02",))
    changes = effect(*ACROSS, subject=subject, filings=FILINGS, institution=across())
    assert summary(changes) == {
        "turns": [(OWN, "MOVED_OUT", "moved_out", None)],
        "openings": [("44", "1", OWN)],
        "endings": [
            (numbered(0x61), DECIDED, "province_changed"),
            (numbered(0x62), DECIDED, "province_changed"),
        ],
    }
    (opening,) = changes.openings
    assert (opening.province, opening.qualification_id) == ("44", QUALIFICATION)
    assert (opening.standing.status, opening.standing.scopes) == (Status.ACTIVE, ("C02",))
    assert code_key(opening, "440106")[2] == "440106"
    assert changes.turns[0].standing.practice_place == "43"


def test_across_provinces_without_a_new_number_it_is_the_same_registration():
    """`license.renumber_on` without CROSS_PROVINCE: moved and reissued; the filings of the old province end."""
    changes = effect(
        *ACROSS,
        subject=a_registration(),
        filings=FILINGS,
        institution=across(),
        license__renumber_on=["UPGRADE", "ADD_PLACE"],
    )
    (turn,) = changes.turns
    assert (turn.change.value, turn.standing.practice_place, turn.reissued) == ("changed", "44", True)
    assert changes.openings == ()
    assert [reason for _, _, reason in summary(changes)["endings"]] == ["province_changed", "province_changed"]


# --- the other changes -----------------------------------------------------------------------------------------------


def test_other_scopes_end_the_filings_that_go_beyond_them():
    """§3.7: a filing's scope is part of the registered one; the others stay."""
    filings = (a_filing(scopes=("C01", "C02")), a_filing(id=numbered(0x62), scopes=("C02",)))
    changes = effect(
        *SCOPE,
        subject=a_registration(scopes=("C01", "C02")),
        filings=filings,
        form={"scope": {"scopes": ["C02", "C04"]}},
    )
    (turn,) = changes.turns
    assert (turn.standing.scopes, turn.standing.status, turn.reissued) == (("C02", "C04"), Status.ACTIVE, True)
    assert turn.standing.authority_id == a_registration().standing.authority_id
    assert [ending.filing.id for ending in changes.endings] == [numbered(0x61)]


def test_another_category_takes_the_place_of_the_first_one():
    """§3.5, §4.3: the code names the category, so a registration of its own is opened, and linked."""
    subject = a_registration(qualification_id=SECOND, category="41", scopes=("T01",))
    changes = effect(*CATEGORY, subject=subject, filings=FILINGS)
    assert summary(changes) == {
        "turns": [(OWN, "SUPERSEDED", "superseded", None)],
        "openings": [("43", "1", OWN)],
        "endings": [
            (numbered(0x61), DECIDED, "registration_ended"),
            (numbered(0x62), DECIDED, "registration_ended"),
        ],
    }
    assert changes.openings[0].standing.category == "10"
    assert code_key(changes.openings[0], "430102")[1] is Category.CLINICAL


def test_an_assistants_category_changes_inside_of_the_county():
    """医师执业注册管理办法 art.7: the place stays an assistant's."""
    subject = a_registration(level="2", practice_place="430102", qualification_id=SECOND, category="41")
    changes = effect(*CATEGORY, subject=subject, qualification=assistants_qualification(), institution=village_room())
    assert summary(changes)["openings"] == [("430102", "2", OWN)]


def test_a_correction_gives_a_new_certificate_to_the_same_registration():
    """E56, §6.7: name and numbers from the account; nothing of the permission changes."""
    changes = change_person(approved(*PERSON, subject=a_registration(), filings=FILINGS))
    (turn,) = changes.turns
    assert (turn.new_holder, turn.reissued, turn.change.value) == (True, True, "changed")
    kept = replace(turn.standing, decision_number="示卫医许〔2026〕1号", application_id=None)
    assert kept == a_registration().standing
    assert (changes.openings, changes.endings) == ((), ())


@pytest.mark.parametrize("kind", [SCOPE, CATEGORY, PERSON])
def test_only_a_move_has_another_side(kind):
    """§3.5 chains, ADR 0013: the rest is between the physician, the institution and its authority."""
    assert not kind_of(*kind).has_other_side
    assert all(kind_of(*move).has_other_side for move in MOVES)
