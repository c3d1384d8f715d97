"""Opening an account, as anybody with a browser does it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commands.journey.api import ApiProblem
from commands.journey.people import Doctor

from .world import at_once, bound, count, faults_of, identify, newcomer, problem_of, stranger


def wide(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@pytest.mark.parametrize(
    "spelt", [str.lower, wide, lambda text: f" {text[:6]} {text[6:]} "], ids=["x", "wide", "spaces"]
)
def test_one_id_is_one_account_however_it_is_typed(deployment, spelt):
    """E02 and E06: another spelling of the same number is the same person."""
    doctor = stranger(deployment)
    newcomer(deployment, doctor.candidate)
    refused = problem_of(lambda: identify(doctor, id_number=spelt(doctor.candidate.id_number)))
    assert (refused.status, refused.code) == (409, "already_registered")


@pytest.mark.parametrize(
    ("id_number", "code"), [("430199199503070115", "id_check_digit"), ("430199199502300117", "id_date")]
)
def test_a_wrong_id_is_a_field_error_and_uses_the_captcha_up(deployment, id_number, code):
    """E03, E04: nothing was searched, and the captcha can't be used again (E07)."""
    doctor = stranger(deployment)
    captcha = doctor.captcha()
    refused = problem_of(lambda: identify(doctor, id_number=id_number, **captcha))
    assert (refused.status, faults_of(refused)) == (400, {"id_number": code})
    again = problem_of(lambda: identify(doctor, **captcha))
    assert (again.status, again.code) == (400, "captcha_failed")


def test_a_wrong_answer_uses_the_captcha_up(deployment):
    """E07: the right answer comes too late."""
    doctor = stranger(deployment)
    captcha = doctor.captcha()
    wrong = captcha | {"captcha_answer": "00000"}
    assert problem_of(lambda: identify(doctor, **wrong)).code == "captcha_failed"
    assert problem_of(lambda: identify(doctor, **captcha)).code == "captcha_failed"


def test_a_captcha_holds_for_five_minutes(deployment):
    """E07."""
    doctor = stranger(deployment)
    captcha = doctor.captcha()
    deployment.system.advance_clock(timedelta(minutes=5))
    assert problem_of(lambda: identify(doctor, **captcha)).code == "captcha_failed"


def test_a_captcha_can_be_heard(deployment):
    """WCAG 1.1.1."""
    assert stranger(deployment).api.post("/captchas", {"audio": True})["media_type"] == "audio/wav"


def test_who_has_an_account_is_told_how_to_recover_it(deployment):
    """E06: a mask of the phone at most, and only to who knows the name and once the phone is bound."""
    doctor = bound(deployment)
    facts = problem_of(lambda: identify(doctor)).body["facts"]
    assert facts == {
        "recovery": ["phone", "institution", "appeal"],
        "masked_phone": f"{doctor.phone[:3]}****{doctor.phone[-4:]}",
    }
    other_name = problem_of(lambda: identify(doctor, name="欧阳某某")).body["facts"]
    assert other_name == {"recovery": ["institution", "appeal"], "masked_phone": ""}


def test_a_sign_up_that_stops_leaves_a_count_and_nothing_else(deployment):
    """E08: the token ends after a quarter of an hour."""
    passed = "SELECT sum(count) FROM counters WHERE name = 'sign_up_identity_passed'"
    persons, counted = count(deployment, "SELECT count(*) FROM persons"), count(deployment, passed)
    doctor = stranger(deployment)
    token = identify(doctor)["signup_token"]
    assert count(deployment, "SELECT count(*) FROM persons") == persons
    assert count(deployment, passed) == counted + 1
    deployment.system.advance_clock(timedelta(minutes=15))
    refused = problem_of(lambda: open_account(doctor, token))
    assert (refused.status, refused.code) == (422, "signup_expired")
    assert count(deployment, "SELECT count(*) FROM persons") == persons


def open_account(doctor: Doctor, token: str, *, key: str | None = None, **changes):
    body = {"signup_token": token, "phone": doctor.phone, "login_name": doctor.login, "password": doctor.password}
    return doctor.api.post("/signups/account", body | changes, key=key)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"phone": "1"}, {"phone": "phone_format"}),
        ({"password": "short"}, {"password": "password_length"}),
        ({"login_name": "13800000001"}, {"login_name": "login_name_format"}),
        ({"email": "nobody"}, {"email": "email_format"}),
    ],
)
def test_a_bad_contact_is_a_field_error_and_the_token_stays_good(deployment, changes, faults):
    """Domain §2.1 step 3."""
    doctor = stranger(deployment)
    token = identify(doctor)["signup_token"]
    assert faults_of(problem_of(lambda: open_account(doctor, token, **changes))) == faults
    assert open_account(doctor, token)["login_name"] == doctor.login


def test_a_token_that_was_made_up_opens_nothing(deployment):
    doctor = stranger(deployment)
    assert problem_of(lambda: open_account(doctor, "made.up")).status in (400, 422)


def test_a_double_click_opens_one_account_and_answers_twice_the_same(deployment):
    """Design D12: the same key is the same command."""
    doctor = stranger(deployment)
    token = identify(doctor)["signup_token"]
    first, second = at_once([lambda: open_account(doctor, token, key="one-and-the-same")] * 2)
    assert first == second
    assert first["login_name"] == doctor.login


def test_of_two_who_open_an_account_for_one_id_at_once_one_gets_it(deployment):
    """E06 under a race: the other gets a clear conflict, whatever form each filled in."""
    one = stranger(deployment)
    other = Doctor(deployment.url, one.candidate)
    tokens = [identify(one)["signup_token"], identify(other)["signup_token"]]
    results = at_once([lambda: open_account(one, tokens[0]), lambda: open_account(other, tokens[1])])
    refused = [result for result in results if isinstance(result, ApiProblem)]
    assert [problem.code for problem in refused] == ["already_registered"]


def test_a_login_name_is_given_once(deployment):
    first, second = newcomer(deployment), stranger(deployment)
    token = identify(second)["signup_token"]
    refused = problem_of(lambda: open_account(second, token, login_name=first.login.upper()))
    assert faults_of(refused) == {"login_name": "login_name_taken"}


@pytest.mark.parametrize(
    ("id_type", "purpose", "case"),
    [
        ("passport", "register", 4),
        ("travel_permit_hmt", "short_term", 3),
        ("travel_permit_hmt", "recognition", 2),
        ("residence_permit_hmt", "recognition", 2),
    ],
)
def test_the_excluded_cases_are_told_by_number_and_counted(deployment, id_type, purpose, case):
    """E64 and domain §3.10: the offline page of the case; the attempt is counted, nothing else is kept."""
    counted = f"SELECT sum(count) FROM counters WHERE name = 'excluded_case_{case}'"
    before, persons = count(deployment, counted), count(deployment, "SELECT count(*) FROM persons")
    doctor = stranger(deployment)
    refused = problem_of(
        lambda: identify(doctor, name="John Smith", id_number="E12345678", id_type=id_type, purpose=purpose)
    )
    assert (refused.status, refused.code, refused.body["facts"]["case"]) == (422, "excluded_case", case)
    assert count(deployment, counted) == before + 1
    assert count(deployment, "SELECT count(*) FROM persons") == persons
