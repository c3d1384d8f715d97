"""回避: a member of staff who is the applicant too, by ID number, handles the own application at no desk."""

from __future__ import annotations

import csv

import pytest

from commands.journey.api import ApiProblem
from commands.journey.cast import Login
from commands.journey.people import Doctor
from commands.journey.script import SCOPE_OF

PASSWORD = "Yizhu-Demo-1"  # of staff that only this test enters


def enter_staff(deployment, folder, login, role, organisation, id_number):
    """Load one member of staff with an ID number, as an operator does; the member, logged in."""
    line = {
        "login_name": login, "name": "经办员", "role": role, "organisation": organisation,
        "password": PASSWORD, "id_number": id_number,
    }  # fmt: skip
    path = folder / f"{login}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(line))
        writer.writeheader()
        writer.writerow(line)
    deployment.system.command("staff", "load", str(path))
    return deployment.staff(Login(login, PASSWORD, role, organisation))


def refusal(act):
    with pytest.raises(ApiProblem) as problem:
        act()
    return problem.value.status, problem.value.code


def test_an_officer_does_not_handle_their_own_application(deployment, tmp_path):
    """Neither claimed, nor taken as the next one, nor decided; a colleague does it. Here the account came first."""
    doctor = deployment.accepted()
    number, login = doctor.application["number"], f"own{doctor.candidate.ticket[-6:]}"
    place = deployment.hospital()
    officer = enter_staff(deployment, tmp_path, login, "officer", place.authority, doctor.candidate.id_number)
    task = officer.task_of(number)
    assert refusal(lambda: officer.api.post(f"/tasks/{task['task_id']}/claim")) == (403, "own_application")
    case = officer.api.get(f"/cases/{task['case_id']}")
    assert case["actions"] == []
    decision = {"action": "approve", "reasons": [], "note": ""}
    path = f"/tasks/{task['task_id']}/decision"
    assert refusal(lambda: officer.api.post(path, decision, version=case["version"])) == (403, "own_application")
    deployment.officer().decide(number, "approve", step="decide")
    doctor.wait_until("CERT_ISSUED")


def test_a_clerk_who_becomes_an_applicant_does_not_confirm_their_own_employment(deployment, tmp_path):
    """The account is opened when the clerk has been at work already: from that moment on the rule holds."""
    candidate, place = deployment.candidate(), deployment.hospital()
    login = f"own{candidate.ticket[-6:]}"
    clerk = enter_staff(deployment, tmp_path, login, "clerk", place.licence_number, candidate.id_number)
    colleague = deployment.submitted()
    clerk.decide(colleague.application["number"], "confirm", step="confirm")  # nobody's own
    doctor = Doctor(deployment.url, candidate, client=deployment.client)
    doctor.open_account()
    doctor.log_in()
    doctor.be_recognised()
    doctor.bind_phone()
    doctor.activate()
    doctor.start()
    doctor.fill_in(deployment.institution_id(), [SCOPE_OF[candidate.category]], deployment.today())
    doctor.upload()
    number = doctor.submit()["number"]
    task = clerk.task_of(number)
    assert refusal(lambda: clerk.api.post(f"/tasks/{task['task_id']}/claim")) == (403, "own_application")
    path, decision = f"/tasks/{task['task_id']}/decision", {"action": "confirm", "reasons": [], "note": ""}
    version = clerk.api.get(f"/cases/{task['case_id']}")["version"]
    assert refusal(lambda: clerk.api.post(path, decision, version=version)) == (403, "own_application")
    deployment.clerk().decide(number, "confirm", step="confirm")
