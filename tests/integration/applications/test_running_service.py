"""The running service on RabbitMQ with SQLite and PostgreSQL: from a draft to the register and its certificate."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from PIL import Image
from pypdf import PdfReader

from services.applications.domain.assessment import Occasion, reassess
from services.applications.domain.business import KINDS
from services.applications.repository.register import current_of
from shared.contracts import applications as contracts
from shared.platform.crypto import transport_box
from shared.platform.files import open_grant
from shared.platform.identity import Actor
from shared.trade.statuses import BusinessType
from tests.integration.applications.running import (
    AUTHORITY_ID,
    HOSPITAL,
    OTHER_PROVINCE,
    STRICTER_FROM,
    TOWNSHIP,
    Person,
    Running,
)
from tests.support.processes import eventually

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ID_NUMBER = "430199199708150249"


def staff(role: str, *, organisation: UUID, kind: str = "authority", division: str = "43/4301/430102") -> Actor:
    """A member of staff as `accounts` signs them."""
    return Actor(
        kind="staff",
        id=f"staff:{uuid4()}",
        role=role,
        organisation_id=organisation,
        organisation_kind=kind,
        division=division,
        province="43",
    )


def visitor(*, captcha: str | None = None, address: str = "") -> Actor:
    """Somebody who is not signed in."""
    address = address or uuid4().hex
    return Actor(kind="visitor", id=f"visitor:{address}", role="visitor", captcha=captcha, address=address)


def clerk(institution: UUID = HOSPITAL) -> Actor:
    """The clerk of an institution."""
    return staff("clerk", organisation=institution, kind="institution")


def document(running: Running, doctor: Person) -> bytes:
    """The certificate's PDF, once it is there."""
    certificate = doctor.call(contracts.CERTIFICATES).result["items"][0]
    grant = eventually(lambda: doctor.call(contracts.CERTIFICATE_DOCUMENT, id=certificate["id"]).result["grant"], 30)
    granted = open_grant(grant["reference"], running.deployment, transport_box())
    assert granted.media_type == "application/pdf"
    return b"".join(granted.pieces)


def test_from_a_draft_to_a_registered_doctor(running: Running):
    """`domain.md` §3.1: the approval opens registration and certificate, and tells both in one transaction."""
    doctor = running.person().registered()
    found = doctor.call(contracts.REGISTRATION, id=doctor.application["registration_id"]).result
    assert found["status"] == "ACTIVE"
    assert re.fullmatch(r"110430102\d{6}", found["practice_code"])
    assert found["practice_place"] == "43"
    assert found["started_on"] == found["valid_from"]
    assert [kind for kind, _ in running.told(found["id"])] == [contracts.REGISTRATION_CHANGED.name]
    certificate = doctor.call(contracts.CERTIFICATES).result["items"][0]
    assert certificate["practice_code"] == found["practice_code"]
    assert certificate["masked_id"] == "4301************49"
    assert [kind for kind, _ in running.told(certificate["id"])] == [contracts.CERTIFICATE_ISSUED.name]
    with running.reading() as uow:
        registration = uow.register.get(found["id"])
        entry = current_of(uow.register.history(found["id"]), found["valid_from"])
        assert entry is not None
        assert entry.standing == registration.standing
        assert uow.register.broken_digests(found["id"]) == []


def test_the_certificate_is_one_signed_tagged_page_that_leads_to_the_public_check(running: Running):
    """Design D15, `ui.md` §12: rendered after the commit, by a child; the QR opens the check by an opaque code."""
    doctor = running.person(name="阿依古丽·买买提").registered()
    certificate = doctor.call(contracts.CERTIFICATES).result["items"][0]
    reader = PdfReader(BytesIO(document(running, doctor)))
    text = reader.pages[0].extract_text()
    assert len(reader.pages) == 1
    assert "阿依古丽·买买提" in text
    assert ID_NUMBER not in text
    assert certificate["verify_url"] == f"https://example.org/verify/{certificate['check_code']}"
    root = reader.trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert root["/AcroForm"]["/Fields"][0].get_object()["/FT"] == "/Sig"
    checked = running.call(contracts.CHECK_CERTIFICATE, visitor(), check_code=certificate["check_code"]).result
    assert checked["verdict"] == "valid"
    assert checked["physician"]["practice_code"] == certificate["practice_code"]


