"""How often a delivery is tried."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notices.domain.deliveries import BACK_OFF, LEASE, next_try
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
