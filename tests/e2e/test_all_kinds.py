"""Kinds of business over HTTP through all services: filed, confirmed, released, decided, and what the register says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commands.journey.api import ApiProblem, wait_for
from tests.support.business_acts import Business, registrations

TOWNSHIP_LICENCE, COUNTY_LICENCE = "99900038X43012111C2201", "99900054X43012111A1001"


def place_of(deployment, licence):
    """An institution of the examples by its licence number."""
    return next(found for found in deployment.cast.institutions if found.licence_number == licence)


@pytest.fixture
def registered(deployment):
    """A doctor with a valid registration at the first hospital."""
    doctor = deployment.accepted()
    deployment.officer("officer").decide(doctor.application["number"], "approve", step="decide")
    doctor.wait_until("CERT_ISSUED", within=60)
    (registration,) = registrations(doctor)
    return doctor, registration


def test_a_move_asks_the_side_that_is_left_and_an_objection_decides_nothing(deployment, registered):
    """CHANGE with change.release_mode NOTIFY: the old institution answers, the new authority decides (E47)."""
    doctor, registration = registered
    place = place_of(deployment, COUNTY_LICENCE)
    today = deployment.today()
    answers = {
        "photo_taken_on": (today - timedelta(days=20)).isoformat(),
        "institution_id": deployment.institution_id(place),
        "start_on": today.isoformat(),
    }
    move = Business(deployment, doctor, place, answers)
    move.filed("CHANGE", "ORG_SAME_AUTH", registration_id=registration["id"])
    assert doctor.application["sub_kind"] == "ORG_IN_PROVINCE"
    move.confirm()
    doctor.wait_until("RELEASE")
    deployment.clerk().decide(move.number, "object_to_release", ("contract_dispute",), step="release")
    deployment.officer("officer").decide(move.number, "release", step="release")
    doctor.wait_until("ORG_CONFIRMED")
    move.receive().approve()
    (after,) = registrations(doctor)
    assert (after["id"], after["institution_name"], after["status"]) == (registration["id"], place.name, "ACTIVE")


def test_a_filing_is_made_and_ended(deployment, registered):
    """MULTI_ADD and MULTI_DEL: filed by the authority that approved the further institution."""
    doctor, registration = registered
    place, today = place_of(deployment, TOWNSHIP_LICENCE), deployment.today()
    term = {
        "institution_id": deployment.institution_id(place),
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=200)).isoformat(),
        "scopes": ["C01"],
    }
    filing = Business(deployment, doctor, place, term)
    filing.filed("MULTI_ADD", registration_id=registration["id"]).decided()
    (found,) = registrations(doctor)[0]["filings"]
    assert (found["institution_name"], found["status"]) == (place.name, "active")
    over = Business(deployment, doctor, place, {"ends_on": today.isoformat()})
    over.filed("MULTI_DEL", filing_id=found["id"]).decided()
    (ended,) = registrations(doctor)[0]["filings"]
    assert ended["valid_to"] == today.isoformat()


def test_a_doctor_cancels_and_registers_anew(deployment, registered):
    """CANCEL by own wish, the certificate void at once; RE opens a registration with a new code."""
    doctor, registration = registered
    certificate, _ = doctor.certificate()
    wish = Business(deployment, doctor, deployment.hospital(), {"reason": "个人原因"})
    wish.filed("CANCEL", "VOLUNTARY", registration_id=registration["id"]).decided()
    assert registrations(doctor)[0]["status"] == "CANCELLED"
    assert deployment.visitor().check_certificate(certificate["check_code"])["verdict"] == "cancelled"
    today = deployment.today()
    answers = {
        "institution_id": deployment.institution_id(),
        "start_on": today.isoformat(),
        "scopes": ["C01"],
        "photo_taken_on": (today - timedelta(days=20)).isoformat(),
        "health_check_on": (today - timedelta(days=20)).isoformat(),
    }
    again = Business(deployment, doctor, deployment.hospital(), answers)
    again.filed("REG", "RE", qualification_id=doctor.qualification()["id"]).decided()
    codes = {found["practice_code"]: found["status"] for found in registrations(doctor)}
    assert sorted(codes.values()) == ["ACTIVE", "CANCELLED"]


def test_to_the_forces(deployment, registered):
    """MIL_OUT: no new institution and no new authority inside of the system."""
    doctor, registration = registered
    leaving = Business(deployment, doctor, deployment.hospital(), {"ends_on": deployment.today().isoformat()})
    leaving.filed("MIL_OUT", registration_id=registration["id"]).decided()
    assert registrations(doctor)[0]["status"] == "TRANSFERRED_MIL"


def test_an_institution_reports_and_the_physician_objects(deployment, registered):
    """CANCEL by report: nobody confirms, the physician may object, an officer decides."""
    doctor, registration = registered
    today = deployment.today().isoformat()
    clerk = deployment.clerk()
    reported = clerk.api.post(
        "/reports",
        {
            "type": "CANCEL",
            "registration_id": registration["id"],
            "values": {"ground": "X7", "happened_on": today, "known_on": today},
        },
    )
    doctor.application = reported
    case = Business(deployment, doctor, deployment.hospital())
    doctor.wait_until("ORG_CONFIRMED")
    window = deployment.officer("window")
    window.receive_paper(case.number)
    window.decide(case.number, "accept", step="accept")
    case.approve()
    assert registrations(doctor)[0]["status"] == "CANCELLED"
    messages = wait_for(
        "the message of the report",
        lambda: (lambda names: names if "reported_by_institution" in names else None)(
            [message["template"] for message in doctor.messages()]
        ),
    )
    assert "reported_by_institution" in messages


def test_a_departure_and_its_end_in_a_move_within_two_years(deployment, registered):
    """离岗备案 takes effect with the report; what was left can still move."""
    doctor, registration = registered
    clerk = deployment.clerk()
    left = clerk.api.post(
        "/departures",
        {"registration_id": registration["id"], "left_on": deployment.today().isoformat(), "reason": "resignation"},
        version=registration["version"],
    )
    assert left["status"] == "LEFT_FILED"
    card = doctor.api.get(
        "/business-types/CHANGE/readiness", sub_kind="ORG_SAME_AUTH", registration_id=registration["id"]
    )
    assert {item["rule"]: item["result"] for item in card["outcomes"]}["registration_may_move"] == "passed"


def test_what_is_about_a_registration_needs_one(deployment, registered):
    """Unknown, somebody else's or none: refused with the field, and nothing is stored."""
    doctor, _ = registered
    with pytest.raises(ApiProblem, match=r"^400 invalid_input"):
        doctor.api.post("/applications", {"type": "CHANGE", "sub_kind": "SCOPE"})
    with pytest.raises(ApiProblem, match=r"^404"):
        doctor.api.post(
            "/applications",
            {"type": "CANCEL", "registration_id": "0193a1f0-0000-7000-8000-000000000001"},
        )
