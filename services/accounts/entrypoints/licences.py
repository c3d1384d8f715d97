"""Licences that end: nobody enters it, the day itself does."""

from __future__ import annotations

from typing import Final

from shared.platform.timers import each_due, every
from shared.platform.working_days import local_date

from ..licence_ends import ended_licences, suspend_ended
from ..models import InstitutionRow
from ..unit_of_work import AccountsUnitOfWork
from .base import AccountsWork

SUSPEND: Final = "accounts.suspend_ended_licences"


class Licences(AccountsWork):
    """Every replica runs this; an institution is one item in a transaction of its own (design D18)."""

    @every(seconds=20)
    def suspend_ended_licences(self) -> None:
        """Save the institutions whose licence has ended as suspended, and tell it."""
        due = ended_licences(local_date(self.clock.now()))
        each_due(self.unit_of_work, SUSPEND, due, key=InstitutionRow.id, handle=self._suspend)

    def _suspend(self, uow: AccountsUnitOfWork, row: InstitutionRow) -> None:
        suspend_ended(uow, row, self.clock.now())
