"""助理医师升执业医师 UPGRADE (`domain.md` §3.2): same category and institution, the assistant's lapses with it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.applications.domain.business import FieldKind, kind_of
from services.applications.domain.business.kind import Confirming
from services.applications.domain.effect import code_key
from shared.trade.categories import Category
from shared.trade.codes import PracticeCode
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import QUALIFICATION, a_qualification, numbered
from tests.unit.applications.kinds.factories import (
    ASSISTANTS,
    DECIDED,
    FAILED,
    OTHER,
    OWN,
    a_filing,
    a_held,
    a_registration,
    about,
    an_assistants,
    answered,
    effect,
    elsewhere,
    fine,
    remedy,
    spoken,
    summary,
    village_room,
)

UPGRADE = ("UPGRADE", "")
TCM = {
    "qualification": a_qualification(category=Category.TCM),
    **answered(*UPGRADE, scopes=("T01",)),
}

CONDITIONS = [
    # 医师执业注册管理办法 art.15: an assistant's registration, in force
    (
        *UPGRADE,
        about(a_held(qualification_id=ASSISTANTS)),
        {"assistant_registration": (FAILED, "already_licensed")},
    ),
    (
        *UPGRADE,
        about(an_assistants(status=Status.SUSPENDED)),
        {"registration_in_force": (FAILED, "registration_suspended")},
    ),
    (
        *UPGRADE,
        about(an_assistants(status=Status.LEFT_FILED)),
        {"registration_in_force": (FAILED, "registration_left")},
    ),
    (
        *UPGRADE,
        about(an_assistants(status=Status.SUPERSEDED)),
        {"registration_in_force": (FAILED, "registration_ended_already")},
    ),
    # a licensed qualification of the same person, of one of the levels that have a physician's rights
    (
        *UPGRADE,
        {"qualification": a_qualification(level=Level.ASSISTANT)},
        {"licensed_qualification": (FAILED, "licensed_qualification_missing")},
    ),
    (*UPGRADE, {"qualification": a_qualification(level=Level.APPRENTICE_LICENSED)}, {}),
    (*UPGRADE, about(an_assistants(level=Level.APPRENTICE_ASSISTANT)), {}),
    # source page: the same category, by the four of the Law
    (*UPGRADE, TCM, {"same_category": (FAILED, "upgrade_other_category")}),
    (*UPGRADE, TCM | about(an_assistants(category=Category.INTEGRATED)), {}),
    (
        *UPGRADE,
        TCM | about(an_assistants(category=Category.INTEGRATED)) | {"policy__upgrade__category_match": "CODE2"},
        {"same_category": (FAILED, "upgrade_other_category")},
    ),
    (
        *UPGRADE,
        TCM | about(an_assistants(category=Category.TCM)) | {"policy__upgrade__category_match": "CODE2"},
        {},
    ),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.2: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


def test_another_category_is_registered_instead():
    """§3.2: never silently converted; REG/LICENSED is named."""
    assert remedy(fine(*UPGRADE, **TCM), "same_category") == {"business": "REG", "sub_kind": "LICENSED"}


def test_no_page_of_an_upgrade_names_an_institution():
    """E34: the main institution stays; with another one it isn't offered, CHANGE comes first."""
    kind = kind_of(*UPGRADE)
    assert kind.confirming is Confirming.MAIN
    assert FieldKind.INSTITUTION not in {field.kind for step in kind.steps for field in step.fields}


@pytest.mark.parametrize(
    ("status", "level", "offered"),
    [
        (Status.ACTIVE, Level.ASSISTANT, True),
        (Status.SUSPENDED, Level.RURAL_ASSISTANT, True),
        (Status.LEFT_FILED, Level.ASSISTANT, False),
        (Status.SUPERSEDED, Level.ASSISTANT, False),
        (Status.ACTIVE, Level.LICENSED, False),
    ],
)
def test_an_assistants_registration_is_what_is_offered(status, level, offered):
    """医师执业注册管理办法 art.15: of what is offered, the rules judge."""
    assert kind_of(*UPGRADE).admits(a_held(status=status, level=level)) is offered


def test_the_new_one_stands_and_the_old_one_lapses_in_one_transaction():
    """E32, source page: SUPERSEDED and linked, its filings end; what isn't this registration's stays."""
    old = a_registration(level="2", practice_place="430102", qualification_id=ASSISTANTS)
    other = a_registration(id=OTHER, qualification_id=numbered(0xBA))
    filings = (
        a_filing(),
        a_filing(id=numbered(0x62), valid_from=DECIDED + timedelta(days=30)),
        a_filing(id=numbered(0x63), registration_id=OTHER),
        a_filing(id=numbered(0x64), valid_to=DECIDED - timedelta(days=1)),
    )
    changes = effect(*UPGRADE, subject=old, others=(other,), filings=filings)
    assert summary(changes) == {
        "turns": [(OWN, "SUPERSEDED", "superseded", None)],
        "openings": [("43", "1", OWN)],
        "endings": [
            (numbered(0x61), DECIDED, "registration_ended"),
            (numbered(0x62), DECIDED, "registration_ended"),
        ],
    }
    (opening,), (turn,) = changes.openings, changes.turns
    assert opening.qualification_id == QUALIFICATION
    assert opening.standing.institution_id == old.institution_id
    assert code_key(opening, "430102")[0] is Level.LICENSED
    assert turn.standing.decision_number == opening.standing.decision_number
    assert (turn.standing.practice_place, turn.reissued) == ("430102", False)


def test_a_village_doctors_place_widens_to_the_province():
    """§3.2, §5.1: the township limit was the rural assistant's, not the physician's."""
    old = a_registration(level="XC", practice_place="430102", qualification_id=ASSISTANTS)
    changes = effect(*UPGRADE, subject=old, institution=village_room())
    assert summary(changes)["openings"] == [("43", "1", OWN)]


def test_the_seniority_of_the_licensed_begins_with_the_decision():
    """§7: clock 1 stops, clock 2 starts on the day of the decision."""
    (opening,) = effect(*UPGRADE, subject=a_registration(level="2"), decided_on=date(2028, 2, 29)).openings
    code = PracticeCode(*code_key(opening, "430102"), serial=7)
    written = opening.written(OTHER, code, person_id=numbered(0xA1), on=date(2028, 2, 29))
    assert (written.started_on, written.standing_since, written.replaces) == (date(2028, 2, 29),) * 2 + (OWN,)


def test_a_suspended_assistant_has_to_wait_and_is_not_sent_elsewhere():
    """E48: an upgrade is no way around a suspension, nor is REG/LICENSED at the same institution."""
    suspended = an_assistants(status=Status.SUSPENDED, until=date(2026, 12, 31))
    found = fine("REG", "LICENSED", held=(suspended, elsewhere(status=Status.CANCELLED)))
    assert spoken(found)["assistant_stands"] == (FAILED, "upgrade_fits")
    assert remedy(fine(*UPGRADE, **about(suspended)), "registration_in_force") == {"after": "2026-12-31"}
