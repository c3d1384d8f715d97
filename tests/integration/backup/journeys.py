"""Journeys that can be left anywhere and finished elsewhere: each step is taken only where it is still due."""

from __future__ import annotations

from collections import Counter

from commands.journey.api import wait_for
from tests.e2e.faults.patience import PatientApi
from tests.integration.backup.conftest import rows


def case_state(system, doctor):
    """Where the case of a doctor's application is; None before it is open."""
    found = rows(system, "review", "SELECT state FROM cases WHERE application_id = %s", doctor.application["id"])
    return found[0][0] if found else None


def finish(deployment, doctor, case_state=case_state):
    """Go on from wherever the application is to its certificate; `case_state` reads where its case is."""
    doctor.log_in()
    if doctor.reload()["state"] == "DRAFT":
        doctor.submit()
    number = doctor.reload()["number"]
    while (state := wait_for("the case", lambda: case_state(deployment.system, doctor))) != "APPROVED":
        match state:
            case "ORG_REVIEW":
                deployment.clerk().decide(number, "confirm", step="confirm")
            case "ORG_CONFIRMED" | "RELEASE":
                deployment.officer("window").receive_paper(number)
            case "RECEIVED":
                deployment.officer("window").decide(number, "accept", step="accept")
            case "ACCEPTED":
                deployment.officer("officer").decide(number, "approve", step="decide")
            case _:
                raise AssertionError(state)
    doctor.wait_until("CERT_ISSUED", "EFFECTIVE", within=60)
    # What was being rendered when the backup was taken is held for two minutes more, as after a crash.
    doctor.certificate(within=180)
    return doctor


def carried_over(deployment, doctor):
    """The same doctor as a client of another deployment."""
    copy = type(doctor)(deployment.url, doctor.candidate, phone=doctor.phone, client=PatientApi)
    copy.login, copy.password, copy.application = doctor.login, doctor.password, dict(doctor.application)
    return copy


def assert_registered_once(doctor):
    """One registration and one certificate."""
    assert len(doctor.api.get("/me/career")["items"]) == 1
    assert len(doctor.api.get("/me/certificates")["items"]) == 1


def assert_happened_exactly_once(deployment, doctor):
    """One registration, one certificate, and each message once for each recipient."""
    assert_registered_once(doctor)
    wait_for(
        "the message of the registration",
        lambda: next((True for item in doctor.messages() if item["template"] == "approved"), None),
        within=60,
    )
    messages = rows(
        deployment.system,
        "notices",
        "SELECT recipient, template FROM messages WHERE application_id = %s",
        doctor.application["id"],
    )
    assert not {key: times for key, times in Counter(messages).items() if times > 1}