def test_a_name_that_the_font_cannot_show_becomes_a_work_item(running: Running):
    """`ui.md` §12: never an empty box; the certificate itself is issued and valid."""
    doctor = running.person(name="王\U0003134a明").registered()
    certificate = doctor.call(contracts.CERTIFICATES).result["items"][0]

    def problem() -> dict[str, list[str]]:
        with running.reading() as uow:
            return uow.certificates.get(certificate["id"]).problem

    assert eventually(problem, 30) == {"missing_glyphs": ["U+3134A"]}
    assert doctor.call(contracts.CERTIFICATE_DOCUMENT, id=certificate["id"]).result["grant"] is None


def test_an_assistants_place_is_the_county(running: Running):
    """医师执业注册管理办法 art.7."""
    doctor = running.person(level="2").registered()
    found = doctor.call(contracts.REGISTRATION, id=doctor.application["registration_id"]).result
    assert found["practice_place"] == "430102"
    assert found["practice_code"].startswith("210430102")


def test_a_rural_assistant_registers_at_a_township_centre_only(running: Running):
    """E37: blocked at the city hospital, open at the township centre."""
    person = running.person(level="XC", area="INSTITUTION_TYPE:township_village")
    person.drafted(scopes=("C11",))
    refused = person.call(
        contracts.SUBMIT, id=person.application["id"], version=person.application["version"], declaration=True
    )
    assert (refused.kind, refused.code) == ("rule_violated", "not_ready")
    person.do(
        contracts.SAVE_STEP,
        step="institution",
        values={"institution_id": str(TOWNSHIP), "start_on": "2026-12-01"},
    )
    person.do(contracts.SUBMIT, declaration=True)
    assert person.application["state"] == "SUBMITTED"


def test_a_province_that_waits_for_the_paper_certificate_blocks_until_it_is_entered(running: Running):
    """E25: the gate of the registering province rules; E24 is every other test of this file."""
    person = running.person().drafted(institution=OTHER_PROVINCE)
    command = {"id": person.application["id"], "version": person.application["version"], "declaration": True}
    assert person.call(contracts.SUBMIT, **command).code == "not_ready"
    running.change("persons", person.id, paper=True)
    assert person.call(contracts.SUBMIT, **command).code is None


def test_a_late_applicant_shows_training_first(running: Running):
    """E27: two years and a day after publication; the proof is asked for, then an officer looks."""
    late = (datetime.now(UTC) + timedelta(hours=8)).date() - timedelta(days=800)
    person = running.person(published_on=late.isoformat()).drafted()
    command = {"id": person.application["id"], "version": person.application["version"], "declaration": True}
    refused = person.call(contracts.SUBMIT, **command)
    assert (refused.kind, refused.code) == ("rule_violated", "materials_missing")
    card = person.call(contracts.READINESS, type="REG", institution_id=HOSPITAL).result
    assert "training_proof" in {item["kind"] for item in card["materials"] if item["required"]}
    assert person.upload("training_proof").code is None
    person.do(contracts.SUBMIT, declaration=True)
    found = {item["rule"]: item["result"] for item in person.application["outcomes"]}
    assert found["two_year_lapse"] == "human_decision"


def test_readiness_says_everything_that_is_known_and_keeps_nothing(running: Running):
    """办理条件自查: all rules, the materials and the promised time."""
    person = running.person()
    card = person.call(contracts.READINESS, type="REG", qualification_id=person.qualification_id).result
    assert len(card["outcomes"]) == len(KINDS[BusinessType.REG].rules)
    assert card["ready"]
    assert card["decision_days"] == 15
    assert {"photo", "employment_proof"} <= {item["kind"] for item in card["materials"]}
    assert person.call(contracts.APPLICATIONS).result["items"] == []


