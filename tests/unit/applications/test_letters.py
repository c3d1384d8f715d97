"""Which event yields which document with which facts, and who may have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.applications.domain.application import Reason, noticed
from services.applications.domain.issued import (
    OPEN_GROUNDS,
    OPEN_REASONS,
    SENSITIVE_REASONS,
    WITHHELD,
    Audience,
    DocumentKind,
    is_for,
    issued,
)
from services.applications.domain.letters import REMEDIES, for_approval, for_refusal, for_step, for_submission
from services.review.workflow_files import Workflows
from shared.contracts.applications import DOCUMENT_KINDS
from shared.contracts.common import BUSINESS_TYPES
from shared.trade.statuses import ApplicationState as State
from shared.trade.statuses import BusinessType, CancellationGround
from tests.support.letters import (
    CHECK_CODE,
    DECIDED,
    PAPERS,
    POINTS,
    STEP,
    a_registration,
    an_applicants,
    document_of,
)
from tests.unit.applications.factories import TODAY, an_institution, numbered

SENSITIVE = Reason("criminal_penalty", "applicant", "判决书第3页")
OPEN = Reason("scope_outside_departments", "scope")


def kinds(letters):
    """Kind, serial and audience of each."""
    return [(letter.kind.value, letter.serial, letter.audience.value) for letter in letters]


def slips(before: State, after: State, *, notice: int = 0, had: int = 0, **step):
    """What a step yields."""
    told = replace(STEP, notice=notice, **step)
    return for_step(an_applicants(state=before, notice=had), an_applicants(state=after, notice=notice), told)


@pytest.mark.parametrize(
    ("before", "after", "notice", "had", "expected"),
    [
        (State.RECEIVED, State.ACCEPTED, 0, 0, [("acceptance", 1, "everybody")]),
        (State.SUPPLEMENT, State.ACCEPTED, 1, 1, [("acceptance", 1, "everybody")]),
        (State.PRE_REVIEW, State.ACCEPTED, 0, 0, []),
        (State.ACCEPTED, State.ACCEPTED, 0, 0, []),
        (State.RECEIVED, State.SUPPLEMENT, 1, 0, [("supplement", 1, "everybody")]),
        (State.RECEIVED, State.SUPPLEMENT, 2, 1, [("supplement", 2, "everybody")]),
        (State.SUPPLEMENT, State.SUPPLEMENT, 2, 1, [("supplement", 2, "everybody")]),
        (State.SUPPLEMENT, State.SUPPLEMENT, 1, 1, []),
        (State.RECEIVED, State.NOT_ACCEPTED, 0, 0, [("non_acceptance", 1, "everybody")]),
        (State.ORG_CONFIRMED, State.NOT_ACCEPTED, 0, 0, [("non_acceptance", 1, "everybody")]),
        *((State.ORG_REVIEW, state, 0, 0, []) for state in (State.ORG_RETURNED, State.ORG_REJECTED)),
        *((State.ACCEPTED, state, 0, 0, []) for state in (State.PRE_REVIEW, State.APPROVED, State.REFUSED)),
        *((State.RECEIVED, state, 0, 0, []) for state in (State.WITHDRAWN, State.TERMINATED)),
        (State.ORG_CONFIRMED, State.RECEIVED, 0, 0, []),
    ],
)
def test_a_step_yields_its_slip_once(before, after, notice, had, expected):
    """行政许可法 art.32: accepted, not accepted, supplement; each further notice has its own, nothing else has any."""
    assert kinds(slips(before, after, notice=notice, had=had)) == expected


def test_a_notice_in_the_same_state_is_seen_against_the_application_before_it():
    """`noticed` is how the handler counts; a repeated notice is no second letter."""
    before = an_applicants(state=State.SUPPLEMENT, notice=1)
    for notice, count in ((1, 0), (2, 1)):
        after = noticed(before, notice)
        assert len(for_step(before, after, replace(STEP, notice=notice))) == count


def test_an_acceptance_slip_tells_its_legal_day_and_the_last_day_of_the_decision():
    """医师法 art.13; the slip of a deemed acceptance counts from the receipt and is dated when it was made."""
    (slip,) = slips(
        State.RECEIVED,
        State.ACCEPTED,
        effective_on=date(2026, 11, 16),
        by_silence=True,
        act_until=date(2026, 12, 14),
    )
    assert (slip.issued_on, slip.facts.effective_on, slip.facts.act_until) == (
        TODAY,
        date(2026, 11, 16),
        date(2026, 12, 14),
    )
    assert slip.facts.by_silence
    assert (slip.facts.authority_name, slip.facts.window_address) == (STEP.authority_name, STEP.window_address)
    assert (slip.facts.name, slip.facts.institution_name) == ("沈若溪", "示例区人民医院")
    assert slip.facts.window_phone == "0000-12320"


def test_a_supplement_notice_has_all_points_and_no_remedy():
    """行政许可法 art.32(4): at once."""
    (notice,) = slips(State.RECEIVED, State.SUPPLEMENT, notice=1, reasons=POINTS, note="请一并提交")
    assert (notice.facts.reasons, notice.facts.note, notice.facts.remedies) == (POINTS, "请一并提交", ())


def test_who_is_not_competent_names_the_right_authority():
    """行政许可法 art.32(2), E31; a refusal to accept can be contested like any."""
    (slip,) = slips(
        State.RECEIVED,
        State.NOT_ACCEPTED,
        reasons=(Reason("wrong_authority", "institution"),),
        right_authority="示例市卫生健康委员会",
        right_address="示例大道8号",
    )
    assert (slip.facts.right_authority, slip.facts.right_address) == ("示例市卫生健康委员会", "示例大道8号")
    assert slip.facts.remedies == REMEDIES


def test_a_cover_sheet_lists_the_papers_of_its_submission():
    """[source]: papers go with the confirmed application; a submission after a return has a sheet of its own."""
    for submission in (1, 2):
        (sheet,) = for_submission(
            an_applicants() if submission == 1 else replace(an_applicants(), submission=2), PAPERS, on=TODAY
        )
        assert (sheet.kind, sheet.serial, sheet.facts.papers) == (DocumentKind.COVER_SHEET, submission, PAPERS)
    assert sheet.facts.window_address == "示例路1号"
    assert for_submission(an_applicants(), (), on=TODAY) == [], "a province that is fully online asks for none"


@pytest.mark.parametrize(
    ("reasons", "audiences"),
    [
        ((OPEN,), ["everybody"]),
        ((SENSITIVE,), ["applicant", "institution"]),
        ((OPEN, SENSITIVE), ["applicant", "institution"]),
        ((Reason("of_a_later_release"),), ["applicant", "institution"]),
    ],
)
def test_a_refusal_goes_to_both_and_tells_each_what_is_theirs(reasons, audiences):
    """医师法 art.16: applicant and institution; PIPL art.28: capacity, punishments, health are the person's."""
    decided = replace(DECIDED, reasons=reasons, note="见判决书", remedies=REMEDIES)
    letters = for_refusal(an_applicants(state=State.REFUSED), decided)
    assert kinds(letters) == [("refusal", 1, audience) for audience in audiences]
    assert (letters[0].facts.reasons, letters[0].facts.note) == (reasons, "见判决书")
    assert letters[0].facts.remedies == REMEDIES
    if len(letters) == 2:
        copy = letters[1].facts
        assert (copy.note, copy.remedies, WITHHELD in copy.reasons) == ("", (), True)
        assert SENSITIVE not in copy.reasons
        assert set(copy.reasons) - {WITHHELD} <= {OPEN}


