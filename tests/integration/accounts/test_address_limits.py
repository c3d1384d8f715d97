"""What one network address may try, with the proxy that tells addresses apart; other addresses go on meanwhile."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from commands.journey.api import Api, ApiProblem
from commands.journey.people import Candidate, Doctor
from shared.trade.resident_id import with_check_digit
from tests.support.processes import ROOT, System

LIMITS = {
    "account.token_attempts": 2,
    "account.address_limit.captchas_minute": 12,
    "account.address_limit.spoken_captchas_hour": 2,
    "account.address_limit.identities_hour": 6,
    "account.address_limit.accounts_hour": 4,
    "account.address_limit.failed_logins_hour": 3,
}
_numbers = count(1)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A deployment behind one proxy, with limits as in production but low ones."""
    folder = tmp_path_factory.mktemp("limits")
    provinces = folder / "provinces"
    shutil.copytree(ROOT / "provinces", provinces)
    _set_limits(provinces / "national.toml")
    settings = {"ADDRESS_LIMITS": "enforced", "TRUSTED_PROXIES": "1", "PROVINCES_DIR": str(provinces)}
    with System.embedded(folder / "system", **settings) as running:
        yield running
        assert not running.faults(), running.faults()[0]


@pytest.fixture
def visit(system: System) -> Callable[..., Doctor]:
    """Make somebody without an account at an address of their own, or at a given one."""
    return lambda address=None: _somebody(system, address or f"198.51.100.{next(_numbers)}")


def _set_limits(national: Path) -> None:
    text = national.read_text(encoding="utf-8")
    for key, value in LIMITS.items():
        text, changed = re.subn(rf'^"{re.escape(key)}" = \d+', f'"{key}" = {value}', text, flags=re.MULTILINE)
        assert changed == 1, key
    national.write_text(text, encoding="utf-8")


def _somebody(system: System, address: str) -> Doctor:
    class AtAddress(Api):
        """Asks from an address, as the proxy says."""

        def request(self, method: str, path: str, **options: Any) -> Any:
            headers = {**(options.pop("headers", None) or {}), "X-Forwarded-For": f"6.6.6.6, {address}"}
            return super().request(method, path, headers=headers, **options)

    number = next(_numbers)
    born = date(1990, 1, 1) + timedelta(days=number)
    candidate = Candidate("黄示例", with_check_digit(f"430199{born:%Y%m%d}{100 + number}"), "", "1", "10", "43")
    return Doctor(system.url, candidate, client=AtAddress)


def refused(act: Callable[[], Any]) -> ApiProblem:
    """The refusal that an act meets."""
    with pytest.raises(ApiProblem) as raised:
        act()
    return raised.value


def assert_is_spent(problem: ApiProblem) -> None:
    """The address has tried too often; the sentence says for how long, in minutes."""
    assert (problem.status, problem.code) == (429, "too_many_from_address")
    facts = problem.body["facts"]
    assert 0 < facts["retry_after"] <= 3600
    assert f"{facts['minutes']} 分钟" in problem.detail


def identify(doctor: Doctor) -> str:
    """The identity step; its token."""
    body = {"name": doctor.candidate.name, "id_number": doctor.candidate.id_number, "consent_version": "1"}
    return str(doctor.api.post("/signups", body | doctor.captcha())["signup_token"])


def open_account(doctor: Doctor, token: str, **changes: str) -> Any:
    """The account step."""
    body = {"signup_token": token, "phone": doctor.phone, "login_name": doctor.login, "password": doctor.password}
    return doctor.api.post("/signups/account", body | changes)


def log_in(doctor: Doctor, login: str, password: str) -> Any:
    """A login."""
    return doctor.api.post("/sessions", {"login": login, "password": password, **doctor.captcha()})


def test_captchas_are_limited_and_spoken_ones_more_strictly(visit):
    spoken, seen = visit(), visit()
    for _ in range(2):
        spoken.api.post("/captchas", {"audio": True})
    assert_is_spent(refused(lambda: spoken.api.post("/captchas", {"audio": True})))
    spoken.api.post("/captchas")
    for _ in range(12):
        seen.api.post("/captchas")
    assert_is_spent(refused(lambda: seen.api.post("/captchas")))
    visit().api.post("/captchas", {"audio": True})


def test_an_address_claimed_by_the_client_is_no_other_address(system, visit):
    """What stands before the proxy's own entry changes nothing."""
    spoken = visit("192.0.2.77")
    for claimed in ("1.1.1.1", "2.2.2.2"):
        headers = {"X-Forwarded-For": f"{claimed}, 192.0.2.77"}
        answer = requests.post(f"{system.url}/api/v1/captchas", json={"audio": True}, headers=headers, timeout=20)
        assert answer.status_code == 201
    assert_is_spent(refused(lambda: spoken.api.post("/captchas", {"audio": True})))


def test_identities_are_limited(visit):
    """Nobody goes through a list of ID numbers to learn who has an account (E06)."""
    address = "192.0.2.10"
    for _ in range(6):
        identify(visit(address))
    assert_is_spent(refused(lambda: identify(visit(address))))
    identify(visit())


def test_accounts_are_limited(visit):
    address = "192.0.2.20"
    for _ in range(4):
        visit(address).open_account()
    assert_is_spent(refused(lambda: visit(address).open_account()))
    visit().open_account()


def test_a_token_serves_for_a_few_forms_and_then_never_again(visit):
    """S5: without this one captcha would try login names and phones for a quarter of an hour."""
    taken, doctor = visit(), visit()
    taken.open_account()
    token = identify(doctor)
    for _ in range(2):
        problem = refused(lambda: open_account(doctor, token, login_name=taken.login))
        assert problem.body["errors"][0]["code"] == "login_name_taken"
    spent = refused(lambda: open_account(doctor, token))
    assert (spent.status, spent.code) == (422, "signup_used_up")
    assert "第1步" in spent.detail
    assert open_account(doctor, identify(doctor))["login_name"] == doctor.login


def test_one_password_on_many_names_spends_the_address_and_a_right_one_does_not(visit):
    """Spraying: no single name is locked by it, the address is."""
    address = "192.0.2.30"
    doctor = visit(address)
    doctor.open_account()
    for _ in range(4):
        doctor.log_in()
    for number in range(3):
        assert refused(lambda: log_in(doctor, f"sprayed.{number}", "Summer-2026")).code == "login_failed"  # noqa: B023
    assert_is_spent(refused(lambda: log_in(doctor, "sprayed.3", "Summer-2026")))
    assert_is_spent(refused(lambda: log_in(doctor, doctor.login, doctor.password)))
    elsewhere = visit()
    assert log_in(elsewhere, doctor.login, doctor.password)["role"] == "physician"


def test_a_page_says_the_sentence_and_when_to_come_back(system, visit):
    address = "192.0.2.40"
    doctor = visit(address)
    for number in range(3):
        refused(lambda: log_in(doctor, f"sprayed.again.{number}", "Summer-2026"))  # noqa: B023
    browser = requests.Session()
    browser.headers["X-Forwarded-For"] = address
    page = browser.get(f"{system.url}/login", timeout=20).text
    nonce = _value(page, "captcha_nonce")
    browser.get(f"{system.url}/captcha/{nonce}.png", timeout=20)
    form = {
        "csrf_token": _value(page, "csrf_token"),
        "captcha_nonce": nonce,
        "captcha_answer": "AAAAA",
        "login": "somebody",
        "password": "Summer-2026",
    }
    answer = browser.post(f"{system.url}/login", data=form, timeout=20)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "您所在的网络" in answer.text


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found is not None, name
    return found.group(1)
