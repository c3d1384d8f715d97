"""From the account to the activated account: match → phone → activation, and the neutral refusals on the way."""

from __future__ import annotations

import pytest

from commands.journey.people import Candidate
from tests.support.processes import eventually

from .world import (
    NEVER_DELIVERED,
    WAITING_YEAR,
    at_once,
    bound,
    certificate_code,
    count,
    failed_ticket,
    faults_of,
    matched,
    newcomer,
    passed,
    problem_of,
    told_of,
)


def activate(doctor, route="ticket", proof=None):
    return doctor.api.post("/me/activation", {"route": route, "proof": proof})


def test_what_was_published_is_recognised(deployment):
    """Step 7 of domain §2.1: the automatic check. Whoever passed may be found before it, by the publication's news."""
    assert newcomer(deployment).api.get("/me")["next_step"] == "check_qualification"
    me = passed(deployment).be_recognised()
    assert (me["state"], me["next_step"], len(me["qualifications"]) >= 1) == ("MATCHED", "bind_phone", True)


def test_phone_binding_comes_after_the_match_and_activation_after_both(deployment):
    """E10, and E11's reason: nothing may be filed before."""
    doctor = passed(deployment)
    for act in (lambda: doctor.api.post("/sms-codes"), lambda: doctor.api.post("/me/phone", {"code": "123456"})):
        assert problem_of(act).code == "qualification_not_matched"
    assert problem_of(lambda: activate(doctor, proof=doctor.candidate.ticket)).code == "qualification_not_matched"
    doctor.be_recognised()
    assert problem_of(lambda: activate(doctor, proof=doctor.candidate.ticket)).code == "phone_not_bound"


def test_a_code_comes_once_a_minute_and_serves_once(deployment):
    """Domain §2.4 and E75's other half: six digits by SMS."""
    doctor = matched(deployment)
    assert problem_of(lambda: doctor.api.post("/me/phone", {"code": "123456"})).code == "code_expired"
    sent = doctor.api.post("/sms-codes")
    assert (sent["masked_phone"], sent["resend_after"]) == (f"{doctor.phone[:3]}****{doctor.phone[-4:]}", 60)
    again = problem_of(lambda: doctor.api.post("/sms-codes"))
    assert (again.status, again.code) == (429, "code_sent_recently")
    for left in (4, 3, 2, 1):
        wrong = problem_of(lambda: doctor.api.post("/me/phone", {"code": "x"}))
        assert (wrong.code, wrong.body["facts"]) == ("code_wrong", {"tries_left": left})
    assert problem_of(lambda: doctor.api.post("/me/phone", {"code": "x"})).code == "code_expired"


def test_a_phone_belongs_to_one_account(deployment):
    """E12: refused when the other proves to hold it too; the way on is an appeal."""
    one = bound(deployment)
    other = matched(deployment)
    other.phone = one.phone
    seen = {entry["id"] for entry in other._texts()}
    other.api.post("/sms-codes", {"phone": one.phone})
    text = eventually(lambda: [entry for entry in other._texts() if entry["id"] not in seen])[0]["text"]
    code = next(word for word in _digits(text) if len(word) == 6)
    refused = problem_of(lambda: other.api.post("/me/phone", {"code": code}))
    assert (refused.status, refused.code) == (409, "phone_taken")
    assert other.api.get("/me")["state"] == "MATCHED"


def _digits(text: str) -> list[str]:
    return "".join(character if character.isdigit() else " " for character in text).split()


@pytest.mark.parametrize(
    ("route", "proof", "code"),
    [
        ("certificate_code", "2" * 26, "certificate_code_length"),
        ("certificate_code", "2" * 28, "certificate_code_length"),
        ("ticket", "123456789012", "ticket_format"),
        ("certificate_code", None, "required"),
    ],
)
def test_a_malformed_proof_is_a_format_error_and_not_counted(deployment, route, proof, code):
    """E14: told before any look-up, so it costs no try."""
    doctor = bound(deployment)
    for _ in range(6):
        assert faults_of(problem_of(lambda: activate(doctor, route, proof))) == {"proof": code}
    assert activate(doctor, proof=doctor.candidate.ticket)["state"] == "ACTIVATED"


