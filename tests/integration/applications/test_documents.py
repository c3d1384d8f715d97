"""The documents of an application through the running service: issued with the event, made by a child, handed out."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader

from services.applications.domain.issued import DocumentKind
from shared.contracts import applications as contracts
from shared.platform.crypto import transport_box
from shared.platform.files import open_grant
from shared.platform.ids import new_id
from tests.integration.applications.running import AUTHORITY_ID, TOWNSHIP, Person, Running
from tests.integration.applications.test_running_service import ID_NUMBER, clerk, staff
from tests.support.processes import eventually

pytestmark = [pytest.mark.broker, pytest.mark.slow]

REMEDIES = ["administrative_review", "administrative_suit"]
PENALTY = {"code": "criminal_penalty", "target": "applicant", "note": ""}
SCOPE = {"code": "scope_outside_departments", "target": "scope", "note": ""}


def officer() -> Any:
    """The deciding authority."""
    return staff("officer", organisation=AUTHORITY_ID)


def listed(running: Running, person: Person, actor: Any = None) -> list[tuple[str, int]]:
    """Kind and serial of every document that the actor may have."""
    answer = running.call(contracts.DOCUMENTS, actor or person.actor, id=person.application["id"])
    assert answer.code is None, answer
    return [(item["kind"], item["serial"]) for item in answer.result["items"]]


def text_of(running: Running, person: Person, kind: str, actor: Any = None, serial: int | None = None) -> str:
    """What is printed on a document, once it is there."""
    command = {"id": person.application["id"], "kind": kind, "serial": serial}
    caller = actor or person.actor
    grant = eventually(lambda: running.call(contracts.DOCUMENT, caller, **command).result["grant"], 30)
    granted = open_grant(grant["reference"], running.deployment, transport_box())
    assert granted.media_type == "application/pdf"
    content = b"".join(granted.pieces)
    assert len(PdfFileReader(BytesIO(content)).embedded_signatures) == 1
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert ID_NUMBER not in text
    return text.replace("\n", "").replace(" ", "")


def test_an_application_is_answered_with_its_documents_on_its_way(running: Running):
    """Cover sheet at the submission, slip at the acceptance, letter once the register has it (`domain.md` §3.1)."""
    person = running.person(name="阿依古丽·买买提").submitted()
    assert listed(running, person) == [("cover_sheet", 1)]
    sheet = text_of(running, person, "cover_sheet")
    assert "申请表" in sheet
    assert person.application["number"] in sheet
    person.advance("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED", "ACCEPTED")
    assert listed(running, person) == [("cover_sheet", 1), ("acceptance", 1)]
    person.advance("PRE_REVIEW", "ACCEPTED")
    assert listed(running, person) == [("cover_sheet", 1), ("acceptance", 1)], "a tier's look is no second acceptance"
    person.decide(number="430102-REG-2026-000777")
    person.wait_for("CERT_ISSUED")
    assert listed(running, person) == [("cover_sheet", 1), ("acceptance", 1), ("approval", 1)]
    letter = text_of(running, person, "approval")
    certificate = person.call(contracts.CERTIFICATES).result["items"][0]
    for printed in ("准予医师执业注册决定书", "430102-REG-2026-000777", "阿依古丽·买买提", certificate["check_code"]):
        assert printed in letter


def test_each_notice_has_its_own_letter_and_the_newest_is_given(running: Running):
    """行政许可法 art.32(4); an older one stays on record under its serial."""
    person = running.person().submitted()
    person.advance("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED")
    seal = {"code": "employment_proof_missing_seal", "target": "employment_proof", "note": ""}
    person.advance("SUPPLEMENT", reasons=[seal], notice=1)
    person.advance("SUPPLEMENT", reasons=[seal], notice=1)
    person.advance("RECEIVED")
    person.advance("SUPPLEMENT", reasons=[{"code": "photo_unfit", "target": "photo", "note": ""}], notice=2)
    assert listed(running, person) == [("cover_sheet", 1), ("supplement", 1), ("supplement", 2)]
    assert "证件照：不符合证件照要求" in text_of(running, person, "supplement")
    assert "聘用证明：缺少机构公章" in text_of(running, person, "supplement", serial=1)


def test_who_is_not_competent_names_the_right_authority_on_paper(running: Running):
    """行政许可法 art.32(2), E31."""
    person = running.person().submitted()
    person.advance("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED")
    right = {
        "id": new_id(),
        "name": "示例市卫生健康委员会",
        "tier": "city",
        "division": "4301",
        "window_address": "示例大道8号",
    }
    person.advance(
        "NOT_ACCEPTED",
        reasons=[{"code": "wrong_authority", "target": "institution", "note": ""}],
        right_authority=right | {"window_address": "示例大道8号"},
    )
    text = text_of(running, person, "non_acceptance")
    assert "示例市卫生健康委员会，示例大道8号" in text
    assert "六十日" in text


def test_silence_is_dated_from_the_receipt(running: Running):
    """行政许可法 art.32(4): 逾期不告知的，自收到申请材料之日起即为受理."""
    person = running.person().submitted()
    person.advance("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED")
    today = datetime.now(UTC).date()
    person.advance("ACCEPTED", action="deem_accepted", on=today.replace(year=today.year - 1, day=1))
    text = text_of(running, person, "acceptance")
    assert f"即{today.year - 1}年{today.month}月1日起即为受理" in text


def test_a_refusal_reaches_both_and_tells_each_what_is_theirs(running: Running):
    """医师法 art.16, 行政许可法 art.38; the institution reads nothing of a punishment (个人信息保护法 art.28)."""
    person = running.person().accepted()
    person.decide("refused", reasons=[PENALTY, SCOPE], note="判决书第3页", remedies=REMEDIES)
    person.wait_for("REFUSED")
    own, institutions = text_of(running, person, "refusal"), text_of(running, person, "refusal", clerk())
    assert text_of(running, person, "refusal", officer()) == own
    for told_to_the_applicant in ("受刑事处罚", "第十六条第二项", "判决书第3页", "六个月"):
        assert told_to_the_applicant in own
        assert told_to_the_applicant not in institutions
    assert "超出机构登记的诊疗科目" in own
    assert "超出机构登记的诊疗科目" in institutions
    for actor in (person.actor, clerk(), officer()):
        assert [kind for kind, _ in listed(running, person, actor)].count("refusal") == 1


def test_only_those_who_deal_with_an_application_may_have_its_documents(running: Running):
    """Design D11: another person, another institution, another authority learn nothing of it."""
    person, stranger = running.person().submitted(), running.person()
    other_authority = staff("officer", organisation=new_id())
    for actor in (stranger.actor, clerk(TOWNSHIP), other_authority):
        for contract, command in ((contracts.DOCUMENTS, {}), (contracts.DOCUMENT, {"kind": "cover_sheet"})):
            refused = running.call(contract, actor, id=person.application["id"], **command)
            assert (refused.kind, refused.result) == ("not_found", None), (actor.role, contract.path)


@pytest.mark.parametrize("command", [{"kind": "approval"}, {"kind": "no_such"}, {"kind": "cover_sheet", "serial": 9}])
def test_what_was_not_issued_is_not_found(running: Running, command: dict[str, Any]):
    person = running.person().submitted()
    refused = person.call(contracts.DOCUMENT, id=person.application["id"], **command)
    assert (refused.kind, refused.code) == ("not_found", "document_not_found")


def test_staff_that_looks_at_a_document_is_told_to_the_person(running: Running):
    """E71."""
    person = running.person().submitted()
    text_of(running, person, "cover_sheet", clerk())
    with running.reading() as uow:
        told = [data for kind, data in running.all_told(uow) if kind == contracts.APPLICATIONS_DATA_VIEWED.name]
    assert ("document", str(person.id)) in [(data["what"], data["person_id"]) for data in told]


def test_a_letter_that_the_font_cannot_show_becomes_a_work_item(running: Running):
    """`ui.md` §12: never an empty box; the person is told that it is not there yet."""
    person = running.person(name="王\U0003134a明").submitted()

    def problem() -> dict[str, list[str]]:
        with running.reading() as uow:
            (sheet,) = uow.issued.of_application(UUID(str(person.application["id"])))
            return sheet.problem

    assert eventually(problem, 30) == {"missing_glyphs": ["U+3134A"]}
    answer = person.call(contracts.DOCUMENT, id=person.application["id"], kind=DocumentKind.COVER_SHEET.value)
    assert answer.result == {"grant": None}
    assert "document_needs_a_person" in running.log("applications")
