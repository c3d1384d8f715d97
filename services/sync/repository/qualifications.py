"""Qualifications as they stand, and everything that ever happened to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.sync.domain.qualification import Change, Qualification
from services.sync.models import QualificationHistoryRow, QualificationRow
from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import Conflict, NotFound
from shared.platform.ids import new_id
from shared.platform.working_days import local_date
from shared.trade.areas import Area
from shared.trade.categories import Category
from shared.trade.codes import QualificationCode
from shared.trade.levels import Level
from shared.trade.statuses import QualificationStatus


@dataclass(frozen=True)
class Entry:
    """One act in a qualification's history."""

    version: int
    change: Change
    status: QualificationStatus
    facts: Mapping[str, Any]
    effective_on: date
    recorded_at: datetime
    actor: str
    decision: str


class Qualifications:
    """All qualifications."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def code_index(self, code: QualificationCode) -> str:
        """Under which index a code is found."""
        return self._ring.index(code.value, purpose="certificate_code")

    def known_codes(self, indexes: Collection[str]) -> set[str]:
        """Which of these codes exist already."""
        return set(
            self._session.scalars(select(QualificationRow.code_index).where(QualificationRow.code_index.in_(indexes)))
        )

    def add_published(self, published: Sequence[tuple[Qualification, str]], *, actor: str, now: datetime) -> None:
        """Add qualifications with their code indexes, and the first row of their history."""
        if not published:
            return
        self._session.execute(
            insert(QualificationRow),
            [{"id": item.id, "code_index": index, "version": 1, **_values(item)} for item, index in published],
        )
        self._session.execute(
            insert(QualificationHistoryRow),
            [_history(item, Change.PUBLISHED, actor=actor, now=now, decision="") for item, _ in published],
        )

    def get(self, qualification_id: UUID, *, version: int | None = None) -> Qualification:
        """One qualification, in the version that the caller saw if one is given."""
        row = self._session.scalar(select(QualificationRow).where(QualificationRow.id == qualification_id))
        if row is None:
            raise NotFound("qualification_not_found")
        if version is not None and row.version != version:
            raise Conflict("qualification_changed")
        return _qualification(row)

    def by_id(self, ids: Collection[UUID]) -> list[Qualification]:
        """Qualifications by identifier, in any status."""
        return self._all(QualificationRow.id.in_(ids))

    def of_person(self, person_id: UUID) -> list[Qualification]:
        """A person's qualifications, oldest first."""
        return self._all(QualificationRow.person_id == person_id)

    def of_candidates(self, ids: Collection[UUID]) -> list[Qualification]:
        """The qualifications that followed from these records."""
        return self._all(QualificationRow.candidate_id.in_(ids))

    def with_code(self, code: QualificationCode, person_id: UUID) -> Qualification | None:
        """A person's qualification with this code."""
        found = self._all(QualificationRow.code_index == self.code_index(code), QualificationRow.person_id == person_id)
        return found[0] if found else None

    def save(
        self, changed: Qualification, change: Change, *, actor: str, now: datetime, decision: str
    ) -> Qualification:
        """Write a change and its row of history; `Conflict("qualification_changed")` if another came first."""
        version = save_versioned(
            self._session,
            QualificationRow,
            changed.id,
            changed.version,
            _values(changed),
            "qualification_changed",
        )
        saved = replace(changed, version=version)
        self._session.execute(
            insert(QualificationHistoryRow), [_history(saved, change, actor=actor, now=now, decision=decision)]
        )
        return saved

    def history(self, qualification_id: UUID) -> list[Entry]:
        """Everything that happened, in order."""
        rows = self._session.scalars(
            select(QualificationHistoryRow)
            .where(QualificationHistoryRow.qualification_id == qualification_id)
            .order_by(QualificationHistoryRow.version)
        )
        return [
            Entry(
                row.version,
                Change(row.change),
                QualificationStatus(row.status),
                row.facts,
                row.effective_on,
                row.recorded_at,
                row.actor,
                row.decision,
            )
            for row in rows
        ]

    def _all(self, *conditions: Any) -> list[Qualification]:
        statement = select(QualificationRow).where(*conditions).order_by(QualificationRow.id)
        return [_qualification(row) for row in self._session.scalars(statement)]


def _values(item: Qualification) -> dict[str, Any]:
    return {
        "person_id": item.person_id,
        "candidate_id": item.candidate_id,
        "year": item.year,
        "round": item.round,
        "region": item.region,
        "level": item.level.value,
        "category": item.category.value,
        "area": item.area.value,
        "published_on": item.published_on,
        "status": item.status.value,
        "education": item.education,
        "school": item.school,
        "major": item.major,
    }


def _history(item: Qualification, change: Change, *, actor: str, now: datetime, decision: str) -> dict[str, Any]:
    facts = _values(item)
    for key in ("person_id", "candidate_id", "published_on"):
        facts[key] = str(facts[key])
    return {
        "id": new_id(),
        "qualification_id": item.id,
        "version": item.version,
        "change": change.value,
        "status": item.status.value,
        "facts": facts,
        "effective_on": local_date(now),
        "recorded_at": now,
        "actor": actor,
        "decision": decision,
    }


def _qualification(row: QualificationRow) -> Qualification:
    return Qualification(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        candidate_id=row.candidate_id,
        year=row.year,
        round=row.round,
        region=row.region,
        level=Level(row.level),
        category=Category(row.category),
        area=Area.parse(row.area),
        published_on=row.published_on,
        status=QualificationStatus(row.status),
        education=row.education,
        school=row.school,
        major=row.major,
    )
