"""A delivered result file on its way: received, checked as a whole, read row by row, opened to its candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.platform.errors import Conflict, RuleViolated


class BatchState(StrEnum):
    """How far a batch is."""

    RECEIVED = "RECEIVED"
    VALIDATED = "VALIDATED"
    UPDATED = "UPDATED"
    PUBLISHING = "PUBLISHING"
    PUBLISHED = "PUBLISHED"
    UNDONE = "UNDONE"
    FAILED = "FAILED"


class RowState(StrEnum):
    """What became of one row. Nothing reaches a doctor before `PUBLISHED` (`domain.md` §6.3)."""

    REFUSED = "REFUSED"
    """Malformed: not used at all."""
    UNCHANGED = "UNCHANGED"
    """The same content is known already (E19)."""
    QUARANTINED = "QUARANTINED"
    """A person has to look at it."""
    NOT_PASSED = "NOT_PASSED"
    """Matched; the candidate failed the exam."""
    SHEET_CLOSED = "SHEET_CLOSED"
    """Matched and passed; the score sheet is not open yet, so nothing can be published."""
    UPDATED = "UPDATED"
    """Matched and passed: waits for the operator's release and for the gate of its exam region."""
    PUBLISHED = "PUBLISHED"
    """Its qualification is open to its owner."""
    SUPERSEDED = "SUPERSEDED"
    """A later delivery says something else."""
    UNDONE = "UNDONE"
    """Its batch was taken back."""
    DISMISSED = "DISMISSED"
    """It was held, and an officer decided that it is not used."""


_BEING_READ = (BatchState.RECEIVED, BatchState.VALIDATED)
_RELEASED = (BatchState.PUBLISHING, BatchState.PUBLISHED)


@dataclass(frozen=True)
class Batch:
    """One delivered file of one exam year and round."""

    id: UUID
    version: int
    year: int
    round: int
    state: BatchState
    address: str
    digest: str
    filename: str
    received_at: datetime
    received_by: str
    rows: int = 0
    done: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    published_at: datetime | None = None
    fault: str = ""
    attempts: int = 0

    @property
    def is_being_read(self) -> bool:
        """Whether rows are still to come."""
        return self.state in _BEING_READ

    @property
    def is_released(self) -> bool:
        """Whether its operator let it go to the gates."""
        return self.state in _RELEASED

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what became of them; they add up to `done`."""
        return {state: number for state, number in self.states.items() if number}

    def counted(self, states: Mapping[str, int], reasons: Mapping[str, int] | None = None) -> Batch:
        """With rows moved: numbers are added, negative ones taken away."""
        return replace(self, states=_added(self.states, states), reasons=_added(self.reasons, reasons or {}))


def validated(batch: Batch, rows: int) -> Batch:
    """The whole file was looked through: the header is right, its rows are counted."""
    return replace(batch, state=BatchState.VALIDATED, rows=rows, attempts=0)


def read_on(batch: Batch, lines: int, states: Mapping[str, int], reasons: Mapping[str, int]) -> Batch:
    """Some more rows were read; after the last one the data is up to date (数据更新)."""
    counted = batch.counted(states, reasons)
    done = batch.done + lines
    state = BatchState.UPDATED if done >= batch.rows else batch.state
    return replace(counted, done=done, state=state, attempts=0)


def failed(batch: Batch, fault: str) -> Batch:
    """The file can't be read; nothing of it is used."""
    return replace(batch, state=BatchState.FAILED, fault=fault)


def release(batch: Batch) -> Batch:
    """Let the batch go to the gates (对外开放): published row by row where the exam region's gate is open."""
    if batch.state is not BatchState.UPDATED:
        raise Conflict("batch_not_ready_to_publish", state=batch.state.value)
    return replace(batch, state=BatchState.PUBLISHING)


def published(batch: Batch, now: datetime) -> Batch:
    """Everything whose gate is open is published; a gate that opens later goes on from here."""
    if batch.state is BatchState.PUBLISHED:
        return batch
    return replace(batch, state=BatchState.PUBLISHED, published_at=now)


def undo(batch: Batch) -> Batch:
    """Take a delivery back of which nothing was published yet; after that only corrections help (`domain.md` §6.7)."""
    if batch.states.get(RowState.PUBLISHED):
        raise RuleViolated("batch_published_already")
    if batch.state not in (BatchState.UPDATED, BatchState.PUBLISHING):
        raise Conflict("batch_not_ready_to_undo", state=batch.state.value)
    return replace(batch, state=BatchState.UNDONE)


def _added(numbers: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: numbers.get(name, 0) + more.get(name, 0) for name in sorted({*numbers, *more})}
