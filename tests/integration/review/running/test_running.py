"""The service at work among the others: clocks that move, licences that end, authorities that change, two at a desk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from commands.journey.api import ApiProblem, wait_for
from commands.journey.cast import Organisation
from commands.journey.people import Doctor, Staff
from tests.integration.review.running.registry import Registry
from tests.support.deployment import Deployment


def refused(status: int, code: str) -> Any:
    return pytest.raises(ApiProblem, match=f"^{status} {code}")


def received(deployment: Deployment, place: Organisation | None = None) -> Doctor:
    """Somebody whose paper file is at the window."""
    doctor = deployment.submitted(place)
    number = doctor.application["number"]
    deployment.clerk(place).decide(number, "confirm", step="confirm")
    deployment.officer("window", place).receive_paper(number)
    doctor.wait_until("RECEIVED")
    return doctor


def logged_in_again(doctor: Doctor) -> None:
    """Days have gone by, and with them the session."""
    doctor.api.token = None
    doctor.log_in()


def licence_known_of(deployment: Deployment, number: str) -> str:
    """What the case knows of the institution's licence."""
    engine = create_engine(deployment.system.database_url("review"))
    try:
        with engine.connect() as connection:
            query = text("SELECT licence_status FROM cases WHERE number = :number")
            return str(connection.execute(query, {"number": number}).scalar_one())
    finally:
        engine.dispose()


def entry(doctor: Doctor, action: str) -> dict[str, Any]:
    """The step of that name in the doctor's timeline."""
    found: dict[str, Any] = next(item for item in doctor.timeline()["entries"] if item["action"] == action)
    return found


def test_silence_for_five_working_days_is_an_acceptance(deployment: Deployment) -> None:
    """行政许可法 art.32(4): accepted from the day of receipt, by its clock, and told as such."""
    doctor = received(deployment)
    received_on = deployment.today()
    deployment.advance_days(16)  # five working days, whatever holidays lie between
    logged_in_again(doctor)
    doctor.wait_until("ACCEPTED")
    assert entry(doctor, "deem_accepted")["actor_role"] == "service"
    officer = deployment.officer()
    case = officer.api.get(f"/cases/{officer.task_of(doctor.application['number'])['case_id']}")
    decision = next(clock for clock in case["clocks"] if clock["name"] == "decision")
    assert date.fromisoformat(decision["started_on"]) == received_on


def test_without_licence_a_waiting_application_ends(
    deployment: Deployment, registry: Registry, clinic: Organisation
) -> None:
    """E45, first half: at ORG_REVIEW → TERMINATED."""
    doctor = deployment.submitted(clinic)
    doctor.wait_until("ORG_REVIEW")
    registry.change(clinic.licence_number, licence_status="cancelled")
    doctor.wait_until("TERMINATED")
    assert entry(doctor, "licence_cancelled")["reasons"][0]["code"] == "institution_not_licensed"


def test_without_licence_an_accepted_application_is_an_officers_task(
    deployment: Deployment, registry: Registry, clinic: Organisation
) -> None:
    """E45, second half: after ACCEPTED an officer decides, normally REFUSED; it can't be approved."""
    doctor = deployment.accepted(clinic)
    number = doctor.application["number"]
    registry.change(clinic.licence_number, licence_status="cancelled")
    officer = deployment.officer("officer", clinic)
    wait_for(
        "the exception",
        lambda: [item for item in officer.api.get("/tasks", tab="exception")["items"] if item["number"] == number],
    )
    with refused(422, "institution_not_licensed"):
        officer.decide(number, "approve")
    officer.decide(number, "refuse", ("institution_not_licensed", ""), note="拟执业机构已注销执业许可")
    doctor.wait_until("REFUSED")


