"""Candidate records: editions by key, what waits for publication, what is held."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session, aliased

from services.sync.domain.batch import RowState
from services.sync.domain.delivery import KnownRecord, held, settled_state
from services.sync.models import BatchRow, CandidateRow, GateRow
from shared.platform.crypto import KeyRing
from shared.platform.errors import Conflict, NotFound
from shared.trade.areas import Area
from shared.trade.categories import Category
from shared.trade.codes import TicketNumber
from shared.trade.levels import Level

DETAILS = "details"


@dataclass(frozen=True)
class Record:
    """One edition of a candidate record, without what is sealed."""

    id: UUID
    batch_id: UUID
    line: int
    year: int
    round: int
    state: RowState
    reasons: tuple[str, ...]
    person_id: UUID | None
    region: str
    level: Level
    category: Category
    area: Area
    passed: bool
    sheet_open: bool
    education: str
    school: str
    major: str
    recorded_at: datetime


@dataclass(frozen=True)
class HeldRecord:
    """A record that waits for a person's decision, with what has to be seen for it."""

    record: Record
    name: str
    id_number: str


class Candidates:
    """All candidate records."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def newest(self, year: int, round_: int, ticket_indexes: Collection[str]) -> dict[str, KnownRecord]:
        """The newest edition of each key that is known, by ticket index."""
        rows = self._session.execute(
            select(
                CandidateRow.ticket_index,
                CandidateRow.id,
                CandidateRow.edition,
                CandidateRow.state,
                CandidateRow.content_index,
            )
            .where(
                CandidateRow.ticket_index.in_(ticket_indexes),
                CandidateRow.year == year,
                CandidateRow.round == round_,
            )
            .order_by(CandidateRow.edition)
        )
        return {
            row.ticket_index: KnownRecord(row.id, row.edition, RowState(row.state), row.content_index) for row in rows
        }

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add editions."""
        if rows:
            self._session.execute(insert(CandidateRow), [dict(row) for row in rows])

    def supersede(self, ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
        """Let newer editions take the place of these; how many of which state left each batch."""
        if not ids:
            return {}
        left: dict[UUID, dict[str, int]] = {}
        rows = self._session.execute(
            select(CandidateRow.batch_id, CandidateRow.state, func.count())
            .where(CandidateRow.id.in_(ids))
            .group_by(CandidateRow.batch_id, CandidateRow.state)
        )
        for batch_id, state, number in rows:
            moved = left.setdefault(batch_id, {})
            moved[state] = moved.get(state, 0) - number
            moved[RowState.SUPERSEDED.value] = moved.get(RowState.SUPERSEDED.value, 0) + number
        self._session.execute(
            update(CandidateRow).where(CandidateRow.id.in_(ids)).values(state=RowState.SUPERSEDED.value)
        )
        return left

    def waiting_regions(self, batch_id: UUID, regions: Collection[str]) -> set[str]:
        """Which of these regions have records of a batch that wait for their gate."""
        statement = (
            select(CandidateRow.region)
            .where(
                CandidateRow.batch_id == batch_id,
                CandidateRow.state == RowState.UPDATED.value,
                CandidateRow.region.in_(regions),
            )
            .distinct()
        )
        return set(self._session.scalars(statement))

    def publishable(self, batch_id: UUID, regions: Collection[str], limit: int) -> list[Record]:
        """Records of a batch that wait in these regions, taken for this transaction.

        Region by region, as the index has them: one statement over all of them would sort every waiting record each
        time.
        """
        found: list[CandidateRow] = []
        for region in sorted(regions):
            statement = (
                select(CandidateRow)
                .where(
                    CandidateRow.batch_id == batch_id,
                    CandidateRow.state == RowState.UPDATED.value,
                    CandidateRow.region == region,
                )
                .order_by(CandidateRow.id)
                .limit(limit - len(found))
                .with_for_update()
            )
            found += self._session.scalars(statement)
            if len(found) == limit:
                break
        return [_record(row) for row in found]

    def waiting_with(self, ticket: TicketNumber, person_id: UUID) -> list[Record]:
        """A person's records with this ticket that wait behind an open gate in a released batch."""
        statement = (
            select(CandidateRow)
            .join(BatchRow, BatchRow.id == CandidateRow.batch_id)
            .join(
                GateRow,
                (GateRow.region == CandidateRow.region)
                & (GateRow.year == CandidateRow.year)
                & (GateRow.round == CandidateRow.round),
            )
            .where(
                CandidateRow.ticket_index == self._index(ticket),
                CandidateRow.person_id == person_id,
                CandidateRow.state == RowState.UPDATED.value,
                BatchRow.state.in_(("PUBLISHING", "PUBLISHED")),
                GateRow.opened_at.is_not(None),
            )
        )
        return [_record(row) for row in self._session.scalars(statement)]

    def published_with(self, ticket: TicketNumber, person_id: UUID) -> list[UUID]:
        """A person's published records with this ticket."""
        return list(
            self._session.scalars(
                select(CandidateRow.id).where(
                    CandidateRow.ticket_index == self._index(ticket),
                    CandidateRow.person_id == person_id,
                    CandidateRow.state == RowState.PUBLISHED.value,
                )
            )
        )

    def still_waits(self, record_id: UUID) -> bool:
        """Whether a record is still to be published; ask with its batch locked."""
        state = self._session.scalar(select(CandidateRow.state).where(CandidateRow.id == record_id))
        return state == RowState.UPDATED

    def settle(self, ids: Collection[UUID], state: RowState, reasons: Sequence[str] | None = None) -> None:
        """Put records into a state."""
        values: dict[str, Any] = {"state": state.value}
        if reasons is not None:
            values["reasons"] = list(reasons)
        if ids:
            self._session.execute(update(CandidateRow).where(CandidateRow.id.in_(ids)).values(**values))

    def assign(self, record_id: UUID, person_id: UUID) -> None:
        """Say whose record a held one is."""
        self._session.execute(update(CandidateRow).where(CandidateRow.id == record_id).values(person_id=person_id))

    def was_superseded(self, batch_id: UUID) -> bool:
        """Whether a later delivery rests on a record of this batch."""
        later = aliased(CandidateRow)
        return bool(
            self._session.scalar(
                select(later.id)
                .join(CandidateRow, later.supersedes == CandidateRow.id)
                .where(CandidateRow.batch_id == batch_id, later.state != RowState.UNDONE.value)
                .limit(1)
            )
        )

    def undo(self, batch_id: UUID) -> dict[UUID, dict[str, int]]:
        """Take a batch's records back and restore those they had taken the place of; what came back to each batch."""
        later = aliased(CandidateRow)
        restored = self._session.execute(
            select(
                CandidateRow.id,
                CandidateRow.batch_id,
                CandidateRow.passed,
                CandidateRow.sheet_open,
                CandidateRow.reasons,
            )
            .join(later, later.supersedes == CandidateRow.id)
            .where(later.batch_id == batch_id)
        ).all()
        back: dict[UUID, dict[str, int]] = {}
        groups: dict[str, list[UUID]] = {}
        for row in restored:
            state = _restored_state(row.passed, row.sheet_open, row.reasons)
            groups.setdefault(state, []).append(row.id)
            moved = back.setdefault(row.batch_id, {})
            moved[state] = moved.get(state, 0) + 1
            moved[RowState.SUPERSEDED.value] = moved.get(RowState.SUPERSEDED.value, 0) - 1
        for state, ids in groups.items():
            self.settle(ids, RowState(state))
        self._session.execute(
            update(CandidateRow).where(CandidateRow.batch_id == batch_id).values(state=RowState.UNDONE.value)
        )
        return back

    def held_page(self, after: UUID | None, limit: int) -> list[HeldRecord]:
        """Held records, oldest first."""
        statement = select(CandidateRow).where(CandidateRow.state == RowState.QUARANTINED.value)
        if after is not None:
            statement = statement.where(CandidateRow.id > after)
        return [self._held(row) for row in self._session.scalars(statement.order_by(CandidateRow.id).limit(limit))]

    def count_held(self, most: int) -> int:
        """How many are held, counted up to `most`."""
        some = select(CandidateRow.id).where(CandidateRow.state == RowState.QUARANTINED.value).limit(most).subquery()
        return int(self._session.scalar(select(func.count()).select_from(some)) or 0)

    def held(self, record_id: UUID) -> HeldRecord:
        """One held record; `Conflict` if somebody has decided on it."""
        row = self._session.scalar(select(CandidateRow).where(CandidateRow.id == record_id).with_for_update())
        if row is None:
            raise NotFound("held_row_not_found")
        if row.state != RowState.QUARANTINED:
            raise Conflict("held_row_decided_already", state=row.state)
        return self._held(row)

    def predecessor(self, record_id: UUID) -> UUID | None:
        """The published edition of the same key, if there is one."""
        row = self._session.execute(
            select(CandidateRow.ticket_index, CandidateRow.year, CandidateRow.round).where(CandidateRow.id == record_id)
        ).one()
        return self._session.scalar(
            select(CandidateRow.id).where(
                CandidateRow.ticket_index == row.ticket_index,
                CandidateRow.year == row.year,
                CandidateRow.round == row.round,
                CandidateRow.state == RowState.PUBLISHED.value,
            )
        )

    def _held(self, row: CandidateRow) -> HeldRecord:
        details = json.loads(self._ring.open(row.details, purpose=DETAILS))
        return HeldRecord(_record(row), details["name"], details["id_number"])

    def _index(self, ticket: TicketNumber) -> str:
        return self._ring.index(ticket.value, purpose="ticket")


def _restored_state(passed: bool, sheet_open: bool, reasons: list[str]) -> str:
    if held(reasons):
        return RowState.QUARANTINED.value
    return settled_state(passed=passed, sheet_open=sheet_open).value


def _record(row: CandidateRow) -> Record:
    return Record(
        id=row.id,
        batch_id=row.batch_id,
        line=row.line,
        year=row.year,
        round=row.round,
        state=RowState(row.state),
        reasons=tuple(row.reasons),
        person_id=row.person_id,
        region=row.region,
        level=Level(row.level),
        category=Category(row.category),
        area=Area.parse(row.area),
        passed=row.passed,
        sheet_open=row.sheet_open,
        education=row.education,
        school=row.school,
        major=row.major,
        recorded_at=row.recorded_at,
    )
