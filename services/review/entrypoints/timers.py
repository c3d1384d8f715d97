"""What happens by itself: clocks that come to their end, and deadlines that a new calendar moves (design D16, D18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from shared.platform.timers import each_due, every
from shared.platform.working_days import local_date, working_days

from ..models import CaseRow
from ..repository.cases import provisional, waking
from ..unit_of_work import ReviewUnitOfWork
from .base import ReviewWork

FIRE: Final = "review.fire_due_clocks"
RECOUNT: Final = "review.recount_provisional_deadlines"


class Timers(ReviewWork):
    """Every replica runs them; a case is one item in its own transaction, and a failing one is in nobody's way."""

    @every(seconds=2)
    def fire_due_clocks(self) -> None:
        """Tell of ends that come near or have passed; five silent days are an acceptance (行政许可法 art.32(4))."""
        today = local_date(self.clock.now())
        each_due(self.unit_of_work, FIRE, waking(today), key=CaseRow.id, handle=self._fire)

    @every(seconds=5)
    def recount_provisional_deadlines(self) -> None:
        """Count again, once, what was counted before the year's calendar was published (design D16)."""
        published = provisional(working_days().published_through)
        each_due(self.unit_of_work, RECOUNT, published, key=CaseRow.id, handle=self._recount)

    @every(seconds=3600)
    def forget_views(self) -> None:
        """Yesterday's looks tell nothing any more; a day is left for replicas whose clocks differ."""
        with self.unit_of_work() as uow:
            uow.records.forget_views(local_date(self.clock.now()) - timedelta(days=1))
            uow.commit()

    def _fire(self, uow: ReviewUnitOfWork, row: CaseRow) -> None:
        self._casework(uow).look_at_clocks(uow.cases.get(row.id))

    def _recount(self, uow: ReviewUnitOfWork, row: CaseRow) -> None:
        self._casework(uow).recount(uow.cases.get(row.id))
