"""One transaction with everything that belongs to it: the change, its news, and the answer kept for a retry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy.orm import Session

from . import business_figures, idempotency, outbox
from .bus.guard import forbid_waiting
from .contract import EventType
from .engine import Database, database_away
from .errors import Unavailable
from .tallies import Count
from .work_context import WorkContext


class _Unanswered:
    """The type of `UNANSWERED`."""


#: `commit()` was given no answer.
UNANSWERED: Final = _Unanswered()


class UnitOfWork:
    """One transaction of one service. Subclasses add their repositories in `open`."""

    session: Session

    def __init__(self, database: Database, context: WorkContext, *, read_only: bool = False) -> None:
        self.context = context
        self._database = database
        self._read_only = read_only
        self._committed = False
        self._announced = False
        self._counted: list[Count] = []
        self._guard = forbid_waiting()
        self._commit_held_by: str | None = None

    def open(self) -> None:
        """Make the repositories; called when the transaction begins, with `self.session` ready."""

    def __enter__(self) -> Self:
        self.session = self._database.begin(read_only=self._read_only)
        self._guard.__enter__()
        try:
            self.open()
        except BaseException as error:
            self._end(killed=not isinstance(error, Exception))
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(killed=error is not None and not isinstance(error, Exception))
        if error is not None and database_away(error):
            raise Unavailable("database_unavailable", service=self.context.service) from error

    def _end(self, *, killed: bool) -> None:
        self._guard.__exit__(None, None, None)
        self._database.end(self.session, killed=killed)

    def announce(
        self,
        event_type: EventType,
        *,
        aggregate_id: UUID,
        data: Mapping[str, Any] | object,
        province: str,
        occurred_at: datetime | None = None,
    ) -> UUID:
        """Tell the news of an aggregate changed in this transaction; the id of the event.

        Call it after the aggregate was saved: what is pending in the session is written first, so that the order of
        the news is the order of the changes (design D13). The data has to be of the event type's form; `Sealed`
        fields are sealed here. Published after the commit, never without it.
        """
        self._must_write("announce")
        self.session.flush()
        event_id = outbox.add(
            self.session,
            self.context,
            event_type,
            aggregate_id=aggregate_id,
            data=data,
            province=province,
            occurred_at=occurred_at,
        )
        self._announced = True
        self._counted += business_figures.of_news(event_type, data, province)
        return event_id

    def announce_all(self, event_type: EventType, news: list[outbox.News]) -> list[UUID]:
        """`announce` for many aggregates at once, each named once: two statements for all of them."""
        self._must_write("announce")
        self.session.flush()
        self._announced = bool(news) or self._announced
        for item in news:
            self._counted += business_figures.of_news(event_type, item.data, item.province)
        return outbox.add_all(self.session, self.context, event_type, news)

    def announce_snapshot(self, event_type: EventType, aggregate_id: UUID, state: Callable[[], outbox.News]) -> UUID:
        """Tell the whole state of one aggregate, as `state` reads it once nobody else can announce for it."""
        self._must_write("announce")
        self._announced = True
        return outbox.add_snapshot(self.session, self.context, event_type, aggregate_id, state)

    def commit(self, answer: object = UNANSWERED, *, refused: bool = False) -> None:
        """Make everything of this unit last, all at once.

        `answer` is what the RPC is about to return; it is stored under the caller's idempotency key in this same
        transaction, so that a retry gets it again. `refused=True` keeps what was written (a counted attempt) although
        the command itself is going to be refused: nothing is stored under the key. One unit commits once.
        """
        self._must_write("commit")
        if self._commit_held_by is not None:
            raise RuntimeError(f"{self._commit_held_by} commits this unit of work, not the handler")
        if not refused:
            self.session.flush()
            idempotency.keep_answer(self.session, self.context, answer, answered=answer is not UNANSWERED)
        self.session.commit()
        self._committed = True
        for count in self._counted:
            count.add()
        if self._announced:
            self._database.announced()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what the block wrote if it raises; the unit goes on."""
        counted = len(self._counted)
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            del self._counted[counted:]
            raise

    @contextmanager
    def held_by(self, holder: str) -> Iterator[None]:
        """While the block runs, `commit` is refused: `holder` runs a handler inside its own unit and commits itself."""
        self._commit_held_by = holder
        try:
            yield
        finally:
            self._commit_held_by = None

    def _must_write(self, what: str) -> None:
        if self._read_only:
            raise RuntimeError(f"{what} in a unit of work that only reads")
        if self._committed:
            raise RuntimeError(f"{what} after commit: one unit of work commits once")
