"""The removal of one stored file, safe against a crash at any point and against an upload of the same content."""

from __future__ import annotations

from shared.platform.files import FileStore

from .models import FileCheckRow
from .unit_of_work import ApplicationsUnitOfWork


def remove_unless_needed(uow: ApplicationsUnitOfWork, files: FileStore, row: FileCheckRow) -> None:
    """Remove a file that nothing refers to, and the row that asked for the look at it.

    Inside the transaction, for its lock on the row is what keeps an upload of the same content waiting. A process that
    dies in between leaves the row, and the next run finds the file gone, in part or whole, which is no error.
    """
    if not uow.stored_files.is_referred_to(row.address):
        files.remove(row.address)
    uow.stored_files.forget_check(row)
