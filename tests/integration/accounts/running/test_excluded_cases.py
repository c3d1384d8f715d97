"""The four cases that go offline (无法进行电子化注册, domain §3.10), wherever somebody comes upon them."""

from __future__ import annotations

import secrets

import pytest

from commands.journey.api import wait_for
from commands.journey.people import Candidate, Doctor
from services.gateway import catalogue
from shared.trade.resident_id import with_check_digit
from tests.support.deployment import Deployment
from tests.support.result_files import a_file

from .world import NEVER_DELIVERED, count, faults_of, identify, newcomer, passed, problem_of, sql, stranger

COUNTED = "SELECT sum(count) FROM excluded_attempts WHERE case_number = :case AND province = '43' AND day = :day"
PERMIT_YEAR = 2024


def counted(deployment: Deployment, case: int) -> int:
    """How often a case was begun today in the province."""
    return count(deployment, COUNTED, case=case, day=deployment.today().isoformat())


def a_permit() -> str:
    """The number of a residence permit 居住证, whoever holds it."""
    return with_check_digit(f"810000{1980 + secrets.randbelow(20)}0101{secrets.randbelow(900) + 100}")


def unmatched(doctor: Doctor) -> Doctor:
    """The doctor after the automatic check, which found no qualification (step 8b)."""
    assert doctor.api.post("/me/qualification-check")["next_step"] == "update_qualification"
    return doctor


def permit_holder(deployment: Deployment) -> Doctor:
    """Somebody from Hong Kong with an account and without an exam."""
    return unmatched(newcomer(deployment, Candidate("陈示例", a_permit(), NEVER_DELIVERED, "1", "10", "43")))


@pytest.mark.parametrize(
    ("id_type", "purpose", "case"),
    [
        ("passport", "register", 4),
        ("travel_permit_hmt", "short_term", 3),
        ("travel_permit_hmt", "recognition", 2),
        ("residence_permit_hmt", "recognition", 2),
        ("residence_permit_hmt", "short_term", 3),
    ],
)
def test_at_sign_up_they_are_refused_with_their_sentence_and_counted(deployment, id_type, purpose, case):
    """E64: the offline page of case 4; counted by case, province and day, and nothing else is kept."""
    before, persons = counted(deployment, case), count(deployment, "SELECT count(*) FROM persons")
    doctor = stranger(deployment)
    refused = problem_of(
        lambda: identify(doctor, name="John Smith", id_number="E12345678", id_type=id_type, purpose=purpose)
    )
    assert (refused.status, refused.code, refused.body["facts"]["case"]) == (422, "excluded_case", case)
    assert refused.body["detail"] == catalogue.sentence(f"excluded.{case}.message")
    assert counted(deployment, case) == before + 1
    assert count(deployment, "SELECT count(*) FROM persons") == persons
    columns = {row[0] for row in sql(deployment, "SELECT case_number FROM excluded_attempts")}
    assert columns <= {1, 2, 3, 4}
    assert "E12345678" not in str(sql(deployment, "SELECT * FROM excluded_attempts"))


def test_who_has_no_record_may_name_an_old_certificate(deployment):
    """Case 1: by the year of the code or the day of the title; counted, and the way is offline."""
    before = counted(deployment, 1)
    doctor = unmatched(newcomer(deployment))
    for stated in ({"certificate_year": 1995}, {"title_on": "1998-06-26"}):
        told = doctor.api.post("/me/old-policy-report", stated)
        assert (told["case"], told["code"], told["page"]) == (1, "old_policy_recognition", "/guide/offline/1")
        assert told["message"] == catalogue.sentence("excluded.1.message")
    assert counted(deployment, 1) == before + 2
    for stated in ({"certificate_year": 2005}, {"title_on": "1998-06-27"}):
        later = problem_of(lambda stated=stated: doctor.api.post("/me/old-policy-report", stated))
        assert (later.status, later.code) == (422, "certificate_not_old_policy")
    assert counted(deployment, 1) == before + 2