def test_nobody_files_before_activation(running: Running):
    """激活成功后，方可办理业务 (E11)."""
    person = running.person()
    running.change("persons", person.id, activated=False)
    refused = person.call(contracts.START, type="REG", qualification_id=person.qualification_id)
    assert (refused.kind, refused.code) == ("permission_denied", "not_activated")


def test_a_registration_has_one_open_application(running: Running):
    """app.exclusive (E44): a second draft for the same qualification is a conflict."""
    person = running.person()
    person.start()
    second = person.call(contracts.START, type="REG", qualification_id=person.qualification_id)
    assert (second.kind, second.code) == ("conflict", "open_application")


def test_the_other_eight_kinds_are_listed_and_can_not_be_started(running: Running):
    """All nine stand under their names; what this release can't do is said."""
    person = running.person()
    items = person.call(contracts.BUSINESS_TYPE_LIST).result["items"]
    assert [item["type"] for item in items if item["available"]] == ["REG"]
    assert len(items) == 9
    for name, sub_kind in (("CHANGE", "SCOPE"), ("REG", "ADD_PLACE")):
        refused = person.call(contracts.START, type=name, sub_kind=sub_kind, qualification_id=person.qualification_id)
        assert refused.code == "business_not_available"


def test_a_returned_application_is_submitted_again_with_the_same_number(running: Running):
    """ORG_RETURNED: the applicant changes what was asked for; submission n+1 goes on with the case."""
    person = running.person().submitted()
    number = person.application["number"]
    person.advance("ORG_REVIEW", "ORG_RETURNED", reasons=[{"code": "wrong_scope", "target": "scope", "note": ""}])
    assert person.application["acts_next"] == "applicant"
    person.do(contracts.SAVE_STEP, step="scope", values={"scopes": ["C11"]})
    person.do(contracts.SUBMIT, declaration=True)
    assert (person.application["number"], person.application["submission"]) == (number, 2)
    assert person.application["reasons"] == []
    told = [data["submission"] for _, data in running.told(UUID(str(person.application["id"])))]
    assert told == [1, 2]


def test_a_supplement_adds_what_the_notice_asked_for_and_nothing_else(running: Running):
    """补正 (行政许可法 art.32(4)): materials, and the pages that the notice points at."""
    person = running.person().submitted()
    person.advance("ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED")
    missing_seal = {"code": "seal_missing", "target": "employment_proof", "note": ""}
    person.advance("SUPPLEMENT", reasons=[missing_seal], notice=1)
    refused = person.call(
        contracts.SAVE_STEP,
        id=person.application["id"],
        version=person.application["version"],
        step="scope",
        values={"scopes": ["C11"]},
    )
    assert (refused.kind, refused.code) == ("conflict", "application_not_editable")
    assert person.upload("employment_proof").code is None
    person.do(contracts.SUPPLEMENT, note="已补盖公章")
    kind, data = running.told(UUID(str(person.application["id"])))[-1]
    assert "已补盖公章" not in str(data)
    told = (kind, transport_box().open(data["note"]), data["notice"])
    assert told == (contracts.APPLICATION_SUPPLEMENTED.name, "已补盖公章", 1)
    command = {"id": person.application["id"], "version": person.application["version"]}
    again = running.call(contracts.SUPPLEMENT, person.actor, key="another", **command)
    assert (again.kind, again.code) == ("conflict", "supplement_already_sent")
    person.advance("SUPPLEMENT", notice=1)  # papers that came to the window meanwhile
    assert person.application["acts_next"] == "window"
    person.advance("RECEIVED")
    person.advance("SUPPLEMENT", notice=2)
    person.do(contracts.SUPPLEMENT)
    assert running.told(UUID(str(person.application["id"])))[-1][1]["notice"] == 2


