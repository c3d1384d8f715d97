"""How often the public looks somebody up: one budget for all addresses together (E70), kept by day as a statistic."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.platform.errors import TooManyAttempts
from shared.platform.working_days import local_date, start_of_day

from ..models import CounterRow

_MINUTES, _DAYS = "lookups:minute:", "lookups:day:"


class Lookups:
    """Look-ups of all visitors, counted in rows of their own: a list of each would be read at every further one."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, now: datetime, *, per_minute: int, per_day: int) -> None:
        """Count one more, or `TooManyAttempts("lookups_exhausted")` until the minute or the day (in China) is over."""
        today = local_date(now)
        minute_ends = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        day_ends = start_of_day(today + timedelta(days=1))
        this_minute = f"{_MINUTES}{now:%Y%m%d%H%M}"
        for series, most, ends in ((this_minute, per_minute, minute_ends), (f"{_DAYS}{today}", per_day, day_ends)):
            counted = self._count(series)
            if counted > most:
                raise TooManyAttempts("lookups_exhausted", retry_after=max(1, int((ends - now).total_seconds())))
            if counted == 1:
                self._forget_minutes_before(this_minute)

    def _count(self, series: str) -> int:
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        counted = dialect.insert(CounterRow).values(series=series, last=1)
        counted = counted.on_conflict_do_update(index_elements=["series"], set_={"last": CounterRow.last + 1})
        return int(self._session.execute(counted.returning(CounterRow.last)).scalar_one())

    def _forget_minutes_before(self, series: str) -> None:
        """Delete the minutes that are over; the days stay, for the statistics."""
        old = CounterRow.series.startswith(_MINUTES, autoescape=True) & (CounterRow.series < series)
        self._session.execute(delete(CounterRow).where(old))