def test_a_licence_that_ends_holds_the_approval_up_until_it_is_renewed(
    deployment: Deployment, registry: Registry, clinic: Organisation
) -> None:
    """E45 without anybody's act: its last day passes while an accepted application waits; nothing is lost by it."""
    doctor = deployment.accepted(clinic)
    number = doctor.application["number"]
    registry.change(clinic.licence_number, licence_valid_to=deployment.today().isoformat())
    deployment.advance_days(1)
    wait_for("the news of the end", lambda: licence_known_of(deployment, number) == "suspended" or None, within=60)
    with refused(422, "institution_not_licensed"):
        deployment.officer("officer", clinic).decide(number, "approve")
    registry.change(clinic.licence_number, licence_valid_to="2045-12-31")
    wait_for("the news of the renewal", lambda: licence_known_of(deployment, number) == "valid" or None)
    deployment.officer("officer", clinic).decide(number, "approve")
    logged_in_again(doctor)
    doctor.wait_until("EFFECTIVE", "CERT_ISSUED")


def test_who_is_not_competent_any_more_names_the_right_one(
    deployment: Deployment, registry: Registry, clinic: Organisation
) -> None:
    """E31: the licence's authority changed meanwhile; NOT_ACCEPTED with the right one named, no refusal on record."""
    doctor = received(deployment, clinic)
    number = doctor.application["number"]
    registry.change(clinic.licence_number, authority="AUTH-4301")
    window = deployment.officer("window", clinic)
    with refused(422, "not_competent"):
        window.decide(number, "accept")
    case = window.decide(number, "not_accept", ("wrong_authority", ""))
    assert case["decision_number"] == ""
    doctor.wait_until("NOT_ACCEPTED")
    assert entry(doctor, "not_accept")["right_authority_name"] == "长沙市卫生健康委员会"


def test_the_county_looks_first_where_the_policy_says_so(deployment: Deployment) -> None:
    """Domain §8 `review.pre_tiers`: province 44 lets the county look at what the city decides."""
    place = deployment.cast.institution("99900101644010611A1001")
    doctor = deployment.accepted(place, region="44", paper_certificate=True, state="PRE_REVIEW")
    number = doctor.application["number"]
    city, county = deployment.officer("officer", place), deployment.staff(deployment.cast.at("AUTH-440106", "officer"))
    assert city.api.get("/tasks", number=number)["items"] == []
    county.decide(number, "agree", step="pre_review")
    doctor.wait_until("ACCEPTED")
    city.decide(number, "approve", step="decide")
    doctor.wait_until("EFFECTIVE", "CERT_ISSUED")


def test_a_task_is_held_by_one_and_laid_back(deployment: Deployment) -> None:
    """Claim and release; the second is told who comes first, the head may step in."""
    doctor = deployment.accepted()
    first, second, head = deployment.officer(), deployment.officer(nth=1), deployment.officer("head")
    task = first.task_of(doctor.application["number"])["task_id"]
    first.api.post(f"/tasks/{task}/claim")
    with refused(409, "task_claimed"):
        second.api.post(f"/tasks/{task}/claim")
    first.api.request("DELETE", f"/tasks/{task}/claim")
    assert second.api.post(f"/tasks/{task}/claim")["claimed_by_me"]
    assert head.api.post(f"/tasks/{task}/claim")["claimed_by_me"]
    with refused(409, "task_claimed"):
        second.decide(doctor.application["number"], "approve")


def test_whoever_looks_at_a_case_is_seen(deployment: Deployment) -> None:
    """E71: 谁查看过."""
    doctor = deployment.submitted()
    clerk: Staff = deployment.clerk()
    task = clerk.task_of(doctor.application["number"])
    clerk.api.get(f"/cases/{task['case_id']}")
    seen = wait_for("the access log", lambda: doctor.api.get("/me/access-log")["items"] or None)
    assert ("review", "clerk") in {(row["service"], row["role"]) for row in seen}