def test_every_reason_of_every_workflow_is_known_to_be_open_or_sensitive():
    """What stands in neither list is withheld from the institution: safe, but it has to be meant."""
    for name in BUSINESS_TYPES:
        reasons = set(Workflows.load().current(name).workflow.reasons)
        assert reasons - OPEN_REASONS - SENSITIVE_REASONS == set(), name
    assert not OPEN_REASONS & SENSITIVE_REASONS
    grounds = {ground.value for ground in CancellationGround}
    assert {""} | grounds == OPEN_GROUNDS | {CancellationGround.CRIMINAL_PENALTY, CancellationGround.HEALTH}


@pytest.mark.parametrize(
    ("kind", "sub_kind", "expected"),
    [
        *((kind, "", ["approval"]) for kind in ("REG", "UPGRADE", "MIL_IN", "CHANGE")),
        ("MIL_OUT", "", ["approval", "change_out_certificate"]),
        ("CANCEL", "VOLUNTARY", ["cancellation"]),
        ("PLACE_DEL", "", ["cancellation"]),
        ("MULTI_ADD", "", ["filing_receipt"]),
        ("MULTI_DEL", "", ["filing_end_receipt"]),
    ],
)
def test_an_approval_yields_the_documents_of_its_kind(kind, sub_kind, expected):
    """`domain.md` §3.1–3.9, rows `documents`; a filing is no permission and gets a receipt."""
    letters = for_approval(
        an_applicants(type=kind, sub_kind=sub_kind), DECIDED, a_registration(), check_code=CHECK_CODE
    )
    assert [letter.kind.value for letter in letters] == expected
    for letter in letters:
        assert (letter.issued_on, letter.facts.authority_name) == (DECIDED.decided_on, DECIDED.authority_name)
        assert letter.facts.stated is not None
        assert letter.facts.stated.practice_code == "110430102000123"
        assert letter.facts.remedies == ()