def test_what_a_stricter_policy_asks_at_receipt_can_be_answered(running: Running):
    """The point names the page (remedy of the rule), which opens; what is answered there goes to the window."""
    person = running.person().submitted(scopes=("C06",))
    person.advance("ORG_REVIEW", "ORG_CONFIRMED")
    person.advance("RECEIVED", on=STRICTER_FROM)
    wire = running.told(UUID(str(person.application["id"])))[-1][1]
    assert "N6_health" not in str(wire)  # what speaks of health is sealed in the event
    told = contracts.APPLICATION_REASSESSED.data().load(wire)
    outcome = next(item for item in told["outcomes"] if item["rule"] == "scope_covered")
    assert (told["newly_failed"], outcome["remedy"]) == (["scope_covered"], {"step": "scope"})
    person.advance("SUPPLEMENT", reasons=[{"code": outcome["code"], "target": "scope", "note": ""}], notice=1)
    command = {"id": person.application["id"], "version": person.application["version"]}
    assert person.call(contracts.SUPPLEMENT, **command).code == "not_ready"
    person.do(contracts.SAVE_STEP, step="scope", values={"scopes": ["C01"]})
    person.do(contracts.SUPPLEMENT)
    kind, data = running.told(UUID(str(person.application["id"])))[-1]
    assert kind == contracts.APPLICATION_SUPPLEMENTED.name
    found = {item["rule"]: item["result"] for item in contracts.ApplicationSupplemented().load(data)["outcomes"]}
    assert (found["scope_covered"], found["N6_health"]) == ("passed", "passed")


@pytest.mark.parametrize(("on", "again"), [(STRICTER_FROM - timedelta(days=1), False), (STRICTER_FROM, True)])
def test_the_policy_of_the_day_of_receipt_is_pinned_and_where_it_differs_all_rules_run_again(
    running: Running, on: date, again: bool
):
    """Design §2: what the stricter policy no longer allows is named for the supplement; nothing is lost in silence."""
    person = running.person().submitted(scopes=("C06",))
    before = person.application["policy"]
    person.advance("ORG_REVIEW", "ORG_CONFIRMED")
    person.advance("RECEIVED", on=on)
    assert person.application["policy"]["on"] == on
    assert (person.application["policy"]["hash"] != before["hash"]) is again
    told = [
        data["newly_failed"]
        for kind, data in running.told(UUID(str(person.application["id"])))
        if kind == contracts.APPLICATION_REASSESSED.name
    ]
    assert told == ([["scope_covered"]] if again else [])
    person.advance("SUPPLEMENT")
    person.advance("RECEIVED", on=STRICTER_FROM + timedelta(days=9))
    assert person.application["policy"]["on"] == on


def test_a_file_that_is_corrected_for_a_past_day_judges_nobody_who_has_filed(running: Running):
    """Design §2: the policy is pinned with its values; at the effect the rules run under these, not under the file."""
    person = running.person().accepted(scopes=("C06",))
    pinned = person.application["policy"]
    with running.with_policy(lambda text: text.replace(STRICTER_FROM.isoformat(), "2022-03-01")):
        late = running.person().drafted(scopes=("C06",))
        command = {"id": late.application["id"], "version": late.application["version"], "declaration": True}
        assert late.call(contracts.SUBMIT, **command).code == "not_ready"
        person.decide()
        person.wait_for("CERT_ISSUED")
    assert person.application["policy"] == pinned


def test_a_refusal_opens_nothing_and_names_its_reasons(running: Running):
    """不予注册 (医师法 art.16; 行政许可法 art.38); the doctor may file again."""
    person = running.person().accepted()
    person.decide("refused")
    person.wait_for("REFUSED")
    assert person.application["reasons"][0]["code"] == "false_material"
    assert person.call(contracts.REGISTRATIONS, id=person.id).result["items"] == []
    assert person.call(contracts.START, type="REG", qualification_id=person.qualification_id).code is None


