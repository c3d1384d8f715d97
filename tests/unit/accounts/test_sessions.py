"""How long a session lasts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.sessions import (
    ABSOLUTE,
    IDLE,
    NOTED_EVERY,
    Session,
    continue_session,
    end_session,
    is_worth_noting,
)
from shared.platform.errors import Unauthenticated

from .makers import ACCOUNT_ID, NOW


def a_session() -> Session:
    return Session(UUID(int=9), ACCOUNT_ID, "person", ("password",), NOW, NOW)


def test_an_act_within_half_an_hour_keeps_it_open():
    session = continue_session(a_session(), NOW + timedelta(minutes=29))
    assert session.expires_at == NOW + timedelta(minutes=59)


def test_half_an_hour_of_nothing_ends_it():
    with pytest.raises(Unauthenticated, match="session_ended"):
        continue_session(a_session(), NOW + IDLE)


def test_a_closed_one_is_over():
    closed = end_session(a_session(), NOW)
    with pytest.raises(Unauthenticated, match="session_ended"):
        continue_session(closed, NOW)
    assert end_session(closed, NOW + timedelta(minutes=1)) == closed


def test_a_busy_page_is_not_written_down_at_every_call():
    soon, later = NOW + NOTED_EVERY / 2, NOW + NOTED_EVERY
    assert not is_worth_noting(a_session(), continue_session(a_session(), soon))
    assert is_worth_noting(a_session(), continue_session(a_session(), later))


@given(st.lists(st.floats(0, 1799), max_size=200))
def test_twelve_hours_end_it_however_busy(gaps):
    session, moment = a_session(), NOW
    for gap in gaps:
        moment += timedelta(seconds=gap)
        try:
            session = continue_session(session, moment)
        except Unauthenticated:
            assert moment - NOW >= ABSOLUTE
            return
        assert moment - NOW < ABSOLUTE
