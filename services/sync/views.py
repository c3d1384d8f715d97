"""Domain objects as the contracts' answers show them."""

from __future__ import annotations

from typing import Any

from services.sync.domain.batch import Batch
from services.sync.domain.gate import Gate
from services.sync.domain.qualification import Qualification
from services.sync.repository.candidates import HeldRecord
from services.sync.repository.people import Person
from services.sync.unit_of_work import SyncUnitOfWork
from shared.trade.masking import mask_id


def batch_view(batch: Batch) -> dict[str, Any]:
    """`BatchView`."""
    return {
        "id": batch.id,
        "version": batch.version,
        "year": batch.year,
        "round": batch.round,
        "state": batch.state.value,
        "received_at": batch.received_at,
        "published_at": batch.published_at,
        "rows": batch.rows,
        "done": batch.done,
        "counts": batch.counts,
        "reasons": {batch.fault: 1} if batch.fault else dict(batch.reasons),
    }


def qualification_view(item: Qualification, person: Person) -> dict[str, Any]:
    """`QualificationView`; the code is computed from the facts."""
    return {
        "id": item.id,
        "code": item.code(person.resident_id).value,
        "year": item.year,
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


def qualification_views(uow: SyncUnitOfWork, items: list[Qualification]) -> list[dict[str, Any]]:
    """`QualificationView` for many, their people fetched at once."""
    people = uow.people.by_id({item.person_id for item in items})
    return [qualification_view(item, people[item.person_id]) for item in items]


def gate_view(gate: Gate) -> dict[str, Any]:
    """`GateView`."""
    return {
        "region": gate.region,
        "year": gate.year,
        "round": gate.round,
        "is_open": gate.is_open,
        "planned_at": gate.planned_at,
        "opened_at": gate.opened_at,
    }


def held_view(held: HeldRecord) -> dict[str, Any]:
    """`QuarantineRow`: the name, and the ID masked."""
    return {
        "id": held.record.id,
        "batch_id": held.record.batch_id,
        "line": held.record.line,
        "reasons": list(held.record.reasons),
        "name": held.name,
        "masked_id": mask_id(held.id_number),
        "since": held.record.recorded_at,
    }
