"""The budget of public look-ups for all addresses together (E70), on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from shared.platform.errors import TooManyAttempts

NOW = datetime(2026, 12, 1, 3, 4, 50, tzinfo=UTC)
"""Four minutes past eleven in China, ten seconds before the next minute."""


def take(unit_of_work, now: datetime = NOW, *, per_minute: int = 3, per_day: int = 5) -> int | None:
    """One look-up: None, or after how many seconds it may be tried again."""
    try:
        with unit_of_work() as uow:
            uow.lookups.take(now, per_minute=per_minute, per_day=per_day)
            uow.commit()
    except TooManyAttempts as spent:
        return int(spent.facts["retry_after"])
    return None


def series(unit_of_work) -> dict[str, int]:
    """What is counted."""
    with unit_of_work() as uow:
        rows = uow.session.execute(text("SELECT series, last FROM counters WHERE series LIKE 'lookups:%'"))
        return {str(name): int(last) for name, last in rows}


def test_a_minute_has_so_many_and_the_next_begins_anew(unit_of_work):
    """What is refused is not counted, so that a refusal keeps nobody out for longer."""
    assert [take(unit_of_work) for _ in range(5)] == [None, None, None, 10, 10]
    assert take(unit_of_work, NOW + timedelta(seconds=10)) is None
    assert series(unit_of_work) == {"lookups:minute:202612010305": 1, "lookups:day:2026-12-01": 4}


def test_a_day_in_china_has_so_many(unit_of_work):
    """The day ends at midnight in China, which is 16:00 UTC."""
    for minute in range(5):
        assert take(unit_of_work, NOW + timedelta(minutes=minute)) is None
    late = NOW + timedelta(minutes=9)
    ends = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    assert take(unit_of_work, late) == (ends - late).total_seconds()
    assert take(unit_of_work, ends - timedelta(seconds=1)) == 1
    assert take(unit_of_work, ends) is None
    assert series(unit_of_work)["lookups:day:2026-12-01"] == 5, "days stay, as a statistic"


def test_the_numbers_of_other_series_stay(unit_of_work):
    """Forgetting minutes deletes no serial of a practice code."""
    with unit_of_work() as uow:
        number = uow.numbers.application_number("ZC", NOW.date())
        uow.commit()
    for minute in range(3):
        take(unit_of_work, NOW + timedelta(minutes=minute))
    with unit_of_work() as uow:
        following = uow.numbers.application_number("ZC", NOW.date())
    assert int(following[-4:]) == int(number[-4:]) + 1


@pytest.mark.parametrize("seconds", [0, 59])
def test_a_refusal_always_says_when_to_come_back(unit_of_work, seconds):
    """At least a second, at most a minute."""
    moment = NOW.replace(second=seconds)
    assert take(unit_of_work, moment, per_minute=1) is None
    assert take(unit_of_work, moment, per_minute=1) == 60 - seconds