def test_every_proof_that_shows_nothing_is_refused_alike_and_the_third_raises_the_alert(deployment, waiting):
    """E15, E16, E17 and a ticket nobody has: one text, no data of anybody, and the holder is told at the third."""
    doctor, other = bound(deployment), passed(deployment)
    foreign_code = f"{certificate_code(doctor)[:9]}{other.candidate.id_number}"
    proofs = [
        ("certificate_code", foreign_code),  # E15
        ("ticket", other.candidate.ticket),  # E16
        ("ticket", failed_ticket(deployment)["ticket"]),  # E17
        ("ticket", NEVER_DELIVERED),
    ]
    account_id = doctor.api.get("/me")["account_id"]
    alert = "SELECT count(*) FROM outbox WHERE type = 'accounts.activation_failed.v1' AND aggregate = :aggregate"
    told = []
    for number, (route, proof) in enumerate(proofs, start=1):
        told.append(told_of(problem_of(lambda route=route, proof=proof: activate(doctor, route, proof))))
        assert count(deployment, alert, aggregate=f"account:{account_id}") == (1 if number >= 3 else 0)
    assert told == [told[0]] * len(proofs)
    assert (told[0]["status"], told[0]["code"], "facts" in told[0]) == (422, "proof_not_found", False)


def test_who_failed_the_exam_learns_nothing_from_the_ticket(deployment):
    """E17 for the holder: the own ticket of a failed exam is the same refusal."""
    row = failed_ticket(deployment)
    doctor = newcomer(deployment, Candidate(row["name"], row["id_number"], row["ticket"], "1", "10", row["region"]))
    assert doctor.api.post("/me/qualification-check")["state"] == "UNMATCHED"
    refused = problem_of(lambda: doctor.api.post("/me/qualification-update", {"ticket": row["ticket"]}))
    unknown = problem_of(lambda: doctor.api.post("/me/qualification-update", {"ticket": NEVER_DELIVERED}))
    assert told_of(refused) == told_of(unknown)


def test_five_failures_an_hour_are_the_limit_and_a_proof_that_holds_costs_nothing(deployment):
    """Domain §2.4: per ID and per address, five an hour."""
    doctor, neighbour = bound(deployment), bound(deployment)
    for _ in range(5):
        assert problem_of(lambda: activate(doctor, proof=NEVER_DELIVERED)).code == "proof_not_found"
    limited = problem_of(lambda: activate(doctor, proof=doctor.candidate.ticket))
    assert (limited.status, limited.code) == (429, "too_many_attempts")
    from_the_same_address = problem_of(lambda: activate(neighbour, proof=neighbour.candidate.ticket))
    assert from_the_same_address.code == "too_many_attempts"
    deployment.advance_days(1)
    doctor.api.token = None
    doctor.log_in()
    assert activate(doctor, proof=doctor.candidate.ticket)["state"] == "ACTIVATED"


def test_tries_made_at_once_are_all_counted(deployment):
    """Domain §2.4 under a race: of nine at once five are looked at."""
    doctor = bound(deployment)
    results = at_once([lambda: activate(doctor, proof=NEVER_DELIVERED)] * 9)
    codes = sorted(problem.code for problem in results)
    assert codes == ["proof_not_found"] * 5 + ["too_many_attempts"] * 4


def test_activation_by_certificate_code(deployment):
    """Route A of domain §2.3; done once."""
    doctor = bound(deployment)
    me = activate(doctor, "certificate_code", certificate_code(doctor).lower())
    assert (me["state"], me["next_step"]) == ("ACTIVATED", "none")
    refused = problem_of(lambda: activate(doctor, "certificate_code", certificate_code(doctor)))
    assert (refused.status, refused.code) == (409, "already_activated")


