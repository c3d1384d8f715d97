"""How often a delivery is tried."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.domain.deliveries import BACK_OFF, LEASE, leaves_at, next_try
from services.notices.domain.notice import BY_SMS, OF_DEADLINES
from shared.platform.working_days import SHANGHAI
from tests.unit.notices.facts import NOW


@given(attempts=st.integers(1, len(BACK_OFF)))
def test_each_wait_is_longer_than_the_one_before(attempts):
    again = next_try(attempts, NOW)
    assert again is not None
    assert again > NOW
    if attempts > 1:
        before = next_try(attempts - 1, NOW)
        assert before is not None
        assert again > before


@given(attempts=st.integers(len(BACK_OFF) + 1, 100))
def test_after_the_last_attempt_it_is_given_up(attempts):
    assert next_try(attempts, NOW) is None


def test_a_lease_outlives_the_provider_call():
    from services.notices.providers import TIMEOUT

    assert LEASE.total_seconds() > 2 * TIMEOUT


@pytest.mark.parametrize(
    ("made_at", "leaves"),
    [
        ("2026-11-24T00:00", "2026-11-24T08:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-24T08:00", "2026-11-24T08:00"),
        ("2026-11-24T19:59", "2026-11-24T19:59"),
        ("2026-11-24T20:00", "2026-11-25T08:00"),
        ("2026-11-30T23:59", "2026-12-01T08:00"),
    ],
)
@pytest.mark.parametrize("template", sorted(BY_SMS))
def test_reminders_of_deadlines_leave_by_day_and_news_at_once(template, made_at, leaves):
    """Deadlines pass at midnight."""
    made = datetime.fromisoformat(made_at).replace(tzinfo=SHANGHAI)
    expected = datetime.fromisoformat(leaves).replace(tzinfo=SHANGHAI)
    assert leaves_at(template, made) == (expected if template in OF_DEADLINES else made)
