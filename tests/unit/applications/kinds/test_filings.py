"""多执业机构备案 MULTI_ADD and 取消备案 MULTI_DEL (`domain.md` §3.7, §3.8): a further institution, and its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.business import kind_of
from services.applications.domain.filing import EndReason
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus as Status
from tests.unit.applications.factories import INSTITUTION, TODAY, a_qualification, an_institution, numbered
from tests.unit.applications.kinds.factories import (
    DECIDED,
    FAILED,
    OWN,
    PROOF,
    a_filing,
    a_held,
    a_registration,
    about,
    across,
    an_assistants,
    answered,
    assistants_qualification,
    effect,
    filed,
    fine,
    neighbour,
    of_another_county,
    of_the_city,
    of_the_province,
    over,
    remedy,
    said,
    spoken,
    summary,
    village_room,
)

ADD, DEL = ("MULTI_ADD", ""), ("MULTI_DEL", "")
ASSISTANT = {"qualification": assistants_qualification(), **about(an_assistants())}
VILLAGE_DOCTOR = {
    "qualification": assistants_qualification(level=Level.RURAL_ASSISTANT),
    **about(an_assistants(level=Level.RURAL_ASSISTANT, scopes=("C11",))),
    **answered(*ADD, scopes=("C11",)),
}
START, END = date(2026, 12, 1), date(2027, 11, 30)
TOO_MANY = {"filing_count": (FAILED, "too_many_filings")}
AT_ANOTHER = {"filing_id": numbered(0x62), "institution_id": numbered(0xC9)}


def term(start: date | None, end: date | None) -> dict[str, object]:
    """The days of the form."""
    return answered(*ADD, valid_from=start, valid_to=end)


CONDITIONS = [
    # 医师执业注册管理办法 art.10: on a registration in force
    (
        *ADD,
        about(a_held(status=Status.SUSPENDED)),
        {"registration_in_force": (FAILED, "registration_suspended")},
    ),
    (*ADD, about(over(Status.LEFT_FILED, TODAY)), {"registration_in_force": (FAILED, "registration_left")}),
    # art.10, 17: the province of a physician (E40), the county of an assistant (E39)
    (*ADD, {"institution": of_another_county()}, {}),
    (*ADD, {"institution": of_the_province()}, {}),
    (*ADD, {"institution": across()}, {"inside_practice_place": (FAILED, "outside_province")}),
    (*ADD, ASSISTANT, {}),
    (*ADD, ASSISTANT | {"institution": of_the_city()}, {}),
    (
        *ADD,
        ASSISTANT | {"institution": of_another_county()},
        {"inside_practice_place": (FAILED, "outside_county")},
    ),
    (
        *ADD,
        ASSISTANT | {"institution": of_the_province()},
        {"inside_practice_place": (FAILED, "institution_above_county")},
    ),
    # §5.1: a rural assistant files at township centres and village rooms only (E37)
    (*ADD, VILLAGE_DOCTOR | {"institution": village_room()}, {}),
    (*ADD, VILLAGE_DOCTOR, {"qualification_area": (FAILED, "township_or_village_only")}),
    (
        *ADD,
        {"qualification": a_qualification(area="INSTITUTION_TYPE:township_village")},
        {"qualification_area": (FAILED, "township_or_village_only")},
    ),
    # art.10: neither the main institution, nor one that is filed for those days
    (*ADD, {"institution": an_institution()}, {"not_filed_yet": (FAILED, "is_main_institution")}),
    (*ADD, {"filings": (filed(),)}, {"not_filed_yet": (FAILED, "filed_already")}),
    (*ADD, {"filings": (filed(valid_to=START),)}, {"not_filed_yet": (FAILED, "filed_already")}),
    (*ADD, {"filings": (filed(valid_to=START - timedelta(days=1)),)}, {}),
    (
        *ADD,
        {"filings": (filed(valid_from=END, valid_to=END),)},
        {"not_filed_yet": (FAILED, "filed_already")},
    ),
    (
        *ADD,
        {"filings": (filed(valid_from=END + timedelta(days=1), valid_to=END + timedelta(days=9)),)},
        {},
    ),
    (*ADD, {"filings": (filed(institution_id=numbered(0xC9)),)}, {}),
    # §3.7; E69: no wider than what is registered
    (*ADD, answered(*ADD, scopes=("C01", "C02")), {"filing_scope": (FAILED, "filing_scope_wider")}),
    (*ADD, about(a_held(scopes=("C01", "C02"))), {}),
    # P15: an end, after its start (E69), not over already, within the longest term
    (*ADD, term(None, END), {"filing_term": (PROOF, "filing_term_missing")}),
    (*ADD, term(START, None), {"filing_term": (PROOF, "filing_term_missing")}),
    (*ADD, term(START, START), {}),
    (*ADD, term(START, START - timedelta(days=1)), {"filing_term": (FAILED, "filing_ends_before_start")}),
    (*ADD, term(date(2026, 11, 1), TODAY), {}),
    (*ADD, term(date(2026, 11, 1), TODAY - timedelta(days=1)), {"filing_term": (FAILED, "filing_over_already")}),
    (*ADD, term(START, date(2029, 11, 30)), {}),
    (*ADD, term(START, date(2029, 12, 1)), {"filing_term": (FAILED, "filing_too_long")}),
    (
        *ADD,
        term(START, date(2027, 12, 1)) | {"policy__multi__max_term_months": 12},
        {"filing_term": (FAILED, "filing_too_long")},
    ),
    # P27: one of an assistant, as many as the province allows of a physician, at one time
    (*ADD, ASSISTANT | {"filings": (filed(**AT_ANOTHER),)}, TOO_MANY),
    (*ADD, ASSISTANT | {"filings": (filed(**AT_ANOTHER, valid_to=START),)}, TOO_MANY),
    (*ADD, ASSISTANT | {"filings": (filed(**AT_ANOTHER, valid_to=START - timedelta(days=1)),)}, {}),
    (*ADD, {"filings": (filed(**AT_ANOTHER),), "policy__multi__max_filings": 1}, TOO_MANY),
    (*ADD, {"filings": (filed(**AT_ANOTHER),), "policy__multi__max_filings": 2}, {}),
    # 省级多机构备案规定 (P24): whose main institution is one of these may not file
    (
        *ADD,
        {"releasing": village_room(), "policy__multi__exclude_categories": ["village_room"]},
        {"main_may_share": (FAILED, "main_institution_excluded")},
    ),
    (
        *ADD,
        {"releasing": village_room(category="04"), "policy__multi__exclude_categories": ["township"]},
        {"main_may_share": (FAILED, "main_institution_excluded")},
    ),
    (
        *ADD,
        {"releasing": an_institution(category="07"), "policy__multi__exclude_categories": ["clinic"]},
        {"main_may_share": (FAILED, "main_institution_excluded")},
    ),
    (
        *ADD,
        {"releasing": village_room(), "policy__multi__exclude_categories": ["township", "clinic"]},
        {},
    ),
    # §3.8: a filing that holds, on a day within its term
    (
        *DEL,
        {"filing": None},
        {
            "filing_holds": (FAILED, "filing_ended_already"),
            "filing_end": (PROOF, "filing_end_missing"),
        },
    ),
    (*DEL, answered(*DEL, ends_on=None), {"filing_end": (PROOF, "filing_end_missing")}),
    (*DEL, answered(*DEL, ends_on=filed().valid_from), {}),
    (*DEL, answered(*DEL, ends_on=filed().valid_to), {}),
    (
        *DEL,
        answered(*DEL, ends_on=filed().valid_from - timedelta(days=1)),
        {"filing_end": (FAILED, "filing_end_outside")},
    ),
    (
        *DEL,
        answered(*DEL, ends_on=filed().valid_to + timedelta(days=1)),
        {"filing_end": (FAILED, "filing_end_outside")},
    ),
]


@pytest.mark.parametrize(("name", "sub_kind", "changed", "expected"), CONDITIONS)
def test_exactly_the_condition_that_is_not_met_speaks(name, sub_kind, changed, expected):
    """§3.7, §3.8: all run; what one fact changes, one condition tells."""
    assert spoken(fine(name, sub_kind, **changed)) == expected


def test_who_is_outside_of_the_place_is_told_what_to_do():
    """E39, E40: a change for the assistant, a second place for the physician."""
    away = fine(*ADD, **(ASSISTANT | {"institution": of_another_county()}))
    assert remedy(away, "inside_practice_place") == {"business": "CHANGE"}
    assert remedy(fine(*ADD, institution=across()), "inside_practice_place") == {
        "business": "REG",
        "sub_kind": "ADD_PLACE",
    }


@given(
    terms=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6),
    start=st.integers(0, 40),
    length=st.integers(0, 20),
    most=st.integers(1, 4),
)
def test_a_filing_is_refused_exactly_if_some_day_would_hold_too_many(terms, start, length, most):
    """`multi.max_filings`: at one time, counted day by day."""
    first = TODAY + timedelta(days=start)
    last = first + timedelta(days=length)
    others = tuple(
        filed(
            filing_id=numbered(0x70 + position),
            institution_id=numbered(0xF0 + position),
            valid_from=TODAY + timedelta(days=begin),
            valid_to=TODAY + timedelta(days=begin + days),
        )
        for position, (begin, days) in enumerate(terms)
    )
    each_day = [first + timedelta(days=offset) for offset in range(length + 1)]
    busiest = max(sum(one.valid_from <= day <= one.valid_to for one in others) for day in each_day)
    found = fine(*ADD, filings=others, **term(first, last), policy__multi__max_filings=most)
    assert (said(found, "filing_count")[0] is FAILED) == (busiest >= most)


# --- effects ---------------------------------------------------------------------------------------------------------

FORM = {"term": {"valid_from": "2026-12-01", "valid_to": "2027-11-30", "scopes": ["C01"]}}


@pytest.mark.parametrize(
    ("decided_on", "valid_from"),
    [(date(2026, 11, 25), date(2026, 12, 1)), (date(2026, 12, 1), date(2026, 12, 1)), (DECIDED, DECIDED)],
)
def test_a_filing_holds_for_its_days_and_never_before_it_was_filed(decided_on, valid_from):
    """§3.7: the registration is untouched, and there is no certificate for it."""
    changes = effect(*ADD, subject=a_registration(), institution=of_the_city(), form=FORM, decided_on=decided_on)
    assert (changes.turns, changes.openings, changes.endings, changes.bars) == ((), (), (), ())
    (filing,) = changes.filings
    written = filing.written(numbered(0x69))
    assert (written.valid_from, written.valid_to, written.scopes) == (valid_from, date(2027, 11, 30), ("C01",))
    assert (written.registration_id, written.institution_name) == (OWN, "示例市中心医院")
    assert (written.authority_path, written.province) == ("43/4301", "43")
    assert not written.holds_on(valid_from - timedelta(days=1))
    assert written.holds_on(valid_from)
    assert written.holds_on(date(2027, 11, 30))
    assert not written.holds_on(date(2027, 12, 1))


@pytest.mark.parametrize(
    ("wanted", "over_from"),
    [
        # the last day named still holds; what is decided after it ends at once
        (date(2027, 3, 31), date(2027, 4, 1)),
        (DECIDED, DECIDED + timedelta(days=1)),
        (DECIDED - timedelta(days=1), DECIDED),
        (date(2026, 11, 30), DECIDED),
        (date(2027, 5, 31), date(2027, 6, 1)),
    ],
)
def test_a_filing_ends_after_its_named_last_day_and_not_before_the_decision(wanted, over_from):
    """§3.8: the main registration, and what else is filed, are untouched."""
    filings = (a_filing(), a_filing(id=numbered(0x62)))
    form = {"ending_day": {"ends_on": wanted.isoformat()}}
    changes = effect(*DEL, subject=a_registration(), filings=filings, form=form, filing_id=numbered(0x61))
    assert summary(changes) == {
        "turns": [],
        "openings": [],
        "endings": [(numbered(0x61), over_from, "withdrawn")],
    }
    (ending,) = changes.endings
    over_then = replace(ending.filing, ended_on=ending.on, end_reason=ending.reason)
    assert over_then.end_reason is EndReason.WITHDRAWN
    assert over_then.holds_until == over_from
    assert over_then.holds_on(over_from - timedelta(days=1))
    assert not over_then.holds_on(over_from)


def test_what_was_ended_early_is_over_for_the_rules_on_the_day_after():
    """§3.8: the institution may be filed anew from then on, and the end can't be put off again."""
    ending_soon = a_filing(ended_on=date(2027, 4, 1), end_reason=EndReason.WITHDRAWN)
    fact = ending_soon.fact
    assert fact.valid_to == date(2027, 3, 31)
    again = fine(*ADD, filings=(fact,), **term(date(2027, 4, 1), date(2027, 12, 31)))
    assert spoken(again) == {}
    later = fine(*DEL, filing=fact, filings=(fact,), **answered(*DEL, ends_on=date(2027, 4, 1)))
    assert spoken(later) == {"filing_end": (FAILED, "filing_end_outside")}


