"""Two at once: one outcome, and the loser gets a clear conflict."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.journey.api import ApiProblem
from commands.journey.papers import photo


def together(*acts):
    """Run all acts in the same moment; each one's answer or `ApiProblem`."""

    def run(act):
        try:
            return act()
        except ApiProblem as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_officers_decide_one_case_in_the_same_moment(deployment):
    """One decision; the other officer is told that the case has changed."""
    doctor = deployment.accepted()
    number = doctor.application["number"]
    first, second = deployment.officer(nth=0), deployment.officer(nth=1)
    task = first.task_of(number)
    case = first.api.get(f"/cases/{task['case_id']}")

    def decide(officer, action, reasons):
        return lambda: officer.api.post(
            f"/tasks/{task['task_id']}/decision",
            {"action": action, "reasons": reasons, "note": "理由"},
            version=case["version"],
        )

    outcomes = together(
        decide(first, "approve", []), decide(second, "refuse", [{"code": "criminal_penalty", "target": ""}])
    )
    lost = [outcome for outcome in outcomes if isinstance(outcome, ApiProblem)]
    assert len(lost) == 1, outcomes
    assert lost[0].status == 409
    doctor.wait_until("CERT_ISSUED", "EFFECTIVE", "REFUSED")
    assert len(doctor.api.get("/me/career")["items"]) == (1 if isinstance(outcomes[1], ApiProblem) else 0)


def test_a_double_click_submits_once(deployment):
    """Both requests carry the form's key: the same answer, one submission."""
    doctor = deployment.drafted()
    path, version = f"/applications/{doctor.application['id']}/submission", doctor.application["version"]

    def submit():
        return doctor.api.post(path, {"declaration": True}, version=version, key="the-same-form-key")

    answers = together(submit, submit)
    assert all(isinstance(answer, dict) for answer in answers), answers
    assert answers[0]["submission"] == answers[1]["submission"] == 1
    doctor.wait_until("ORG_REVIEW")
    tasks = deployment.clerk().api.get("/tasks", number=doctor.application["number"])["items"]
    assert len(tasks) == 1


def test_the_same_key_with_another_body_is_refused(deployment):
    """Design D12: 409 `idempotency_conflict`."""
    doctor = deployment.activated_doctor()
    body = {"type": "REG", "sub_kind": "FIRST", "qualification_id": doctor.qualification()["id"]}
    first = doctor.api.post("/applications", body, key="one-key-for-two")
    assert doctor.api.post("/applications", body, key="one-key-for-two") == first
    with pytest.raises(ApiProblem) as problem:
        doctor.api.post("/applications", {**body, "sub_kind": "RE"}, key="one-key-for-two")
    assert (problem.value.status, problem.value.code) == (409, "idempotency_conflict")


def test_a_withdrawal_racing_an_approval_has_one_outcome(deployment):
    """Either it is registered and the withdrawal conflicts, or it is withdrawn and the approval conflicts."""
    doctor = deployment.accepted()
    officer = deployment.officer()
    task = officer.task_of(doctor.application["number"])
    version = officer.api.get(f"/cases/{task['case_id']}")["version"]
    approved, withdrawn = together(
        lambda: officer.api.post(f"/tasks/{task['task_id']}/decision", {"action": "approve"}, version=version),
        lambda: doctor.api.post(
            f"/applications/{doctor.application['id']}/withdrawal", {"reason": "不再申请"}, version=version
        ),
    )
    lost = [outcome for outcome in (approved, withdrawn) if isinstance(outcome, ApiProblem)]
    assert len(lost) == 1
    assert lost[0].status == 409
    doctor.wait_until("CERT_ISSUED", "EFFECTIVE", "WITHDRAWN")
    registered = len(doctor.api.get("/me/career")["items"])
    assert registered == (1 if lost[0] is withdrawn else 0)


def test_a_change_without_the_version_it_saw_is_refused(deployment):
    """428 without `If-Match`, 409 with an old one; nothing changes."""
    doctor = deployment.activated_doctor()
    doctor.start()
    path = f"/applications/{doctor.application['id']}"
    with pytest.raises(ApiProblem) as missing:
        doctor.api.request("PATCH", path, json={"step": "institution", "values": {}})
    assert missing.value.status == 428
    with pytest.raises(ApiProblem) as old:
        doctor.api.request("PATCH", path, json={"step": "scope", "values": {"scopes": ["C01"]}}, version=99)
    assert old.value.status == 409
    assert doctor.reload()["version"] == doctor.application["version"]


def test_a_repeated_upload_is_the_same_upload(deployment):
    """The file waits in another place the second time, but it is the same file under the same key."""
    doctor = deployment.activated_doctor()
    doctor.start()
    path, version = f"/applications/{doctor.application['id']}/materials/photo", doctor.application["version"]
    sent = {
        "data": photo(),
        "headers": {"Content-Type": "image/jpeg", "Content-Disposition": 'attachment; filename="photo.jpg"'},
        "version": version,
        "key": "the-same-upload",
    }
    first = doctor.api.request("PUT", path, **sent)
    assert doctor.api.request("PUT", path, **sent) == first
    with pytest.raises(ApiProblem) as problem:
        doctor.api.request("PUT", path, **{**sent, "data": photo() + b"more"})
    assert (problem.value.status, problem.value.code) == (409, "idempotency_conflict")
