"""Records whose document is still to be made: taken up by one replica at a time, and again later if that one failed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from shared.platform.timers import take_due

from ..domain.documented import Documented, DocumentState

Row = TypeVar("Row", bound=Any)
Record = TypeVar("Record", bound=Documented)


class PendingDocuments(ABC, Generic[Row, Record]):
    """The part of a repository that hands out what is to be rendered (design D15, D18)."""

    rows: type[Row]
    """Its table, which has the columns of `DocumentColumns`."""
    _session: Session

    def is_one_pending(self, now: datetime) -> bool:
        """Whether there is a document to make; asked first, so that an idle timer writes nothing."""
        return self._session.scalar(self._due(now).with_only_columns(self.rows.id).limit(1)) is not None

    def take_pending(self, now: datetime) -> Row | None:
        """The next record without its document; no other replica gets it while this transaction lasts."""
        first = self._due(now).order_by(self.rows.id).limit(1)
        found: Row | None = self._session.scalars(take_due(self._session, first)).one_or_none()
        return found

    def postpone(self, row: Row, *, attempts: int, until: datetime) -> Record:
        """Hold a pending record for one rendering: until then nobody else takes it up."""
        row.attempts, row.next_try_at = attempts, until
        self._session.flush()
        return self._record(row)

    @abstractmethod
    def _record(self, row: Row) -> Record:
        """The record of a row."""

    def _due(self, now: datetime) -> Select[Any]:
        """Records without a document, as far as nobody holds them for a rendering."""
        return select(self.rows).where(
            self.rows.document == DocumentState.PENDING.value,
            or_(self.rows.next_try_at.is_(None), self.rows.next_try_at <= now),
        )


def document_values(record: Documented) -> dict[str, Any]:
    """The columns that tell how far a record's document is."""
    return {
        "document": record.document.value,
        "document_address": record.document_address,
        "document_size": record.document_size,
        "problem": record.problem,
    }


def document_of(row: Any) -> dict[str, Any]:
    """The same of a row, for its record."""
    return {
        "document": DocumentState(row.document),
        "document_address": row.document_address,
        "document_size": row.document_size,
        "problem": row.problem,
    }
