"""The publication gate of an exam region: opened by its operator's act or at a planned moment (`domain.md` §6.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.platform.errors import Conflict, RuleViolated


@dataclass(frozen=True)
class Gate:
    """One region's gate for one exam year and round. Once open it stays open: what was seen can't be unseen."""

    id: UUID
    version: int
    region: str
    year: int
    round: int
    planned_at: datetime | None = None
    opened_at: datetime | None = None
    opened_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether results may be seen."""
        return self.opened_at is not None


def open_now(gate: Gate, *, by: str, now: datetime) -> Gate:
    """Open it (开放); an open one is left as it is."""
    return gate if gate.is_open else replace(gate, opened_at=now, opened_by=by)


def plan(gate: Gate, moment: datetime, *, now: datetime) -> Gate:
    """Say when it will open; the public calendar shows it."""
    if gate.is_open:
        raise Conflict("gate_already_open", region=gate.region)
    if moment <= now:
        raise RuleViolated("gate_planned_in_the_past", region=gate.region)
    return replace(gate, planned_at=moment)


def is_due(gate: Gate, now: datetime) -> bool:
    """Whether the planned moment has come."""
    return not gate.is_open and gate.planned_at is not None and gate.planned_at <= now