@pytest.mark.parametrize(
    ("kind", "changed", "code"),
    [
        ("institutions", {"licence_status": "cancelled"}, "licence_cancelled"),
        ("qualifications", {"status": "frozen"}, "qualification_frozen"),
    ],
)
def test_an_approval_whose_condition_changed_meanwhile_is_held_and_can_be_approved_anew(
    running: Running, kind: str, changed: dict[str, str], code: str
):
    """办理受阻 (E45): nothing is dropped; when the condition holds again, a new approval takes effect."""
    person = running.person().accepted()
    record = HOSPITAL if kind == "institutions" else person.qualification_id
    before = {"licence_status": "valid"} if kind == "institutions" else {"status": "published"}
    running.change(kind, record, **changed)
    person.decide()
    person.wait_for("EFFECT_BLOCKED")
    told, data = running.told(UUID(str(person.application["id"])))[-1]
    assert told == contracts.EFFECT_BLOCKED.name
    assert [item["code"] for item in data["reasons"]] == [code]
    assert person.call(contracts.CERTIFICATES).result["items"] == []
    running.change(kind, record, **before)
    person.decide(number="示卫医许〔2026〕2号")
    person.wait_for("CERT_ISSUED")


def test_an_approval_told_twice_opens_one_registration(running: Running):
    """One outcome, whatever is told again: a second decision finds the certificate issued."""
    person = running.person().registered()
    person.decide(number="示卫医许〔2026〕9号")
    other = running.person().registered()  # later on the same queue, so the first was dealt with
    assert other.application["state"] == "CERT_ISSUED"
    assert len(person.call(contracts.REGISTRATIONS, id=person.id).result["items"]) == 1


def test_who_is_registered_is_sent_to_another_business(running: Running):
    """Not registered twice with one qualification in one place (医师法 art.13)."""
    person = running.person().registered()
    card = person.call(contracts.READINESS, type="REG", institution_id=HOSPITAL).result
    failed = {item["rule"]: item["remedy"] for item in card["outcomes"] if item["result"] == "failed"}
    assert failed["not_registered_there"] == {"business": "CHANGE"}


def test_a_decision_can_be_run_again_on_what_it_saw(running: Running):
    """Every kept run gives the same outcomes again, from the stored facts and versions alone."""
    person = running.person().registered()
    with running.reading() as uow:
        kept = uow.assessments.of(UUID(str(person.application["id"])))
    assert [one.occasion for one in kept] == [Occasion.SUBMISSION, Occasion.EFFECT]
    for one in kept:
        assert reassess(KINDS[BusinessType.REG], one) == one


def test_a_repeated_submission_has_one_effect(running: Running):
    """A double click: the same key gives the same answer, one submission, one event (design D12)."""
    person = running.person().drafted()
    command = {"id": person.application["id"], "version": person.application["version"], "declaration": True}
    answers = [running.call(contracts.SUBMIT, person.actor, key="once", **command) for _ in range(2)]
    assert answers[0].result == answers[1].result
    assert len(running.told(UUID(str(person.application["id"])))) == 1
    stale = running.call(contracts.SUBMIT, person.actor, **command)
    assert (stale.kind, stale.code) == ("conflict", "application_changed")


def test_only_those_who_deal_with_an_application_may_read_it(running: Running):
    """Own, target institution, competent authority; a draft is the applicant's alone."""
    person = running.person().drafted()
    readers = [clerk(), staff("officer", organisation=AUTHORITY_ID), staff("window", organisation=AUTHORITY_ID)]
    strangers = [
        running.person().actor,
        clerk(TOWNSHIP),
        staff("officer", organisation=uuid4()),  # another authority of the same place
        staff("officer", organisation=uuid4(), division="43"),
        staff("officer", organisation=uuid4(), division="43/4301/430103"),
        staff("officer", organisation=uuid4(), division="44"),
    ]
    for actor in (*readers, *strangers):
        assert running.call(contracts.APPLICATION, actor, id=person.application["id"]).code == "not_found"
    person.do(contracts.SUBMIT, declaration=True)
    for actor in readers:
        assert running.call(contracts.APPLICATION, actor, id=person.application["id"]).code is None
    for actor in strangers:
        assert running.call(contracts.APPLICATION, actor, id=person.application["id"]).code == "not_found"
    for actor in (visitor(), staff("administrator", organisation=uuid4())):
        assert running.call(contracts.APPLICATION, actor, id=person.application["id"]).code == "role_not_allowed"


