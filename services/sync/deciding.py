"""What an officer decides: over held rows, and over qualifications that have to be corrected, frozen or annulled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.sync.domain import qualification as rules
from services.sync.domain.batch import Batch, RowState
from services.sync.domain.delivery import settled_state
from services.sync.domain.qualification import Change, Qualification
from services.sync.repository.candidates import HeldRecord
from services.sync.unit_of_work import SyncUnitOfWork
from shared.contracts import sync as contracts
from shared.platform.contract import EventType
from shared.platform.crypto import storage_ring
from shared.platform.errors import Conflict, RuleViolated
from shared.platform.ids import new_id
from shared.trade.names import same_name
from shared.trade.resident_id import ResidentId

_ACTS: dict[str, tuple[Callable[..., Qualification], Change, EventType]] = {
    "freeze": (rules.freeze, Change.FROZEN, contracts.QUALIFICATION_CORRECTED),
    "unfreeze": (rules.unfreeze, Change.UNFROZEN, contracts.QUALIFICATION_CORRECTED),
    "annul": (rules.annul, Change.ANNULLED, contracts.QUALIFICATION_ANNULLED),
}


def change_qualification(
    uow: SyncUnitOfWork, qualification_id: UUID, act: str, corrections: dict[str, str], *, decision: str, now: datetime
) -> Qualification:
    """Carry an officer's act out, write its history and tell it; whoever keeps a copy fetches it anew."""
    current = uow.qualifications.get(qualification_id)
    if act == "correct":
        if not corrections:
            raise RuleViolated("corrections_required")
        changed = rules.correct(current, corrections, decision=decision)
        return _save(uow, changed, Change.CORRECTED, contracts.QUALIFICATION_CORRECTED, decision=decision, now=now)
    if corrections:
        raise RuleViolated("corrections_not_expected", act=act)
    rule, change, event = _ACTS[act]
    return _save(uow, rule(current, decision=decision), change, event, decision=decision, now=now)


def decide_held(uow: SyncUnitOfWork, record_id: UUID, outcome: str, *, decision: str, now: datetime) -> Batch:
    """Use a held row or dismiss it; the batch with its counters moved. Nothing held is settled without a person."""
    held = uow.candidates.held(record_id)
    batch = uow.batches.locked(held.record.batch_id)
    state = RowState.DISMISSED if outcome == "dismiss" else _use(uow, held, decision=decision, now=now)
    uow.candidates.settle([record_id], state)
    batch = batch.counted(Counter({state.value: 1, RowState.QUARANTINED.value: -1}))
    uow.batches.save_progress(batch)
    return batch


def _use(uow: SyncUnitOfWork, held: HeldRecord, *, decision: str, now: datetime) -> RowState:
    """Where a row goes that an officer found right in spite of what held it."""
    record = held.record
    if "code_taken" in record.reasons:
        raise RuleViolated("held_row_not_usable", reason="code_taken")
    person_id = record.person_id or _person(uow, held, now)
    uow.candidates.assign(record.id, person_id)
    published = uow.candidates.predecessor(record.id)
    if published is None:
        return settled_state(passed=record.passed, sheet_open=record.sheet_open)
    return _replace_published(uow, held, person_id, published, decision=decision, now=now)


def _person(uow: SyncUnitOfWork, held: HeldRecord, now: datetime) -> UUID:
    """The person of a held row; another name under this ID is corrected, never overruled (`domain.md` §6.7)."""
    resident_id = ResidentId(held.id_number)
    ring = storage_ring("sync")
    index = ring.index(resident_id.value, purpose="id_number")
    person = {
        "id": new_id(),
        "id_index": index,
        "id_number": ring.seal(resident_id.value, purpose="id_number"),
        "name": held.name,
    }
    person_id, name = uow.people.add_missing([person], now)[index]
    if not same_name(name, held.name):
        raise RuleViolated("held_row_not_usable", reason="name_conflict")
    return person_id


def _replace_published(
    uow: SyncUnitOfWork, held: HeldRecord, person_id: UUID, published: UUID, *, decision: str, now: datetime
) -> RowState:
    """A changed delivery after publication (E20): the qualification follows it, with its history.

    A pass that has become a failure annuls it. Level, category, region or person can't change under one code: then
    the old qualification is annulled by its own act, and the new record published after that.
    """
    record = held.record
    current = uow.qualifications.of_candidates([published])[0]
    if not record.passed:
        annulled = rules.annul(current, decision=decision)
        _save(uow, annulled, Change.ANNULLED, contracts.QUALIFICATION_ANNULLED, decision=decision, now=now)
        _supersede(uow, published)
        return RowState.NOT_PASSED
    same_code = (record.level, record.category, record.region) == (current.level, current.category, current.region)
    if not same_code or person_id != current.person_id:
        raise Conflict("held_row_changes_the_code", qualification=str(current.id))
    corrected = rules.follow(
        current,
        candidate_id=record.id,
        area=record.area,
        education=record.education,
        school=record.school,
        major=record.major,
    )
    _supersede(uow, published)
    _save(uow, corrected, Change.CORRECTED, contracts.QUALIFICATION_CORRECTED, decision=decision, now=now)
    return RowState.PUBLISHED


def _supersede(uow: SyncUnitOfWork, record_id: UUID) -> None:
    for batch_id, moved in sorted(uow.candidates.supersede([record_id]).items()):
        uow.batches.save_progress(uow.batches.locked(batch_id).counted(moved))


def _save(
    uow: SyncUnitOfWork, changed: Qualification, change: Change, event: EventType, *, decision: str, now: datetime
) -> Qualification:
    saved = uow.qualifications.save(changed, change, actor=uow.context.actor, now=now, decision=decision)
    uow.announce(
        event,
        aggregate_id=saved.id,
        data={"qualification_id": saved.id, "reason": change.value},
        province=saved.region,
    )
    return saved
