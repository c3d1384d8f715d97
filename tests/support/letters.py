"""One document of each kind, as its event would issue it: invented examples with the handbook's persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.applications.domain.application import Reason
from services.applications.domain.issued import Audience, IssuedDocument, Letter, issued
from services.applications.domain.letters import (
    REMEDIES,
    Decided,
    Step,
    for_approval,
    for_refusal,
    for_step,
    for_submission,
)
from services.applications.domain.register import Registration
from shared.trade.statuses import ApplicationState as State
from tests.unit.applications.factories import (
    PERSON,
    QUALIFICATION,
    TODAY,
    a_standing,
    an_application,
    an_institution,
    numbered,
)

AUTHORITY = "示例区卫生健康局"
CHECK_CODE = "7K3D-92QF-XM4T"
DECIDED = Decided("430102-REG-2026-000123", date(2026, 12, 11), AUTHORITY)
STEP = Step(
    told_on=TODAY,
    effective_on=TODAY,
    authority_name=AUTHORITY,
    window_address="示例路1号政务服务中心3号窗口",
    reasons=(),
    note="",
)
POINTS = (
    Reason("employment_proof_missing_seal", "employment_proof"),
    Reason("photo_unfit", "photo", "背景应为白色"),
    Reason("document_expired", "health_check"),
)
PAPERS = ("application_form", "photo", "employment_proof", "id_copy", "qualification_certificate")


def an_applicants(**changed):
    """An application that was submitted."""
    return an_application(submission=1, **changed)


def a_registration(**standing):
    """The registration that a decision opened or changed."""
    return Registration(
        id=numbered(0xF1),
        version=1,
        person_id=PERSON,
        qualification_id=QUALIFICATION,
        practice_code="110430102000123",
        level="1",
        province="43",
        started_on=DECIDED.decided_on,
        standing=a_standing(**standing),
        standing_since=DECIDED.decided_on,
    )


def document_of(letter: Letter, *, position: int = 1, **application) -> IssuedDocument:
    """The letter as it was issued."""
    dated = replace(letter, facts=replace(letter.facts, submitted_on=date(2026, 11, 20)))
    return issued(dated, an_applicants(**application), document_id=numbered(0xA0 + position), position=position)


def step_letter(state: State, before: State = State.RECEIVED, **changed) -> Letter:
    """The slip of a step to a state."""
    (letter,) = for_step(an_applicants(state=before), an_applicants(state=state), replace(STEP, **changed))
    return letter


def examples() -> dict[str, IssuedDocument]:
    """Every kind once, the notable variants too, by the name of its picture."""
    deciding = an_applicants(state=State.ACCEPTED)
    clinic = an_institution(name="示例社区卫生服务中心")
    filing = {
        "type": "MULTI_ADD",
        "sub_kind": "",
        "institution": clinic,
        "number": "BA20261123-0007",
        "form": {"filing": {"valid_from": "2027-01-01", "valid_to": "2028-12-31"}, "scope": {"scopes": ["C11"]}},
    }
    ending = filing | {"type": "MULTI_DEL", "number": "QB20261123-0002", "form": {"ending": {"ends_on": "2026-12-31"}}}
    military = {"type": "MIL_OUT", "sub_kind": "", "number": "JC20261123-0001"}
    cancelled = {
        "type": "CANCEL",
        "sub_kind": "BY_REPORT",
        "number": "ZX20261123-0004",
        "form": {"report": {"ground": "X6"}},
    }
    refused = replace(
        DECIDED,
        number="430102-REG-2026-000124",
        reasons=(Reason("criminal_penalty", "applicant"), Reason("scope_outside_departments", "scope")),
        note="刑罚执行完毕之日为2025年6月30日",
        remedies=REMEDIES,
    )
    refusals = {letter.audience: letter for letter in for_refusal(deciding, refused)}
    (cover,) = for_submission(deciding, PAPERS, on=TODAY)
    (approval,) = for_approval(deciding, DECIDED, a_registration(), check_code=CHECK_CODE)
    (receipt,) = for_approval(an_applicants(**filing), DECIDED, a_registration())
    (end,) = for_approval(an_applicants(**ending), DECIDED, a_registration())
    _, change_out = for_approval(an_applicants(**military), DECIDED, a_registration())
    (cancellation,) = for_approval(
        an_applicants(**cancelled), replace(DECIDED, number="430102-CANCEL-2026-000031"), a_registration()
    )
    not_accepted = step_letter(
        State.NOT_ACCEPTED,
        reasons=(Reason("wrong_authority", "institution"),),
        right_authority="示例市卫生健康委员会",
        right_address="示例大道8号政务服务中心",
    )
    return {
        "cover-sheet": document_of(cover),
        "acceptance": document_of(step_letter(State.ACCEPTED, act_until=date(2026, 12, 21)), position=2),
        "acceptance-by-silence": document_of(
            step_letter(State.ACCEPTED, by_silence=True, effective_on=date(2026, 11, 16)), position=2
        ),
        "supplement": document_of(step_letter(State.SUPPLEMENT, reasons=POINTS, note="请一并提交"), position=2),
        "non-acceptance": document_of(not_accepted, position=2),
        "approval": document_of(approval, position=3),
        "cancellation": document_of(cancellation, position=3, **cancelled),
        "refusal": document_of(refusals[Audience.APPLICANT], position=3),
        "refusal-for-institution": document_of(refusals[Audience.INSTITUTION], position=4),
        "filing-receipt": document_of(receipt, position=3, **filing),
        "filing-end-receipt": document_of(end, position=3, **ending),
        "change-out-certificate": document_of(change_out, position=4, **military),
    }
