"""Captchas, codes, locks and sessions in the database: used once, counted right, forgotten in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.accounts.disabling import disable_account
from services.accounts.domain.account import AccountState
from services.accounts.domain.knobs import AccountKnobs
from services.accounts.domain.phone_codes import PhoneCode
from services.accounts.domain.sessions import Session, end_session
from services.accounts.repository.access import forget_expired
from shared.platform.errors import NotFound, Unauthenticated
from shared.platform.ids import new_id
from tests.unit.accounts.makers import NOW

from .world import at_once, enter_person, everything_stored, news

LATER = NOW + timedelta(minutes=5)


def a_captcha(unit_of_work, answer="AK3P9"):
    captcha_id = new_id()
    with unit_of_work() as uow:
        uow.one_time.add_captcha(captcha_id, answer, LATER)
        uow.commit()
    return captcha_id


def use(unit_of_work, captcha_id, answer="AK3P9", now=NOW):
    with unit_of_work() as uow:
        right = uow.one_time.use_captcha(captcha_id, answer, now)
        uow.commit()
    return right


@pytest.mark.parametrize("first", ["AK3P9", "WRONG"])
def test_a_captcha_serves_once_right_or_wrong(unit_of_work, first):
    """E07, E03: used up by its first answer."""
    captcha_id = a_captcha(unit_of_work)
    assert use(unit_of_work, captcha_id, first) is (first == "AK3P9")
    assert use(unit_of_work, captcha_id) is False


def test_a_captcha_expires(unit_of_work):
    """E07."""
    assert use(unit_of_work, a_captcha(unit_of_work), now=LATER) is False
    assert use(unit_of_work, new_id()) is False


def test_of_many_answers_at_once_one_passes(unit_of_work):
    """E07 under a race."""
    captcha_id = a_captcha(unit_of_work)
    assert sorted(at_once([lambda: use(unit_of_work, captcha_id) for _ in range(6)])) == [False] * 5 + [True]


def test_an_answer_is_not_stored_in_plain(unit_of_work):
    a_captcha(unit_of_work, "KWXYZ")
    with unit_of_work() as uow:
        assert "KWXYZ" not in everything_stored(uow.session)


def test_guesses_made_at_once_are_all_counted(unit_of_work):
    """Domain §2.2: five bad passwords lock, also when they come together."""

    def guess():
        with unit_of_work() as uow:
            lock = uow.credentials.lock("somebody")
            if lock.is_locked(NOW):
                return "locked"
            uow.credentials.save_lock(lock.after_failure(NOW, AccountKnobs()))
            uow.commit()
        return "tried"

    results = at_once([guess for _ in range(9)])
    assert sorted(results) == ["locked"] * 4 + ["tried"] * 5


def test_logins_at_once_do_not_take_the_count_from_under_each_other(unit_of_work):
    """A login that succeeds forgets the failures while another one of the same account is about to count."""

    def log_in():
        for _ in range(20):
            with unit_of_work() as uow:
                lock = uow.credentials.lock("somebody")
                uow.credentials.save_lock(lock.after_failure(NOW, AccountKnobs()))
                uow.commit()
            with unit_of_work() as uow:
                uow.credentials.clear_lock("somebody")
                uow.commit()
        return "in"

    assert at_once([log_in for _ in range(6)]) == ["in"] * 6


def a_session(unit_of_work, secret="the secret", **facts):
    session = Session(new_id(), new_id(), "person", ("password",), NOW, NOW, **facts)
    with unit_of_work() as uow:
        uow.sessions.add(session, secret=secret, address="hash")
        uow.commit()
    return session


def test_a_session_is_found_by_its_secret_alone(unit_of_work):
    session = a_session(unit_of_work)
    with unit_of_work() as uow:
        assert uow.sessions.get("the secret") == session
        assert "the secret" not in everything_stored(uow.session)
        with pytest.raises(Unauthenticated, match="session_ended"):
            uow.sessions.get("another")


def test_all_sessions_of_an_account_end_together(unit_of_work):
    """Whoever is disabled renews no context (design D11)."""
    session = a_session(unit_of_work)
    with unit_of_work() as uow:
        uow.sessions.end_all(session.account_id, LATER)
        uow.commit()
    with unit_of_work() as uow:
        assert uow.sessions.get("the secret") == end_session(session, LATER)


def test_a_disabled_account_is_told_and_its_sessions_end(unit_of_work):
    """Domain §2.2: any --admin/appeal/death/merge--> DISABLED."""
    with unit_of_work() as uow:
        account = enter_person(uow)
        session = Session(new_id(), account.id, "person", ("password",), NOW, NOW)
        uow.sessions.add(session, secret="s", address="hash")
        uow.commit()
    with unit_of_work() as uow:
        disabled = disable_account(uow, "XiaoMing", reason="申诉成立", now=LATER)
        uow.commit()
    with unit_of_work() as uow:
        assert uow.accounts.get(account.id) == disabled
        assert (disabled.state, disabled.disabled_because) == (AccountState.DISABLED, "申诉成立")
        assert uow.sessions.get("s") == end_session(session, LATER)
        assert news(uow.session)[-1][0] == "accounts.account_disabled.v1"
        with pytest.raises(NotFound, match="account_unknown"):
            disable_account(uow, "nobody", reason="x", now=LATER)


def test_a_new_code_takes_the_place_of_the_old(unit_of_work):
    account_id = new_id()
    with unit_of_work() as uow:
        for phone in ("13800000001", "13800000002"):
            hashed = uow.one_time.code_hash(account_id, "123456")
            uow.one_time.put_code(PhoneCode(account_id, phone, hashed, NOW, NOW + timedelta(minutes=10)))
        uow.commit()
    with unit_of_work() as uow:
        assert uow.one_time.code_of(account_id).phone == "13800000002"
        assert "123456" not in everything_stored(uow.session)
        assert uow.one_time.code_hash(new_id(), "123456") != hashed


def test_a_count_is_all_that_stays_of_an_unfinished_sign_up(unit_of_work):
    """E08, E64: a number by day, about nobody."""
    for _ in range(3):
        with unit_of_work() as uow:
            uow.counters.add("excluded_case_4", date(2022, 11, 20))
            uow.commit()
    with unit_of_work() as uow:
        rows = uow.session.execute(text("SELECT name, count FROM counters")).all()
        assert [tuple(row) for row in rows] == [("excluded_case_4", 3)]


def test_counting_at_once_loses_nothing(unit_of_work):
    def count():
        with unit_of_work() as uow:
            uow.counters.add("sign_up_identity_passed", date(2022, 11, 20))
            uow.commit()

    at_once([count for _ in range(8)])
    with unit_of_work() as uow:
        assert uow.session.scalar(text("SELECT count FROM counters")) == 8


def test_what_can_no_longer_serve_is_forgotten(unit_of_work):
    a_captcha(unit_of_work)
    a_session(unit_of_work)
    with unit_of_work() as uow:
        account = enter_person(uow)
        uow.one_time.put_code(PhoneCode(account.id, "13800000001", "hash", NOW, LATER))
        uow.credentials.save_lock(uow.credentials.lock("somebody").after_failure(NOW, AccountKnobs()))
        uow.commit()
    with unit_of_work() as uow:
        forget_expired(uow.session, NOW + timedelta(days=2))
        uow.commit()
    with unit_of_work() as uow:
        for table in ("captchas", "phone_codes", "login_locks", "sessions"):
            assert uow.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        assert uow.session.scalar(text("SELECT count(*) FROM accounts")) == 1
