"""A qualification is annulled: what waits on it ends, what is registered stays until a person decides (E55)."""

from __future__ import annotations

import pytest

from commands.journey.api import ApiProblem
from commands.journey.script import SCOPE_OF


def annul(deployment, doctor):
    """The exam centre withdraws the qualification (医师法 art.54)."""
    deployment.system.command("exam", "annul", doctor.qualification()["id"], "--decision", "考办〔2026〕1号")


def career(doctor):
    """The doctor's registrations, without the moment at which they were asked for."""
    return [item | {"known_at": None} for item in doctor.api.get("/me/career")["items"]]


def test_an_annulled_qualification_ends_the_open_case(deployment):
    """`domain.md` §6.7: open applications are terminated, the applicant reads why, and no officer has a task left."""
    doctor = deployment.accepted()
    number = doctor.application["number"]
    officer = deployment.officer()
    case_id = officer.task_of(number)["case_id"]
    annul(deployment, doctor)
    ended = doctor.wait_until("TERMINATED")
    assert [(item["code"], item["target"]) for item in ended["reasons"]] == [
        ("qualification_annulled", "qualification_certificate")
    ]
    last = doctor.timeline()["entries"][-1]
    assert (last["action"], last["to_state"]) == ("qualification_annulled", "TERMINATED")
    assert officer.api.get(f"/cases/{case_id}")["actions"] == []
    assert officer.api.get("/tasks", number=number)["items"] == []
    assert career(doctor) == []


def test_a_draft_on_an_annulled_qualification_is_not_submitted(deployment):
    """Rule `qualification_stands`: the draft stays a draft."""
    doctor = deployment.drafted()
    annul(deployment, doctor)
    with pytest.raises(ApiProblem):
        doctor.submit()
    assert doctor.reload()["state"] == "DRAFT"


def test_a_registration_on_an_annulled_qualification_is_untouched(deployment):
    """E55: its withdrawal is proposed to an officer and never happens by itself."""
    doctor = deployment.accepted()
    deployment.officer().decide(doctor.application["number"], "approve", step="decide")
    doctor.wait_until("CERT_ISSUED")
    before = career(doctor)
    waiting = deployment.submitted()
    annul(deployment, doctor)
    annul(deployment, waiting)
    waiting.wait_until("TERMINATED")  # told after the first: that one was looked at by then
    assert doctor.reload()["state"] == "CERT_ISSUED"
    assert career(doctor) == before
    assert before[0]["status"] == "ACTIVE"
    assert SCOPE_OF[doctor.candidate.category] in before[0]["scopes"]