def test_a_paper_certificate_is_entered_by_its_own_code_only(deployment):
    """Domain §6.4 and E25: the registration gate reads it."""
    doctor = bound(deployment)
    activate(doctor, proof=doctor.candidate.ticket)
    code = certificate_code(doctor)
    other_year = f"{int(code[:4]) - 3}{code[4:]}"
    refused = problem_of(lambda: doctor.api.post("/me/paper-certificate", {"code": other_year}))
    assert refused.code == "proof_not_found"
    for _ in range(2):
        assert doctor.api.post("/me/paper-certificate", {"code": code})["state"] == "ACTIVATED"
    assert count(deployment, "SELECT count(*) FROM paper_certificates p JOIN accounts a ON a.id = p.account_id "
                 "WHERE CAST(a.id AS text) IN (:plain, :bare)", **_spellings(doctor)) == 1  # fmt: skip


def _spellings(doctor) -> dict[str, str]:
    account_id = str(doctor.api.get("/me")["account_id"])
    return {"plain": account_id, "bare": account_id.replace("-", "")}


def test_closed_gates_say_nothing_and_open_ones_serve_their_person(deployment, waiting):
    """E09, E18, then self-service update, then recognition by the news itself.

    While the gate of the exam region is closed, the right ticket of the right person is the neutral refusal. Once it
    is open, the ticket serves its own person and nobody else; who has an account when the publication comes is
    recognised without asking.
    """
    early, patient = (newcomer(deployment, waiting.candidate()) for _ in range(2))
    for doctor in (early, patient):
        me = doctor.api.post("/me/qualification-check")
        assert (me["state"], me["next_step"], me["qualifications"]) == ("UNMATCHED", "update_qualification", [])
    closed = problem_of(lambda: early.api.post("/me/qualification-update", {"ticket": early.candidate.ticket}))
    unknown = problem_of(lambda: early.api.post("/me/qualification-update", {"ticket": NEVER_DELIVERED}))
    assert told_of(closed) == told_of(unknown)
    assert closed.code == "proof_not_found"

    examiner = deployment.examiner()
    examiner.api.post("/gates", {"region": "43", "year": WAITING_YEAR, "round": 1})
    foreign = problem_of(lambda: early.api.post("/me/qualification-update", {"ticket": patient.candidate.ticket}))
    assert told_of(foreign) == told_of(unknown)
    me = early.api.post("/me/qualification-update", {"ticket": early.candidate.ticket})
    assert (me["state"], len(me["qualifications"])) == ("MATCHED", 1)
    early.bind_phone()
    assert activate(early)["state"] == "ACTIVATED", "the ticket of step 8b serves again, one click confirms it"

    eventually(lambda: patient.api.get("/me")["state"] == "MATCHED", within=60)


def test_who_has_no_record_may_name_an_old_certificate(deployment):
    """Excluded case 1 of domain §3.10: counted, and the way is offline."""
    counted = "SELECT sum(count) FROM counters WHERE name = 'excluded_case_1'"
    before = count(deployment, counted)
    doctor = newcomer(deployment)
    case = doctor.api.post("/me/old-policy-report", {"certificate_year": 1995})
    assert case == {"case": 1, "code": "old_policy_recognition"}
    assert count(deployment, counted) == before + 1
    later = problem_of(lambda: doctor.api.post("/me/old-policy-report", {"certificate_year": 2005}))
    assert later.code == "certificate_not_old_policy"


def test_the_holder_sees_who_looked(deployment):
    """E71 and PIPL art.44: the clerk opened the case, the doctor reads when, who and why."""
    doctor = deployment.submitted()
    clerk = deployment.clerk()
    task = clerk.task_of(doctor.application["number"])
    clerk.api.get(f"/cases/{task['case_id']}")
    items = eventually(lambda: doctor.api.get("/me/access-log")["items"])
    assert (items[0]["service"], items[0]["role"], items[0]["organisation"]) == ("review", "clerk", "湘岳示例医院")
    first = doctor.api.get("/me/access-log", limit=1)
    assert first["items"] == items[:1]
