"""Which stored files may go: content is stored once, so a file goes when nothing that is kept refers to it any more.

A file is looked at again some time after it may have lost its last reference, or was about to get its first one. Until
then it stays, so that an upload of the same content that is under way finds it and has its reference written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ..models import CertificateRow, FileCheckRow, MaterialRow

GRACE: Final = timedelta(hours=1)
"""Far longer than any command takes from the look at a stored file to the commit of what refers to it."""


def due_checks(now: datetime) -> Select[FileCheckRow]:
    """The files whose time to be looked at has come, for `each_due`."""
    return select(FileCheckRow).where(FileCheckRow.due_at <= now).order_by(FileCheckRow.due_at)


class StoredFiles:
    """The references to stored files in this service's records, and which of them are to be counted again."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def look_again(self, addresses: Iterable[str], now: datetime) -> None:
        """Have these files looked at once the grace is over; one that was due already waits anew.

        Whoever removes a file holds its row meanwhile, so this comes either before the removal and puts it off, or
        after it, and then the file is not there any more.
        """
        dialect: Any = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        due_at = now + GRACE
        for address in sorted(set(addresses)):
            row = dialect.insert(FileCheckRow).values(address=address, due_at=due_at)
            self._session.execute(row.on_conflict_do_update(index_elements=["address"], set_={"due_at": due_at}))

    def is_referred_to(self, address: str) -> bool:
        """Whether an application or a certificate relies on the file.

        A certificate's photo is a material of its application, which keeps its materials.
        """
        material = exists().where(MaterialRow.address == address)
        document = exists().where(CertificateRow.document_address == address)
        return bool(self._session.scalar(select(or_(material, document))))

    def forget_check(self, row: FileCheckRow) -> None:
        """The file was looked at, and is gone or needed."""
        self._session.delete(row)
        self._session.flush()
