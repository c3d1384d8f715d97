"""Windows that slide, windows that begin anew, counted in the database under keyed hashes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.platform.clock import clock, movable_clock
from shared.platform.config import forget_settings
from shared.platform.engine import Database
from shared.platform.errors import TooManyAttempts
from shared.platform.platform_tables import rate_hit
from shared.platform.rate_limits import Limit, RateLimiter, purge

PHONE = "13800000000"


@pytest.fixture
def movable(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CLOCK_URI", f"file://{deployment}/clock")
    forget_settings()
    clock.cache_clear()
    yield
    clock.cache_clear()


def later(seconds: float) -> None:
    movable_clock().advance(timedelta(seconds=seconds))


def test_a_sliding_window_lets_the_next_attempt_through_when_the_oldest_leaves_it(
    movable: None, database: Database
) -> None:
    limiter, limits = RateLimiter(database), [Limit(2, 60)]
    limiter.hit(PHONE, limits)
    later(40)
    limiter.hit(PHONE, limits)
    with pytest.raises(TooManyAttempts) as refused:
        limiter.hit(PHONE, limits)
    assert 18 <= refused.value.facts["retry_after"] <= 20
    limiter.hit("13900000000", limits)
    later(20)
    limiter.hit(PHONE, limits)


def test_the_longest_wait_of_several_limits_is_told(movable: None, database: Database) -> None:
    limiter, limits = RateLimiter(database), [Limit(1, 60), Limit(3, 3600)]
    for _ in range(3):
        limiter.hit(PHONE, limits)
        later(61)
    with pytest.raises(TooManyAttempts) as refused:
        limiter.hit(PHONE, limits)
    assert 3600 - 190 <= refused.value.facts["retry_after"] <= 3600 - 180


def test_a_refused_attempt_is_not_counted(movable: None, database: Database) -> None:
    limiter, limits = RateLimiter(database), [Limit(1, 60)]
    limiter.hit(PHONE, limits)
    for _ in range(5):
        with pytest.raises(TooManyAttempts):
            limiter.hit(PHONE, limits)
        with pytest.raises(TooManyAttempts):
            limiter.check(PHONE, limits)
    assert limiter.attempts(PHONE, 60) == 1


def test_attempts_are_given_back_and_forgotten(database: Database) -> None:
    limiter, limits = RateLimiter(database), [Limit(1, 60)]
    limiter.give_back([limiter.hit(PHONE, limits)])
    limiter.hit(PHONE, limits)
    limiter.forget(PHONE)
    limiter.hit(PHONE, limits)


def test_two_at_once_are_counted_one_after_the_other(database: Database) -> None:
    limiter, limits = RateLimiter(database), [Limit(3, 60)]
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            limiter.hit(PHONE, limits)
            outcomes.append("let through")
        except TooManyAttempts:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["let through"] * 3 + ["refused"] * 7


def test_the_key_is_stored_as_a_hash_and_goes_in_time(movable: None, database: Database) -> None:
    limiter = RateLimiter(database)
    limiter.hit(PHONE, [Limit(5, 60)])
    with database.transaction() as session:
        assert PHONE not in str(session.execute(select(rate_hit)).all())
        assert purge(session) == 0
    later(61)
    with database.transaction() as session:
        assert purge(session) == 1


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),  # 23:59 in China
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),  # midnight
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_fixed_day_begins_at_midnight_in_china(moment: datetime, start: datetime) -> None:
    limit = Limit(1, 86_400, fixed=True)
    assert limit.window_start(moment) == start
    assert limit.free_again([start], moment) == start + timedelta(days=1)
    assert limit.free_again([start - timedelta(seconds=1)], moment) is None