def test_a_filing_that_is_gone_is_a_fault_and_ends_nothing_else():
    """The rules say so before (`filing_ended_already`)."""
    form = {"ending_day": {"ends_on": "2026-12-31"}}
    with pytest.raises(ValueError, match="ended already"):
        effect(*DEL, subject=a_registration(), filings=(a_filing(),), form=form, filing_id=numbered(0x6F))


def test_both_sides_may_end_a_filing_and_only_the_physician_begins_one():
    """§3.8: P or further Org; §3.7: P."""
    assert kind_of(*DEL).starters == ("physician", "institution")
    assert kind_of(*ADD).starters == ("physician",)
    assert fine(*ADD).subject is not None
    assert fine(*ADD).subject.institution_id == INSTITUTION
    assert neighbour().id != INSTITUTION


def test_a_filing_that_ended_before_it_began_is_not_open_until_its_first_day():
    """§3.7: with the registration ends what was filed for later; it counts for nothing any more."""
    planned = a_filing(valid_from=DECIDED + timedelta(days=30))
    assert planned.is_open_on(DECIDED)
    over_before = replace(planned, ended_on=DECIDED, end_reason=EndReason.REGISTRATION_ENDED)
    assert not over_before.is_open_on(DECIDED)
    assert not over_before.holds_on(planned.valid_from)
    assert effect(
        *DEL,
        subject=a_registration(),
        filings=(planned,),
        form={"ending_day": {"ends_on": "2027-01-10"}},
        filing_id=planned.id,
    ).endings[0].on == date(2027, 1, 11)
