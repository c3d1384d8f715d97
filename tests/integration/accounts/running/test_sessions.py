"""Logging in, staying in, getting locked out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from commands.journey.api import wait_for

from .world import bound, count, newcomer, passed, problem_of, told_of


def log_in(visitor, login: str, password: str) -> dict[str, Any]:
    answer: dict[str, Any] = visitor.api.post("/sessions", {"login": login, "password": password, **visitor.captcha()})
    return answer


def test_a_session_says_who_and_by_which_factors(deployment):
    """Design D11: the factors are recorded, for the second one to come."""
    doctor = newcomer(deployment)
    session = log_in(deployment.visitor(), f" {doctor.login.upper()} ", doctor.password)
    assert (session["kind"], session["role"], session["factors"]) == ("person", "physician", ["password"])
    staff = log_in(deployment.visitor(), "officer_43", "Yizhu-Demo-1")
    assert (staff["kind"], staff["role"]) == ("staff", "officer")


def test_a_phone_is_a_login_only_once_it_is_bound(deployment):
    """E13: before that it is an unknown user, told like a wrong password."""
    doctor = passed(deployment)
    unbound = problem_of(lambda: log_in(deployment.visitor(), doctor.phone, doctor.password))
    unknown = problem_of(lambda: log_in(deployment.visitor(), "nobody.here", doctor.password))
    wrong = problem_of(lambda: log_in(deployment.visitor(), doctor.login, "Wrong-Pass-1"))
    assert told_of(unbound) == told_of(unknown) == told_of(wrong)
    assert (wrong.status, wrong.code) == (401, "login_failed")
    doctor.be_recognised()
    doctor.bind_phone()
    assert log_in(deployment.visitor(), f"+86 {doctor.phone}", doctor.password)["role"] == "physician"


@pytest.mark.parametrize("exists", [True, False])
def test_five_wrong_passwords_lock_whether_the_user_exists_or_not(deployment, exists):
    """Domain §2.2: LOCKED for 15 minutes, the right password included."""
    doctor = newcomer(deployment)
    login = doctor.login if exists else "nobody.at.all"
    for _ in range(5):
        assert problem_of(lambda: log_in(deployment.visitor(), login, "Wrong-Pass-1")).code == "login_failed"
    locked = problem_of(lambda: log_in(deployment.visitor(), login, doctor.password))
    assert (locked.status, locked.code) == (429, "login_locked")
    assert 0 < locked.body["facts"]["retry_after"] <= 900
    deployment.system.advance_clock(timedelta(minutes=15))
    if exists:
        assert log_in(deployment.visitor(), login, doctor.password)["kind"] == "person"


def test_a_right_password_ends_the_row_of_wrong_ones(deployment):
    doctor = newcomer(deployment)
    for _ in range(2):
        for _ in range(4):
            problem_of(lambda: log_in(deployment.visitor(), doctor.login, "Wrong-Pass-1"))
        assert log_in(deployment.visitor(), doctor.login, doctor.password)["kind"] == "person"


def test_half_an_hour_of_nothing_ends_a_session(deployment):
    doctor = newcomer(deployment)
    deployment.system.advance_clock(timedelta(minutes=29))
    assert doctor.api.get("/me")["kind"] == "person"
    deployment.system.advance_clock(timedelta(minutes=31))
    refused = problem_of(lambda: doctor.api.get("/me"))
    assert (refused.status, refused.code) == (401, "session_ended")


def test_twelve_hours_end_a_session_however_busy(deployment):
    doctor = newcomer(deployment)
    for _ in range(28):
        deployment.system.advance_clock(timedelta(minutes=25))
        doctor.api.get("/me")
    deployment.system.advance_clock(timedelta(minutes=25))
    assert problem_of(lambda: doctor.api.get("/me")).code == "session_ended"


def test_logging_out_ends_it(deployment):
    doctor = newcomer(deployment)
    doctor.api.request("DELETE", "/sessions/current")
    assert problem_of(lambda: doctor.api.get("/me")).code == "session_ended"


def test_staff_see_their_own_account_and_organisation(deployment):
    me = deployment.clerk().api.get("/me")
    assert (me["kind"], me["role"], me["next_step"], me["organisation"]["kind"]) == (
        "staff", "clerk", "none", "institution",
    )  # fmt: skip


def test_a_person_is_masked_to_themselves(deployment):
    """Domain §10.2: first four and last two of the ID, `138****0001` of the phone."""
    doctor = bound(deployment)
    me = doctor.api.get("/me")
    number = doctor.candidate.id_number
    assert me["masked_id"] == f"{number[:4]}{'*' * 12}{number[-2:]}"
    assert me["masked_phone"] == f"{doctor.phone[:3]}****{doctor.phone[-4:]}"


def new_devices(deployment, account_id: str) -> int:
    """How often the account's owner was told of a new device."""
    statement = "SELECT count(*) FROM outbox WHERE type = 'accounts.new_device.v1' AND aggregate = :account"
    return count(deployment, statement, account=f"account:{account_id}")


def test_a_login_from_another_device_is_told_to_the_owner_and_the_first_is_not(deployment):
    """domain.md §9.1: new device → P. An API client is known by the token that it presents, or as one without any."""
    doctor = newcomer(deployment)  # has logged in once, with no token

    def enter(**device: str) -> None:
        visitor = deployment.visitor()
        visitor.api.post(
            "/sessions", {"login": doctor.login, "password": doctor.password, **visitor.captcha(), **device}
        )

    account_id = doctor.api.get("/me")["account_id"]
    enter()
    assert new_devices(deployment, account_id) == 0
    enter(device_token="phone-1")
    assert new_devices(deployment, account_id) == 1
    enter(device_token="phone-1")
    enter()
    assert new_devices(deployment, account_id) == 1
    enter(device_token="phone-2")
    assert new_devices(deployment, account_id) == 2
    told = wait_for(
        "both messages",
        lambda: (
            [item for item in doctor.api.get("/me/messages")["items"] if item["template"] == "new_device"][1:] or None
        ),
    )
    assert "phone-" not in str(told)


def test_a_wrong_password_from_a_new_device_is_no_login(deployment):
    doctor = newcomer(deployment)
    visitor = deployment.visitor()
    wrong = {"login": doctor.login, "password": "Wrong-Pass-1", "device_token": "phone-3", **visitor.captcha()}
    assert problem_of(lambda: visitor.api.post("/sessions", wrong)).code == "login_failed"
    assert new_devices(deployment, doctor.api.get("/me")["account_id"]) == 0
