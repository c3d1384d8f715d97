"""One-time codes by SMS."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.phone_codes import (
    DIGITS,
    TRIES,
    PhoneCode,
    check_code,
    new_code,
    refuse_early_resend,
)
from shared.platform.errors import TooManyAttempts

from .makers import ACCOUNT_ID, NOW


def a_code(**changes) -> PhoneCode:
    facts = {
        "account_id": ACCOUNT_ID,
        "phone": "13800000001",
        "code_hash": "right",
        "sent_at": NOW,
        "expires_at": NOW + timedelta(minutes=10),
    }
    return PhoneCode(**(facts | changes))


def test_a_code_has_six_digits():
    assert all(len(code) == DIGITS and code.isdigit() for code in (new_code() for _ in range(200)))


def test_a_right_code_serves_once():
    assert check_code(a_code(), "right", NOW) == (None, None)
    left, refusal = check_code(None, "right", NOW)
    assert left is None
    assert refusal.code == "code_expired"


def test_a_code_is_worthless_after_ten_minutes():
    """Domain §2.4: SMS code valid 10 minutes."""
    assert check_code(a_code(), "right", NOW + timedelta(minutes=10))[1].code == "code_expired"
    assert check_code(a_code(), "right", NOW + timedelta(minutes=9, seconds=59))[1] is None


@given(st.lists(st.sampled_from(["right", "wrong"]), max_size=12))
def test_five_wrong_tries_end_a_code(tries):
    code, refused = a_code(), 0
    for attempt in tries:
        code, refusal = check_code(code, attempt, NOW)
        if refusal is None:
            assert attempt == "right"
            assert refused < TRIES
            return
        refused += 1
    assert refused == len(tries)


def test_what_is_left_is_told():
    assert check_code(a_code(), "wrong", NOW)[1].facts == {"tries_left": 4}


def test_a_new_code_once_a_minute():
    with pytest.raises(TooManyAttempts) as refused:
        refuse_early_resend(a_code(), NOW + timedelta(seconds=20))
    assert refused.value.facts == {"retry_after": 40}
    refuse_early_resend(a_code(), NOW + timedelta(seconds=60))
    refuse_early_resend(None, NOW)
