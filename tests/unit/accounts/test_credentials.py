"""Login name, phone alias, password, and the lock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.credentials import (
    FORGOTTEN_AFTER,
    LoginLock,
    as_phone,
    login_failed,
    login_key,
    read_login_form,
)
from services.accounts.domain.knobs import AccountKnobs
from shared.platform.errors import InvalidInput, TooManyAttempts

from .makers import KNOBS, NOW


def read(**changes):
    form = {"phone": "13800000001", "email": None, "login_name": "xiaoming", "password": "Secret-123"} | changes
    return read_login_form(**form, knobs=KNOBS)


def test_a_good_form_is_stored_in_one_form():
    form = read(phone="+86 138-0000-0001", email=" A.b@Example.ORG ")
    assert (form.phone, form.email) == ("13800000001", "A.b@example.org")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", "12800000001", "phone_format"),
        ("phone", "", "phone_format"),
        ("email", "nobody", "email_format"),
        ("login_name", "abc", "login_name_format"),
        ("login_name", "13800000001", "login_name_format"),
        ("login_name", "a@b.cn", "login_name_format"),
        ("password", "Sh0rt-1", "password_length"),
        ("password", "onlyletters", "password_classes"),
        ("password", "letters123", "password_classes"),
    ],
)
def test_a_bad_field_is_told_by_its_code(field, value, code):
    """Domain §2.1 step 3 and §4.7: the password has at least eight characters of three classes."""
    with pytest.raises(InvalidInput) as refused:
        read(**{field: value})
    assert refused.value.facts["fields"] == {field: [code]}


def test_all_bad_fields_are_told_at_once():
    with pytest.raises(InvalidInput) as refused:
        read(phone="1", email="x", login_name="1", password="1")
    assert set(refused.value.facts["fields"]) == {"phone", "email", "login_name", "password"}


def test_the_mail_address_carries_a_star_where_the_policy_says_so():
    """Policy key `signup.email_required`."""
    with pytest.raises(InvalidInput) as refused:
        read_login_form("13800000001", " ", "xiaoming", "Secret-123", knobs=AccountKnobs(email_required=True))
    assert refused.value.facts["fields"] == {"email": ["required"]}


def test_login_names_differ_in_more_than_case():
    assert login_key(" XiaoMing ") == login_key("xiaoming")


@pytest.mark.parametrize(("typed", "phone"), [("+8613800000001", "13800000001"), ("xiaoming", None), ("1380000", None)])
def test_what_looks_like_a_phone_is_a_phone(typed, phone):
    """E13: a login name never looks like one, so there is no doubt which was meant."""
    assert as_phone(typed) == phone


def test_a_form_does_not_show_secrets():
    shown = repr(read())
    assert "Secret" not in shown
    assert "138" not in shown


def fail(lock: LoginLock, times: int, *, start=NOW, gap=timedelta(seconds=1)) -> LoginLock:
    for number in range(times):
        lock = lock.after_failure(start + number * gap, KNOBS)
    return lock


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour():
    """Domain §2.2: any --5 bad passwords→ LOCKED (15 min)."""
    four, five = fail(LoginLock("k"), 4), fail(LoginLock("k"), 5)
    four.refuse_while_locked(NOW)
    with pytest.raises(TooManyAttempts) as refused:
        five.refuse_while_locked(NOW + timedelta(seconds=4))
    assert refused.value.facts["retry_after"] == 900
    five.refuse_while_locked(NOW + timedelta(seconds=4, minutes=15))


def test_after_the_lock_the_count_begins_anew():
    later = NOW + timedelta(minutes=20)
    assert not fail(fail(LoginLock("k"), 5), 4, start=later).is_locked(later + timedelta(seconds=5))


def test_failures_a_day_apart_are_not_counted_together():
    lock = fail(LoginLock("k"), 9, gap=FORGOTTEN_AFTER + timedelta(seconds=1))
    assert lock.failures == 1


@given(st.lists(st.floats(0, 3600), min_size=1, max_size=30))
def test_no_more_than_five_guesses_in_a_quarter_of_an_hour(gaps):
    """Whatever the rhythm, the sixth guess within fifteen minutes of the fifth finds the lock."""
    lock, moment, counted = LoginLock("k"), NOW, []
    for gap in gaps:
        moment += timedelta(seconds=gap)
        if lock.is_locked(moment):
            continue
        lock = lock.after_failure(moment, KNOBS)
        counted.append(moment)
    for first, sixth in zip(counted, counted[5:], strict=False):
        assert sixth - first >= KNOBS.lock_for


def test_the_refusal_of_a_login_has_no_facts():
    """E13: unknown user, wrong password and unbound phone can't be told apart."""
    assert (login_failed().code, login_failed().facts) == ("login_failed", {})
