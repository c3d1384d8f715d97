"""Stored files that nothing refers to any more go; the papers of what came to nothing go in time (`retention.*`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from shared.platform.timers import each_due, every

from ..file_removal import remove_unless_needed
from ..models import ApplicationRow, FileCheckRow
from ..repository.applications import closed_in_vain
from ..repository.stored_files import due_checks
from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork

REMOVE: Final = "applications.remove_files"
FORGET: Final = "applications.forget_closed_files"


class FileWork(ApplicationsWork):
    """Every replica runs these; a file is one item in a transaction of its own (design D18)."""

    @every(seconds=20)
    def remove_files(self) -> None:
        """Remove the files that lost their last reference; those that are needed again stay."""
        each_due(self.unit_of_work, REMOVE, due_checks(self.clock.now()), key=FileCheckRow.address, handle=self._remove)

    @every(seconds=600)
    def forget_closed_files(self) -> None:
        """The papers of applications that ended without a decision go after `retention.closed_days`.

        What was decided on keeps its file: refused and not accepted ones as much as those that were approved.
        """
        now, today = self._now()
        days = self.policy.on(today).whole("retention.closed_days", self._home_province())
        due = closed_in_vain(now - timedelta(days=days))
        each_due(self.unit_of_work, FORGET, due, key=ApplicationRow.id, handle=self._forget)

    def _remove(self, uow: ApplicationsUnitOfWork, row: FileCheckRow) -> None:
        remove_unless_needed(uow, self.files, row)

    def _forget(self, uow: ApplicationsUnitOfWork, row: ApplicationRow) -> None:
        uow.stored_files.look_again(uow.applications.forget_materials(row.id), self.clock.now())