def test_a_look_is_logged_once_a_day_for_each_case_and_officer(deployment: Deployment) -> None:
    """E71: the log tells who looked when, not how often a page was opened again."""
    doctor, clerk = deployment.submitted(), deployment.clerk()
    number = doctor.application["number"]
    case_id = clerk.task_of(number)["case_id"]

    def looks() -> list[dict[str, Any]]:
        rows = doctor.api.get("/me/access-log", limit=100)["items"]
        return [row for row in rows if row["service"] == "review" and number in row["reason"]]

    for _ in range(3):
        clerk.api.get(f"/cases/{case_id}")
    wait_for("the first look", lambda: looks() or None)
    deployment.advance_days(1)
    logged_in_again(doctor)
    clerk = deployment.clerk()
    for _ in range(3):
        clerk.api.get(f"/cases/{case_id}")
    wait_for("the next day's look", lambda: len(looks()) > 1 or None)
    assert [row["role"] for row in looks()] == ["clerk", "clerk"]
    assert looks()[0]["at"] > looks()[1]["at"]


def test_an_objection_is_heard_by_the_authorities_and_not_by_the_institution(deployment: Deployment) -> None:
    """Domain §8 `review.pre_tiers`; 个人信息保护法 art.28: its reasons are not the employer's business."""
    place = deployment.cast.institution("99900101644010611A1001")
    doctor = deployment.accepted(place, region="44", paper_certificate=True, state="PRE_REVIEW")
    number = doctor.application["number"]
    county = deployment.staff(deployment.cast.at("AUTH-440106", "officer"))
    words = "复核发现处罚记录尚未说明"
    county.decide(number, "object", ("criminal_penalty", ""), note=words, step="pre_review")
    doctor.wait_until("ACCEPTED")
    officer, clerk = deployment.officer("officer", place), deployment.clerk(place)
    case_path = f"/cases/{officer.task_of(number)['case_id']}"
    assert words in str(officer.api.get(case_path))
    assert words in str(doctor.timeline())
    for path in (case_path, f"/applications/{doctor.application['id']}"):
        seen = clerk.api.get(path)
        assert words not in str(seen)
        assert "criminal_penalty" not in {reason["code"] for reason in seen["reasons"]}


def test_an_application_that_is_not_there_has_neither_timeline_nor_withdrawal(deployment: Deployment) -> None:
    """An unknown number is not found; a draft has a state, and nothing to take back."""
    doctor = deployment.activated_doctor()
    unknown = f"/applications/{uuid4()}"
    with refused(404, "not_found"):
        doctor.api.get(f"{unknown}/timeline")
    with refused(404, "not_found"):
        doctor.api.post(f"{unknown}/withdrawal", {}, version=1)
    for reader in (deployment.clerk(), deployment.officer("window"), deployment.officer(), deployment.officer("head")):
        with refused(404, "application_not_found"):
            reader.api.get(unknown)
    doctor.start()
    draft = f"/applications/{doctor.application['id']}"
    timeline = doctor.api.get(f"{draft}/timeline")
    assert (timeline["state"], timeline["case_id"], timeline["entries"]) == ("DRAFT", None, [])
    with refused(409, "action_not_possible"):
        doctor.api.post(f"{draft}/withdrawal", {}, version=1)


def test_strangers_see_neither_case_nor_timeline(deployment: Deployment, clinic: Organisation) -> None:
    doctor, other = deployment.submitted(), deployment.activated_doctor()
    doctor.wait_until("ORG_REVIEW")
    case_id = doctor.timeline()["case_id"]
    with refused(404, "not_found"):
        deployment.clerk(clinic).api.get(f"/cases/{case_id}")
    with refused(404, "not_found"):
        other.api.get(f"/applications/{doctor.application['id']}/timeline")


def test_the_institution_is_reminded_of_its_ten_days(deployment: Deployment) -> None:
    """Domain §9.1: reminders only; the case waits on."""
    doctor = deployment.submitted()
    doctor.wait_until("ORG_REVIEW")
    until = date.fromisoformat(doctor.timeline()["act_until"])
    deployment.advance_days((until - deployment.today()).days + 3)
    logged_in_again(doctor)
    clerk = deployment.clerk()
    row = next(item for item in clerk.api.get("/tasks")["items"] if item["number"] == doctor.application["number"])
    assert row["days_left"] < 0
    assert date.fromisoformat(row["due_on"]) - deployment.today() <= timedelta(days=-3)
    assert doctor.reload()["state"] == "ORG_REVIEW"