def test_a_report_that_is_sent_twice_is_counted_once(deployment):
    """Design D12: the same key is the same act."""
    before = counted(deployment, 1)
    doctor = unmatched(newcomer(deployment))
    answers = [doctor.api.post("/me/old-policy-report", {"certificate_year": 1998}, key="once-and-again") for _ in "ab"]
    assert answers[0] == answers[1]
    assert counted(deployment, 1) == before + 1


@pytest.mark.parametrize(("purpose", "case"), [("recognition", 2), ("short_term", 3)])
def test_a_permit_holder_without_a_record_says_what_for(deployment, purpose, case):
    """Cases 2 and 3 at the page of those without a record; nobody is taken for one by their ID alone."""
    before = counted(deployment, case)
    doctor = permit_holder(deployment)
    assert doctor.api.get("/me")["id_type"] == "residence_permit_hmt"
    told = doctor.api.post("/me/offline-purpose", {"purpose": purpose})
    assert (told["case"], told["message"]) == (case, catalogue.sentence(f"excluded.{case}.message"))
    assert counted(deployment, case) == before + 1
    assert doctor.api.get("/me")["next_step"] == "update_qualification", "who finds the ticket after all goes on"


def test_no_draft_is_begun_of_any_of_them(deployment):
    """Business start: whoever has no record is refused, before and after they said what they have."""
    doctor = permit_holder(deployment)
    body = {"type": "REG", "sub_kind": "FIRST", "qualification_id": "0193a1f0-0000-7000-8000-000000000001"}
    assert problem_of(lambda: doctor.api.post("/applications", body)).status in (403, 404)
    doctor.api.post("/me/offline-purpose", {"purpose": "recognition"})
    assert problem_of(lambda: doctor.api.post("/applications", body)).status in (403, 404)
    assert doctor.api.get("/me/applications")["items"] == []


def test_who_holds_a_resident_id_is_none_of_the_two(deployment):
    """Cases 2 and 3 are of doctors from Hong Kong, Macao and Taiwan."""
    doctor = unmatched(newcomer(deployment))
    refused = problem_of(lambda: doctor.api.post("/me/offline-purpose", {"purpose": "recognition"}))
    assert (refused.status, refused.code) == (422, "offline_purpose_of_other_id")
    wrong = problem_of(lambda: doctor.api.post("/me/offline-purpose", {"purpose": "register"}))
    assert (wrong.status, set(faults_of(wrong))) == (400, {"purpose"})


def test_whose_qualification_is_known_is_none_of_them(deployment):
    """A record was found: the online way is open, and nothing is counted."""
    doctor = passed(deployment)
    doctor.be_recognised()
    before = [counted(deployment, case) for case in (1, 2, 3, 4)]
    for path, body in (
        ("/me/old-policy-report", {"certificate_year": 1995}),
        ("/me/offline-purpose", {"purpose": "short_term"}),
    ):
        refused = problem_of(lambda path=path, body=body: doctor.api.post(path, body))
        assert (refused.status, refused.code) == (409, "qualification_recognised")
    assert [counted(deployment, case) for case in (1, 2, 3, 4)] == before


def test_a_permit_holder_who_passed_the_mainland_exam_registers_online(deployment):
    """E64's other side (`signup.id_types`): matched and activated like everybody else."""
    number, ticket = a_permit(), "4305241100123"
    row = {
        "year": str(PERMIT_YEAR),
        "name": "陈示例",
        "sex": "1" if int(number[16]) % 2 else "2",
        "birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        "id_type": "residence_permit",
        "id_number": number,
        "ticket": ticket,
    }
    examiner = deployment.examiner()
    batch = examiner.deliver_results(a_file(row), PERMIT_YEAR, 1)
    wait_for("the import", lambda: examiner.api.get(f"/exam-batches/{batch['id']}")["state"] == "UPDATED" or None)
    examiner.publish_results(batch["id"], PERMIT_YEAR, 1)
    doctor = Doctor(deployment.url, Candidate("陈示例", number, ticket, "1", "10", "43"))
    doctor.open_account()
    doctor.log_in()
    assert doctor.be_recognised()["state"] == "MATCHED"
    doctor.bind_phone()
    assert doctor.activate()["state"] == "ACTIVATED"
