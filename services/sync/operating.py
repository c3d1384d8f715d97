"""What an operator of exam data does: release a batch to the gates, take one back, open or plan gates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from services.sync.domain import batch as batches
from services.sync.domain import gate as gates
from services.sync.domain.batch import Batch, RowState
from services.sync.domain.gate import Gate
from services.sync.publishing import finish
from services.sync.unit_of_work import SyncUnitOfWork
from shared.contracts import sync as contracts
from shared.platform.errors import InvalidInput, RuleViolated
from shared.platform.ids import new_id
from shared.platform.working_days import local_date, start_of_day
from shared.trade.policy import PolicyDay
from shared.trade.provinces import MAINLAND

EVERY_REGION = "*"


def release_batch(uow: SyncUnitOfWork, batch_id: UUID, version: int, *, now: datetime) -> Batch:
    """Let a batch go to the gates; one without a waiting pass is done at once."""
    released = uow.batches.save(batches.release(uow.batches.get(batch_id, version=version)))
    return released if released.states.get(RowState.UPDATED) else finish(uow, released, now=now)


def undo_batch(uow: SyncUnitOfWork, batch_id: UUID, version: int) -> Batch:
    """Take a delivery back of which nothing was published; what it had taken the place of is as it was."""
    undone = batches.undo(uow.batches.get(batch_id, version=version))
    if uow.candidates.was_superseded(batch_id):
        raise RuleViolated("batch_superseded")
    saved = uow.batches.save(undone)
    for other_id, moved in sorted(uow.candidates.undo(batch_id).items()):
        uow.batches.save_progress(uow.batches.locked(other_id).counted(moved))
    return saved


def regions_of(text: str) -> list[str]:
    """The exam regions that a request names: one, or `*` for all."""
    regions = sorted(MAINLAND) if text == EVERY_REGION else [text]
    if not MAINLAND.issuperset(regions):
        raise InvalidInput("invalid_input", fields={"region": ["region_unknown"]})
    return regions


def open_gates(
    uow: SyncUnitOfWork, regions: Collection[str], year: int, round_: int, *, by: str, now: datetime
) -> None:
    """Open these regions' gates now and tell it; open ones stay as they are."""
    known = uow.gates.of(year, round_, regions)
    for region in sorted(regions):
        open_gate(uow, known.get(region) or _new(uow, region, year, round_), by=by, now=now)


def plan_gates(
    uow: SyncUnitOfWork, regions: Collection[str], year: int, round_: int, moment: datetime, *, now: datetime
) -> None:
    """Say when these regions' gates will open; of several, those that are open already are passed over."""
    known = uow.gates.of(year, round_, regions)
    for region in sorted(regions):
        gate = known.get(region) or _new(uow, region, year, round_)
        if not gate.is_open or len(regions) == 1:
            uow.gates.save(gates.plan(gate, moment, now=now))


def plan_openings(uow: SyncUnitOfWork, batch: Batch, days: Mapping[str, int], *, now: datetime) -> None:
    """Plan the gates of a released batch by the policy: `days` from today for each region, at its first moment.

    Only where results of the batch wait: a gate that opened on nothing would tell everybody of nothing.
    The public calendar shows it at once; a gate that is open, or whose operator has said when, is left alone, and an
    operator may plan anew or open at any time (`domain.md` §6.4; policy key `release.open_offset_days`).
    """
    waiting = uow.candidates.waiting_regions(batch.id, days)
    known = uow.gates.of(batch.year, batch.round, sorted(waiting))
    for region in sorted(waiting):
        gate = known.get(region) or _new(uow, region, batch.year, batch.round)
        if not gate.is_open and gate.planned_at is None:
            moment = start_of_day(local_date(now) + timedelta(days=days[region]))
            uow.gates.save(gates.plan(gate, moment, now=now))


def opening_days(policy: PolicyDay, provinces: Collection[str]) -> dict[str, int]:
    """How many days after the release each province of this deployment opens; the others decide for themselves."""
    return {province: policy.whole("release.open_offset_days", province) for province in provinces}


def open_gate(uow: SyncUnitOfWork, gate: Gate, *, by: str, now: datetime) -> None:
    """Open a stored gate and tell it."""
    if gate.is_open:
        return
    uow.gates.save(gates.open_now(gate, by=by, now=now))
    uow.announce(
        contracts.GATE_OPENED,
        aggregate_id=gate.id,
        data={"region": gate.region, "year": gate.year, "round": gate.round},
        province=gate.region,
    )


def _new(uow: SyncUnitOfWork, region: str, year: int, round_: int) -> Gate:
    return uow.gates.add(Gate(new_id(), 1, region, year, round_))
