"""What an approved 注册 REG does to the register (`domain.md` §3.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications.domain.business import kind_of
from services.applications.domain.effect import code_key
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround as Ground
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import QUALIFICATION, a_qualification, numbered
from tests.unit.applications.kinds.factories import (
    ASSISTANTS,
    DECIDED,
    OTHER,
    OWN,
    a_filing,
    a_registration,
    across,
    applicant,
    approved,
    effect,
    fine,
    summary,
)

FIRST, RE, ADD_PLACE, LICENSED = ("REG", "FIRST"), ("REG", "RE"), ("REG", "ADD_PLACE"), ("REG", "LICENSED")


@pytest.mark.parametrize(
    ("level", "place"), [(Level.LICENSED, "43"), (Level.ASSISTANT, "430102"), (Level.RURAL_ASSISTANT, "430102")]
)
def test_a_first_registration_opens_one_and_touches_nothing_else(level, place):
    """医师执业注册管理办法 art.7: the province of a physician, the county of an assistant."""
    changes = effect(*FIRST, qualification=a_qualification(level=level), others=(a_registration(id=OTHER),))
    assert summary(changes) == {"turns": [], "openings": [(place, level.value, None)], "endings": []}
    assert (changes.filings, changes.bars) == ((), ())
    opened = changes.openings[0].standing
    assert (opened.status, opened.scopes, opened.institution_name) == (Status.ACTIVE, ("C01",), "示例区人民医院")
    assert (opened.decision_number, opened.application_id) == ("示卫医许〔2026〕9号", numbered(0xD1))
    assert (opened.ground, opened.until) == (None, None)


def test_the_code_is_counted_for_the_deciding_authority():
    """§4.3: level, category, division of the registering authority; the qualification's region has no part in it."""
    opening = effect(*ADD_PLACE, subject=a_registration(), institution=across()).openings[0]
    assert code_key(opening, "440106") == (Level.LICENSED, Category.CLINICAL, "440106")
    assert opening.province == "44"


@pytest.mark.parametrize(
    ("since", "ground"),
    [
        (date(2024, 12, 5), Ground.LEFT_TWO_YEARS),
        (date(2024, 12, 6), Ground.OWN_WISH),
    ],
)
def test_what_was_left_is_cancelled_when_it_is_registered_anew_by_a_true_ground(since, ground):
    """医师执业注册管理办法 art.19: X12 only after two years; before, on the wish of who asks (X10)."""
    left = a_registration(status=Status.LEFT_FILED, standing_since=since)
    changes = effect(*RE, others=(left,))
    assert summary(changes)["turns"] == [(OWN, "CANCELLED", "cancelled", ground)]
    assert len(changes.openings) == 1


@pytest.mark.parametrize(
    "other",
    [
        a_registration(status=Status.CANCELLED, ground=Ground.OWN_WISH),
        a_registration(status=Status.MOVED_OUT, replaced_by=OTHER),
        a_registration(status=Status.LEFT_FILED, qualification_id=ASSISTANTS),
        a_registration(status=Status.ACTIVE, qualification_id=ASSISTANTS),
    ],
)
def test_nothing_else_is_cancelled_when_one_is_registered_anew(other):
    """§3.13: what is over stays as it ended; another qualification's registration is another matter."""
    assert effect(*RE, others=(other,)).turns == ()


def test_a_second_place_with_the_same_scope_stands_beside_the_first():
    """医师执业注册管理办法 art.17: the first place, and what is filed on it, are untouched."""
    changes = effect(*ADD_PLACE, subject=a_registration(), filings=(a_filing(),), institution=across())
    assert summary(changes) == {"turns": [], "openings": [("44", "1", None)], "endings": []}


def test_the_order_of_the_scopes_makes_no_other_scope():
    """P15: identical is what names the same ones."""
    subject = a_registration(scopes=("C01", "C02"))
    form = {"scope": {"scopes": ["C02", "C01"]}}
    assert effect(*ADD_PLACE, subject=subject, institution=across(), form=form).turns == ()


def test_a_second_place_with_another_scope_ends_the_first_with_what_is_filed_on_it():
    """E41, P15: as was confirmed; a filing that is over already isn't ended again."""
    gone = a_filing(id=numbered(0x62), valid_from=date(2025, 1, 1), valid_to=DECIDED - timedelta(days=1))
    last_day = a_filing(id=numbered(0x63), valid_from=date(2025, 1, 1), valid_to=DECIDED)
    foreign = a_filing(id=numbered(0x64), registration_id=OTHER)
    changes = effect(
        *ADD_PLACE,
        subject=a_registration(),
        others=(a_registration(id=OTHER, practice_place="11", province="11"),),
        filings=(a_filing(), gone, last_day, foreign),
        institution=across(),
        form={"scope": {"scopes": ["C02"]}},
    )
    assert summary(changes) == {
        "turns": [(OWN, "CANCELLED", "cancelled", Ground.OWN_WISH)],
        "openings": [("44", "1", None)],
        "endings": [
            (numbered(0x61), DECIDED, "registration_ended"),
            (numbered(0x63), DECIDED, "registration_ended"),
        ],
    }


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.SUSPENDED])
def test_who_becomes_licensed_is_no_assistant_any_more(status):
    """§3.2: REG/LICENSED plus the cancellation of the assistant's registration, in one transaction."""
    assistant = a_registration(id=OTHER, level="2", practice_place="430102", status=status, qualification_id=ASSISTANTS)
    left = replace(assistant, id=numbered(0x53), standing=replace(assistant.standing, status=Status.LEFT_FILED))
    filing = a_filing(registration_id=OTHER)
    changes = effect(*LICENSED, others=(assistant, left), filings=(filing,))
    assert summary(changes) == {
        "turns": [(OTHER, "CANCELLED", "cancelled", Ground.OWN_WISH)],
        "openings": [("43", "1", None)],
        "endings": [(numbered(0x61), DECIDED, "registration_ended")],
    }


def test_an_approval_without_an_institution_is_a_fault_and_no_registration():
    """The rules ask for one first; what comes through all the same is never written."""
    approval = approved(*FIRST)
    with pytest.raises(ValueError, match="without an institution"):
        kind_of(*FIRST).effect(replace(approval, application=replace(approval.application, institution=None)))


def test_the_fine_facts_hold_the_applicants_own_qualification():
    """The builder itself: a certificate is entered where the neighbouring province waits for it (E25)."""
    assert applicant().paper_certificates == frozenset()
    assert fine(*ADD_PLACE).applicant.paper_certificates == {QUALIFICATION}
