"""The publication gates of the exam regions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from services.sync.domain.gate import Gate
from services.sync.models import GateRow
from shared.platform.database import save_versioned

MOST_SHOWN = 31 * 12
"""The calendar shows six exam years of two rounds."""


class Gates:
    """All gates."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, year: int, round_: int, regions: Collection[str]) -> dict[str, Gate]:
        """The gates that exist of these regions, locked for a change."""
        rows = self._session.scalars(
            select(GateRow)
            .where(GateRow.year == year, GateRow.round == round_, GateRow.region.in_(regions))
            .order_by(GateRow.region)
            .with_for_update()
        )
        return {row.region: gate_of(row) for row in rows}

    def add(self, gate: Gate) -> Gate:
        """Store a new gate."""
        self._session.execute(insert(GateRow).values(id=gate.id, version=1, **_values(gate)))
        return gate

    def save(self, gate: Gate) -> None:
        """Write a change; `Conflict("gate_changed")` if another came first."""
        save_versioned(self._session, GateRow, gate.id, gate.version, _values(gate), "gate_changed")

    def open_regions(self, year: int, round_: int) -> list[str]:
        """The regions whose results may be seen."""
        return list(
            self._session.scalars(
                select(GateRow.region).where(
                    GateRow.year == year, GateRow.round == round_, GateRow.opened_at.is_not(None)
                )
            )
        )

    def calendar(self) -> list[Gate]:
        """The newest exam years' gates, by year, round and region."""
        rows = self._session.scalars(
            select(GateRow).order_by(GateRow.year.desc(), GateRow.round.desc(), GateRow.region).limit(MOST_SHOWN)
        )
        return [gate_of(row) for row in rows]


def due_gates(now: datetime) -> Select[Any]:
    """Gates whose planned moment has come, for a timer."""
    return select(GateRow).where(GateRow.opened_at.is_(None), GateRow.planned_at <= now).order_by(GateRow.id)


def gate_of(row: GateRow) -> Gate:
    """The gate that a row holds."""
    return Gate(
        id=row.id,
        version=row.version,
        region=row.region,
        year=row.year,
        round=row.round,
        planned_at=row.planned_at,
        opened_at=row.opened_at,
        opened_by=row.opened_by,
    )


def _values(gate: Gate) -> dict[str, Any]:
    return {
        "region": gate.region,
        "year": gate.year,
        "round": gate.round,
        "planned_at": gate.planned_at,
        "opened_at": gate.opened_at,
        "opened_by": gate.opened_by,
    }