def test_every_kind_of_business_has_a_document():
    for kind in BusinessType:
        assert for_approval(an_applicants(type=kind.value, sub_kind=""), DECIDED), kind


@pytest.mark.parametrize(
    ("sub_kind", "ground", "audiences"),
    [
        ("BY_REPORT", "X6", ["everybody"]),
        ("EX_OFFICIO", "X2", ["applicant", "institution"]),
        ("EX_OFFICIO", "X7", ["applicant", "institution"]),
        ("PROPOSED", "X12", ["everybody"]),
    ],
)
def test_who_did_not_ask_for_a_cancellation_is_told_the_ground_and_the_remedies(sub_kind, ground, audiences):
    """医师法 art.17, 行政许可法 art.38; a penalty or the health is not the institution's to know."""
    application = an_applicants(type="CANCEL", sub_kind=sub_kind, form={"report": {"ground": ground}})
    letters = for_approval(application, DECIDED, a_registration())
    assert [letter.audience.value for letter in letters] == audiences
    assert (letters[0].facts.ground, letters[0].facts.remedies) == (ground, REMEDIES)
    if len(letters) == 2:
        assert (letters[1].facts.ground, letters[1].facts.remedies) == ("withheld", ())


def test_a_filing_receipt_has_its_scopes_and_dates():
    """§3.7: valid from, valid to, of the further institution."""
    clinic = an_institution(name="示例社区卫生服务中心")
    form = {"filing": {"valid_from": "2027-01-01", "valid_to": "2028-12-31"}, "scope": {"scopes": ["C11"]}}
    (receipt,) = for_approval(an_applicants(type="MULTI_ADD", sub_kind="", form=form, institution=clinic), DECIDED)
    facts = receipt.facts
    assert (facts.valid_from, facts.valid_to) == (date(2027, 1, 1), date(2028, 12, 31))
    assert (facts.filed_scopes, facts.institution_name) == (("C11",), "示例社区卫生服务中心")


@pytest.mark.parametrize(
    ("form", "ends_on"), [({"ending": {"ends_on": "2026-12-31"}}, date(2026, 12, 31)), ({}, DECIDED.decided_on)]
)
def test_a_filing_that_ends_tells_the_day(form, ends_on):
    """§3.8: the day that was asked for, else that of the decision."""
    (receipt,) = for_approval(an_applicants(type="MULTI_DEL", sub_kind="", form=form), DECIDED)
    assert receipt.facts.ends_on == ends_on


def test_a_decision_bears_its_own_number_and_all_else_one_of_its_application():
    application = an_applicants()
    (approval,) = for_approval(application, DECIDED, a_registration())
    (slip,) = slips(State.RECEIVED, State.ACCEPTED)
    assert issued(approval, application, document_id=numbered(1), position=3).number == DECIDED.number
    made = issued(slip, application, document_id=numbered(1), position=2)
    assert made.number == "ZC20261123-0001-02"
    assert (made.application_id, made.person_id, made.province) == (application.id, application.person_id, "43")


@pytest.mark.parametrize(
    ("audience", "to_institution", "to_others"),
    [(Audience.EVERYBODY, True, True), (Audience.APPLICANT, False, True), (Audience.INSTITUTION, True, False)],
)
def test_each_side_sees_its_own_copy(audience, to_institution, to_others):
    """The authority sees what the applicant sees."""
    (slip,) = slips(State.RECEIVED, State.ACCEPTED)
    document = document_of(replace(slip, audience=audience))
    assert is_for(document, institution=True) is to_institution
    assert is_for(document, institution=False) is to_others


def test_the_contract_names_every_kind():
    assert set(DOCUMENT_KINDS) == {kind.value for kind in DocumentKind}