def test_the_institution_sees_nothing_of_health_and_convictions(running: Running):
    """个人信息保护法 art.28: declared to the authority that decides, not to the employer."""
    person = running.person().submitted(health_fit=False)
    officer = staff("officer", organisation=AUTHORITY_ID)
    seen = {
        name: running.call(contracts.APPLICATION, actor, id=person.application["id"]).result
        for name, actor in (("clerk", clerk()), ("officer", officer))
    }
    assert seen["officer"]["form"]["personal"]["health_fit"] is False
    assert set(seen["clerk"]["form"]["personal"]) == {"photo_taken_on"}  # the day of the health check is not theirs
    assert not [item for item in seen["clerk"]["outcomes"] if item["rule"].startswith("N6_")]
    health = next(item for item in seen["officer"]["outcomes"] if item["rule"] == "N6_health")
    assert health["result"] == "human_decision"


def test_what_staff_looks_at_is_told(running: Running):
    """E71: a material's bytes are granted for a minute, and the person can see who asked."""
    person = running.person().drafted()
    assert person.upload("health_check").code is None
    person.do(contracts.SUBMIT, declaration=True)
    officer = staff("officer", organisation=AUTHORITY_ID)
    for _ in range(3):  # once a day, however often it is opened
        assert running.call(contracts.APPLICATION, officer, id=person.application["id"]).code is None
    health = {"id": person.application["id"], "kind": "health_check"}
    for reason in ("", "  "):  # 个人信息保护法 art.28: a stated purpose
        refused = running.call(contracts.READ_MATERIAL, officer, **health, reason=reason)
        assert refused.facts["fields"] == {"reason": ["reason_needed"]}
    assert running.call(contracts.READ_MATERIAL, officer, **health, reason="体检结论").code is None
    assert person.call(contracts.READ_MATERIAL, **health).code is None
    command = {"id": person.application["id"], "kind": "employment_proof", "reason": "受理审查"}
    grant = running.call(contracts.READ_MATERIAL, officer, **command).result
    assert b"".join(open_grant(grant["reference"], running.deployment, transport_box()).pieces).startswith(b"%PDF")
    assert person.call(contracts.READ_MATERIAL, **command).code is None
    with running.reading() as uow:
        views = [data for kind, data in running.all_told(uow) if kind == contracts.APPLICATIONS_DATA_VIEWED.name]
    mine = [view for view in views if view["person_id"] == str(person.id)]
    assert [(view["role"], view["what"], transport_box().open(view["reason"])) for view in mine] == [
        ("officer", "application", ""),
        ("officer", "material:health_check", "体检结论"),
        ("officer", "material:employment_proof", "受理审查"),
    ]


def png(width: int, height: int) -> bytes:
    """A plain picture."""
    stream = BytesIO()
    Image.new("RGB", (width, height)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        ("photo", b"not a picture at all", "file_type_not_allowed"),
        ("photo", png(600, 400), "photo_not_upright"),
        ("photo", png(70, 100), "picture_too_small"),
        ("photo", b"\xff\xd8\xff" + b"\0" * 500, "file_damaged"),
        ("employment_proof", b"%PDF-1.7\nnothing", "file_damaged"),
    ],
)
def test_a_file_is_judged_by_its_content(running: Running, kind: str, content: bytes, field: str):
    """Design D14: the owner looks into the upload in a child, whatever name and type it came with."""
    person = running.person()
    person.start()
    refused = person.upload(kind, content, "image/jpeg")
    assert (refused.kind, refused.code) == ("invalid_input", "invalid_input")
    assert field in str(refused.facts)


def test_wrong_values_are_named_field_by_field(running: Running):
    """`ui.md` §6: each field with its own code; locked ones stay locked."""
    person = running.person()
    person.start()
    refused = person.call(
        contracts.SAVE_STEP,
        id=person.application["id"],
        version=person.application["version"],
        step="personal",
        values={"name": "另一个", "health_fit": "yes", "criminal_penalty": True, "unheard_of": 1},
    )
    assert refused.facts["fields"] == {
        "name": ["locked"],
        "health_fit": ["yes_or_no_expected"],
        "full_capacity": ["required"],
        "barred_by_law": ["required"],
        "unheard_of": ["unknown_field"],
        "sentence_served_on": ["sentence_date_needed"],
    }


