"""Numbers that are given out once, and captchas that serve once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.platform.errors import Conflict, PermissionDenied
from shared.trade.categories import Category
from shared.trade.codes import LAST_SERIAL, PracticeCode
from shared.trade.levels import Level

from ..models import CaptchaUseRow, CounterRow


class Numbers:
    """Series of numbers; a number of a transaction that was undone was never given out."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def application_number(self, prefix: str, day: date) -> str:
        """The next business number 办件编号 of a day: `ZC20261120-0318`."""
        serial = self._next(f"application:{day:%Y%m%d}")
        return f"{prefix}{day:%Y%m%d}-{serial:04d}"

    def practice_code(self, level: Level, category: Category, division: str) -> PracticeCode:
        """The next 15-digit code of a level, category and division; a serial is never used again (`domain.md` §4.3)."""
        serial = self._next(f"practice_code:{level.value}{category.value}{division}")
        if serial > LAST_SERIAL:
            raise Conflict("practice_codes_exhausted", division=division)
        return PracticeCode(level, category, division, serial)

    def _next(self, series: str) -> int:
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        counted = dialect.insert(CounterRow).values(series=series, last=1)
        counted = counted.on_conflict_do_update(index_elements=["series"], set_={"last": CounterRow.last + 1})
        return int(self._session.execute(counted.returning(CounterRow.last)).scalar_one())


class CaptchaUses:
    """Which passed captchas have served."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def use(self, captcha: str, now: datetime) -> None:
        """Use a captcha up; `PermissionDenied("captcha_used")` where it has served before (E07)."""
        try:
            with self._session.begin_nested():
                self._session.execute(insert(CaptchaUseRow).values(captcha=captcha, used_at=now))
        except IntegrityError as error:
            raise PermissionDenied("captcha_used") from error

    def forget(self, now: datetime) -> None:
        """Forget uses older than any context can be."""
        self._session.execute(delete(CaptchaUseRow).where(CaptchaUseRow.used_at < now - timedelta(days=1)))
