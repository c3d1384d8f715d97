"""The main job over HTTP: from exam result to certificate, and every way an application can end otherwise."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from commands.journey.api import ApiProblem, wait_for
from shared.trade.names import PersonName


def refused(status, code):
    """The API refuses with this status and code, and with a sentence in Chinese."""
    return pytest.raises(ApiProblem, match=f"^{status} {code}: .*[\\u4e00-\\u9fff]")


def approve(deployment, doctor, place=None):
    """Let the competent authority approve an accepted application."""
    return deployment.officer("officer", place).decide(doctor.application["number"], "approve", step="decide")


@pytest.mark.parametrize("levels", ["1", "2"], ids=["physician", "assistant"])
def test_an_exam_result_becomes_a_registered_doctor_with_a_certificate(deployment, levels):
    """The whole job: E24 (no paper certificate needed here), clocks, register, certificate, look-up, seniority."""
    doctor = deployment.accepted(levels=levels)
    case = approve(deployment, doctor)
    assert case["decision_number"]

    application = doctor.wait_until("CERT_ISSUED", "EFFECTIVE")
    certificate, document = doctor.certificate()
    registrations = doctor.api.get("/me/career")["items"]
    assert len(registrations) == 1
    registration = registrations[0]
    assert registration["id"] == application["registration_id"]
    assert registration["status"] == "ACTIVE"
    assert len(registration["practice_code"]) == 15
    assert registration["practice_code"].startswith(levels + doctor.candidate.category)
    assert registration["practice_place"] == ("43" if levels == "1" else "430102")
    assert registration["started_on"] == deployment.today().isoformat()

    text = PdfReader(io.BytesIO(document)).pages[0].extract_text().replace(" ", "").replace("\n", "")
    assert PersonName.parse(doctor.candidate.name).value in text, "the name in its one form, whatever dot was typed"
    assert registration["practice_code"] in text
    assert doctor.candidate.id_number not in text, "the certificate shows the masked number only"

    anybody = deployment.visitor()
    verdict = anybody.check_certificate(certificate["check_code"])
    assert verdict["verdict"] == "valid"
    found = anybody.find_physician(doctor.candidate.name, "43")
    assert registration["practice_code"] in [item["practice_code"] for item in found]

    clocks = doctor.api.get("/me/seniority")["clocks"]
    assert {clock["started_on"] for clock in clocks} == {deployment.today().isoformat()}
    templates = wait_for(
        "the message of the registration",
        lambda: (lambda names: names if "approved" in names else None)(
            [message["template"] for message in doctor.messages()]
        ),
    )
    assert len(templates) == len(set(templates)), f"a message came twice: {templates}"


def test_nothing_can_be_filed_before_activation(deployment):
    """E11: 激活成功后，方可办理业务."""
    doctor = deployment.doctor()
    with refused(403, "not_activated"):
        doctor.api.post(
            "/applications",
            {"type": "REG", "sub_kind": "FIRST", "qualification_id": "0193a1f0-0000-7000-8000-000000000001"},
        )
    doctor.be_recognised()
    doctor.bind_phone()
    with refused(403, "not_activated"):
        doctor.start()


def test_the_phone_is_bound_after_recognition_only(deployment):
    """E10: the order is match, phone, activation."""
    doctor = deployment.doctor()
    with refused(422, "qualification_not_matched"):
        doctor.api.post("/sms-codes")


def test_a_wrong_and_a_foreign_ticket_get_the_same_neutral_answer(deployment):
    """E15–E18: no hint whether a pass exists."""
    other = deployment.candidate()
    answers = []
    for ticket in (other.ticket, other.ticket[:-1] + str((int(other.ticket[-1]) + 5) % 10)):
        doctor = deployment.doctor()
        doctor.be_recognised()
        doctor.bind_phone()
        with pytest.raises(ApiProblem) as problem:
            doctor.api.post("/me/activation", {"route": "ticket", "proof": ticket})
        answers.append((problem.value.status, problem.value.code, problem.value.detail))
    assert answers[0] == answers[1]


def test_one_id_number_opens_one_account(deployment):
    """E02, E06: however it is typed, and without a hint beyond the mask."""
    doctor = deployment.doctor()
    spaced = doctor.candidate.id_number
    typed = f" {spaced[:6]} {spaced[6:14]} {spaced[14:].lower()}".translate(
        str.maketrans("0123456789", "０１２３４５６７８９")
    )
    with pytest.raises(ApiProblem) as problem:
        deployment.visitor().api.post(
            "/signups",
            {
                "name": doctor.candidate.name,
                "id_number": typed,
                "consent_version": "1",
                **deployment.visitor().captcha(),
            },
        )
    assert (problem.value.status, problem.value.code) == (409, "already_registered")
    assert doctor.phone not in str(problem.value.body)


def test_the_institution_rejects_and_the_authority_never_sees_it(deployment):
    """E28: ORG_REJECTED; the doctor may file again."""
    doctor = deployment.submitted()
    number = doctor.application["number"]
    deployment.clerk().decide(number, "reject", ("not_employed_here", ""), step="confirm")
    doctor.wait_until("ORG_REJECTED")
    assert doctor.reload()["reasons"][0]["code"] == "not_employed_here"
    for role in ("window", "officer", "head"):
        assert deployment.officer(role).api.get("/tasks", number=number)["items"] == []
    again = doctor.start()
    assert again["number"] != number


def test_a_returned_application_goes_on_with_the_same_case(deployment):
    """Returned by the clerk, changed, submitted again: submission 2 of one case."""
    doctor = deployment.submitted()
    number = doctor.application["number"]
    clerk = deployment.clerk()
    clerk.decide(
        number, "return_to_applicant", ("employment_proof_mismatch", "employment_proof"), note="请核对", step="confirm"
    )
    doctor.wait_until("ORG_RETURNED")
    case_before = doctor.timeline()["case_id"]
    doctor.upload_one("employment_proof", ["application/pdf"])
    assert doctor.submit()["submission"] == 2
    doctor.wait_until("ORG_REVIEW")
    assert doctor.timeline()["case_id"] == case_before
    clerk.decide(number, "confirm", step="confirm")
    doctor.wait_until("ORG_CONFIRMED")


def test_a_supplement_names_everything_at_once_and_the_case_goes_on(deployment):
    """行政许可法 art. 32(4)."""
    doctor = deployment.submitted()
    number = doctor.application["number"]
    deployment.clerk().decide(number, "confirm", step="confirm")
    window = deployment.officer("window")
    window.receive_paper(number)
    window.decide(
        number,
        "supplement",
        ("photo_unfit", "photo"),
        ("employment_proof_missing_seal", "employment_proof"),
        step="accept",
    )
    doctor.wait_until("SUPPLEMENT")
    assert {item["target"] for item in doctor.application["reasons"]} == {"photo", "employment_proof"}
    doctor.upload_one("photo", ["image/jpeg"])
    doctor.supplement("已更换")
    doctor.wait_until("RECEIVED")
    window.decide(number, "accept", step="accept")
    doctor.wait_until("ACCEPTED")


def test_a_refusal_gives_reasons_and_leaves_no_registration(deployment):
    """医师法 art. 16, 行政许可法 art. 38: reasons to the applicant and the institution."""
    doctor = deployment.accepted()
    officer = deployment.officer()
    number = doctor.application["number"]
    with pytest.raises(ApiProblem) as problem:
        officer.decide(number, "refuse", step="decide")
    assert problem.value.status in (400, 422)
    officer.decide(number, "refuse", ("criminal_penalty", ""), note="刑罚执行完毕不满二年", step="decide")
    doctor.wait_until("REFUSED")
    assert doctor.api.get("/me/career")["items"] == []
    wait_for(
        "the refusal's message",
        lambda: next((True for item in doctor.messages() if "不予注册" in item["title"] + item["body"]), None),
    )


def test_what_is_not_accepted_ends_with_the_right_authority_named(deployment):
    """E31: 不予受理, no refusal on record."""
    doctor = deployment.submitted()
    number = doctor.application["number"]
    deployment.clerk().decide(number, "confirm", step="confirm")
    window = deployment.officer("window")
    window.receive_paper(number)
    with refused(422, "right_authority_required"):
        window.decide(number, "not_accept", ("wrong_authority", ""), step="accept")
    other = deployment.api().get("/institutions", q=deployment.cast.township_centre("43").name)["items"][0]
    right = other["authority"]
    window.decide(number, "not_accept", ("wrong_authority", ""), right_authority=right["id"], step="accept")
    doctor.wait_until("NOT_ACCEPTED")
    wait_for(
        "the message that names the right authority",
        lambda: next((True for item in doctor.messages() if right["name"] in item["body"]), None),
    )
    assert doctor.api.get("/me/career")["items"] == []


def test_an_application_can_be_withdrawn_until_it_is_approved(deployment):
    """撤回 by the applicant, decided on the case's version."""
    doctor = deployment.accepted()
    doctor.withdraw("不再申请")
    doctor.wait_until("WITHDRAWN")
    assert deployment.officer().api.get("/tasks", number=doctor.application["number"])["items"] == []
    with pytest.raises(ApiProblem) as problem:
        doctor.withdraw("再次撤回")
    assert problem.value.status in (409, 422)