def test_the_public_finds_a_doctor_by_exact_name_after_a_captcha_that_serves_once(running: Running):
    """E01, E07, E70: both doctors of one name, with institution; never ID, birth date or phone."""
    name = "欧阳示例"
    for _ in range(2):
        running.person(name=name).registered()
    actor = visitor(captcha=str(uuid4()))
    search = {"name": name, "province": "43"}
    found = running.call(contracts.SEARCH_PHYSICIANS, actor, **search).result
    assert [item["name"] for item in found["items"]] == [name, name]
    assert {item["institution_name"] for item in found["items"]} == {"示例市第一人民医院"}
    assert ID_NUMBER not in str(found)
    assert "1997" not in str([item | {"practice_code": ""} for item in found["items"]])
    assert running.call(contracts.SEARCH_PHYSICIANS, actor, **search).code == "captcha_used"
    assert running.call(contracts.SEARCH_PHYSICIANS, visitor(), **search).code == "captcha_required"
    for near in ("欧阳示", "欧阳示例明"):
        again = visitor(captcha=str(uuid4()))
        items = running.call(contracts.SEARCH_PHYSICIANS, again, name=near, province="43").result["items"]
        assert items == []


def test_guessing_by_script_runs_into_the_limit_of_its_address(running: Running):
    """E70: the eleventh search of a minute from one address is refused with the time to wait."""
    address = uuid4().hex
    codes = [
        running.call(
            contracts.SEARCH_PHYSICIANS,
            visitor(captcha=str(uuid4()), address=address),
            name="查无此人",
            province="43",
        ).code
        for _ in range(11)
    ]
    assert codes == [None] * 10 + ["too_many_attempts"]


def test_an_unknown_check_code_is_unknown_and_says_nothing_more(running: Running):
    """证照核验: 查无此证, for a malformed code too."""
    for code in ("7K3D-92QF-XM4T", "not-a-code-at-all"):
        found = running.call(contracts.CHECK_CERTIFICATE, visitor(), check_code=code).result
        assert (found["verdict"], found["physician"]) == ("unknown", None)


def test_seniority_counts_from_the_day_of_the_decision(running: Running):
    """§7: the statement names its inputs; a bachelor's attending exam comes after four years."""
    doctor = running.person().registered()
    found = {clock["clock"]: clock for clock in doctor.call(contracts.SENIORITY).result["clocks"]}
    started = found["licensed_to_attending"]["started_on"]
    assert started == doctor.call(contracts.REGISTRATIONS, id=doctor.id).result["items"][0]["started_on"]
    assert found["licensed_to_attending"]["years_required"] == 4
    assert found["licensed_to_attending"]["inputs"]["education"] == "bachelor"
    assert found["own_practice"]["reached_on"] == date(started.year + 5, started.month, started.day)


def test_a_registration_is_told_as_of_any_day_and_as_known_at_any_moment(running: Running):
    """The register only grows: nothing before the first day, nothing known before the approval."""
    doctor = running.person().registered()
    registration_id = doctor.application["registration_id"]
    today = doctor.call(contracts.REGISTRATION, id=registration_id).result["valid_from"]
    earlier = datetime.now(UTC) - timedelta(days=1)
    for command in ({"as_of": today - timedelta(days=1)}, {"known_at": earlier}):
        assert doctor.call(contracts.REGISTRATION, id=registration_id, **command).code == "not_registered_then"
    later = doctor.call(contracts.REGISTRATION, id=registration_id, as_of=today + timedelta(days=3000)).result
    assert later["status"] == "ACTIVE"


def test_no_plain_personal_number_is_stored_or_logged(running: Running):
    """个人信息保护法 art.51, design D10: the ID number is nowhere in the database, the outbox or the log."""
    running.person().registered()
    with running.reading() as uow:
        tables = [str(row[0]) for row in uow.session.execute(running.tables())]
        content = "".join(str(row) for name in tables for row in uow.session.execute(running.rows_of(name)))
    assert len(content) > 10_000
    for text in (content, running.log("applications")):
        assert ID_NUMBER not in text
        assert "13800000001" not in text
