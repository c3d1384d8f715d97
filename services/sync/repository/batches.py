"""Batches with their counters, marks and refused rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.sync.domain.batch import Batch, BatchState, RowState
from services.sync.models import BatchMarkRow, BatchRow, CandidateRow, GateRow, RefusedRowRow
from shared.platform.database import save_versioned
from shared.platform.errors import Conflict, NotFound
from shared.platform.timers import take_due

_REPORTED = ("QUARANTINED", "DISMISSED")


@dataclass(frozen=True)
class ReportedRow:
    """A row that a report names: refused, or held back."""

    line: int
    state: RowState
    reasons: tuple[str, ...]


class Batches:
    """Delivered files of one service."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, batch: Batch) -> Batch:
        """Store a new batch; `Conflict("batch_exists")` while the same file is live."""
        try:
            with self._session.begin_nested():
                self._session.execute(insert(BatchRow).values(id=batch.id, leased_until=None, **_values(batch)))
        except IntegrityError as taken:
            raise Conflict("batch_exists") from taken
        return batch

    def get(self, batch_id: UUID, *, version: int | None = None) -> Batch:
        """The batch; with `version`, locked for a change and refused if it isn't the one that the caller saw."""
        statement = select(BatchRow).where(BatchRow.id == batch_id)
        row = self._session.scalar(statement if version is None else statement.with_for_update())
        if row is None:
            raise NotFound("batch_not_found")
        if version is not None and row.version != version:
            raise Conflict("batch_changed")
        return _batch(row)

    def locked(self, batch_id: UUID) -> Batch:
        """The batch, nobody else's to change until the transaction ends."""
        row = self._session.scalar(
            select(BatchRow).where(BatchRow.id == batch_id).with_for_update().execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound("batch_not_found")
        return _batch(row)

    def live_of(self, year: int, round_: int, digest: str) -> Batch | None:
        """The batch that this very file was delivered as, if it is in use (E19)."""
        row = self._session.scalar(
            select(BatchRow).where(
                BatchRow.year == year,
                BatchRow.round == round_,
                BatchRow.digest == digest,
                BatchRow.state.not_in((BatchState.UNDONE, BatchState.FAILED)),
            )
        )
        return None if row is None else _batch(row)

    def save(self, batch: Batch) -> Batch:
        """Write a change of state; `Conflict("batch_changed")` if somebody else wrote meanwhile."""
        version = save_versioned(
            self._session, BatchRow, batch.id, batch.version, _values(batch, version=False), "batch_changed"
        )
        return replace(batch, version=version)

    def save_progress(self, batch: Batch) -> None:
        """Write counters and state of a locked batch; progress is no new version for its operator."""
        self._session.execute(update(BatchRow).where(BatchRow.id == batch.id).values(**_values(batch)))

    def page(self, before: UUID | None, limit: int) -> list[Batch]:
        """Batches, newest first."""
        statement = select(BatchRow).order_by(BatchRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(BatchRow.id < before)
        return [_batch(row) for row in self._session.scalars(statement)]

    def has_unread(self, now: datetime) -> bool:
        """Whether a batch waits to be read and nobody is at it."""
        return bool(self._session.scalar(select(exists().where(_unread(now)))))

    def claim_unread(self, now: datetime, until: datetime) -> Batch | None:
        """The next batch to read, this worker's alone until then."""
        statement = select(BatchRow).where(_unread(now)).order_by(BatchRow.id).limit(1)
        row = self._session.scalar(take_due(self._session, statement))
        if row is None:
            return None
        row.leased_until = until
        self._session.flush()
        return _batch(row)

    def lease(self, batch_id: UUID, until: datetime | None) -> None:
        """Go on with a claimed batch, or give it back."""
        self._session.execute(update(BatchRow).where(BatchRow.id == batch_id).values(leased_until=until))

    def next_to_publish(self) -> UUID | None:
        """A released batch with rows whose gate is open."""
        waiting = (
            select(CandidateRow.id)
            .where(
                CandidateRow.batch_id == BatchRow.id,
                CandidateRow.state == RowState.UPDATED.value,
                CandidateRow.region == GateRow.region,
            )
            .correlate(BatchRow, GateRow)
        )
        open_gate = (
            select(GateRow.id)
            .where(
                GateRow.year == BatchRow.year,
                GateRow.round == BatchRow.round,
                GateRow.opened_at.is_not(None),
                waiting.exists(),
            )
            .correlate(BatchRow)
        )
        return self._session.scalar(
            select(BatchRow.id)
            .where(BatchRow.state.in_((BatchState.PUBLISHING, BatchState.PUBLISHED)), open_gate.exists())
            .order_by(BatchRow.id)
            .limit(1)
        )

    def add_marks(self, batch_id: UUID, kind: str, indexes: Iterable[str]) -> None:
        """Keep what only the whole file showed."""
        rows = [{"batch_id": batch_id, "kind": kind, "index": index} for index in indexes]
        if rows:
            self._session.execute(insert(BatchMarkRow), rows)

    def marked(self, batch_id: UUID, kind: str, indexes: Sequence[str]) -> set[str]:
        """Which of these were marked."""
        return set(
            self._session.scalars(
                select(BatchMarkRow.index).where(
                    BatchMarkRow.batch_id == batch_id, BatchMarkRow.kind == kind, BatchMarkRow.index.in_(indexes)
                )
            )
        )

    def add_refused(self, batch_id: UUID, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Keep the lines that can't be used, and why."""
        if rows:
            self._session.execute(
                insert(RefusedRowRow),
                [{"batch_id": batch_id, "line": line, "reasons": list(reasons)} for line, reasons in rows],
            )

    def report(self, batch_id: UUID, after_line: int, limit: int) -> list[ReportedRow]:
        """Refused and held rows, by line."""
        refused = select(RefusedRowRow.line, RefusedRowRow.reasons, RefusedRowRow.batch_id).where(
            RefusedRowRow.batch_id == batch_id, RefusedRowRow.line > after_line
        )
        held = select(CandidateRow.line, CandidateRow.reasons, CandidateRow.state).where(
            CandidateRow.batch_id == batch_id, CandidateRow.line > after_line, CandidateRow.state.in_(_REPORTED)
        )
        found = [
            *(
                ReportedRow(row.line, RowState.REFUSED, tuple(row.reasons))
                for row in self._session.execute(refused.order_by(RefusedRowRow.line).limit(limit))
            ),
            *(
                ReportedRow(row.line, RowState(row.state), tuple(row.reasons))
                for row in self._session.execute(held.order_by(CandidateRow.line).limit(limit))
            ),
        ]
        return sorted(found, key=lambda row: row.line)[:limit]


def _unread(now: datetime) -> Any:
    return and_(
        BatchRow.state.in_((BatchState.RECEIVED, BatchState.VALIDATED)),
        or_(BatchRow.leased_until.is_(None), BatchRow.leased_until < now),
    )


def _values(batch: Batch, *, version: bool = True) -> dict[str, Any]:
    values: dict[str, Any] = {
        "year": batch.year,
        "round": batch.round,
        "state": batch.state,
        "address": batch.address,
        "digest": batch.digest,
        "filename": batch.filename,
        "received_at": batch.received_at,
        "received_by": batch.received_by,
        "rows": batch.rows,
        "done": batch.done,
        "states": dict(batch.states),
        "reasons": dict(batch.reasons),
        "published_at": batch.published_at,
        "fault": batch.fault,
        "attempts": batch.attempts,
    }
    return {**values, "version": batch.version} if version else values


def _batch(row: BatchRow) -> Batch:
    return Batch(
        id=row.id,
        version=row.version,
        year=row.year,
        round=row.round,
        state=BatchState(row.state),
        address=row.address,
        digest=row.digest,
        filename=row.filename,
        received_at=row.received_at,
        received_by=row.received_by,
        rows=row.rows,
        done=row.done,
        states=dict(row.states),
        reasons=dict(row.reasons),
        published_at=row.published_at,
        fault=row.fault,
        attempts=row.attempts,
    )
