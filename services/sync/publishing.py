"""Opens qualifications to their owners: slice by slice behind open gates, or one at a time for a person who asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.sync.domain.batch import Batch, RowState, published
from services.sync.domain.qualification import Qualification
from services.sync.repository.candidates import Record
from services.sync.repository.people import Person
from services.sync.unit_of_work import SyncUnitOfWork
from shared.contracts import sync as contracts
from shared.platform.database import News, UnitOfWorkFactory
from shared.platform.ids import new_id
from shared.platform.working_days import local_date
from shared.trade.codes import TicketNumber

SLICE = 100
"""Qualifications a transaction: each is announced with two sealed fields, which takes most of the time."""
NATION = "00"
"""The province of news that concerns no single one."""


class Publishing:
    """The last step: from `UPDATED` to `PUBLISHED` (`domain.md` §6.3, §6.4)."""

    def __init__(self, unit_of_work: UnitOfWorkFactory[SyncUnitOfWork], now: Callable[[], datetime]) -> None:
        self._unit_of_work = unit_of_work
        self._now = now

    def work(self) -> bool:
        """Publish one slice, a transaction of its own; whether there was one."""
        with self._unit_of_work(read_only=True) as uow:
            batch_id = uow.batches.next_to_publish()
        if batch_id is None:
            return False
        now = self._now()
        with self._unit_of_work() as uow:
            batch = uow.batches.locked(batch_id)
            if batch.is_released:
                batch = publish_records(uow, batch, _publishable(uow, batch, SLICE), now=now)
                finish(uow, batch, now=now)
            uow.commit()
        return True

    def publish_waiting(self, person: Person, ticket: TicketNumber) -> list[Qualification]:
        """Publish the waiting record of one person (自助更新, E09); what is open with this ticket afterwards.

        It serves a record whose gate is open and whose batch was released, and nothing else: every other case looks
        the same from outside (E15–E18).
        """
        now = self._now()
        with self._unit_of_work(read_only=True) as uow:
            waiting = uow.candidates.waiting_with(ticket, person.id)
        for record in waiting:
            with self._unit_of_work() as uow:
                batch = uow.batches.locked(record.batch_id)
                if batch.is_released and uow.candidates.still_waits(record.id):
                    batch = publish_records(uow, batch, [record], now=now)
                    finish(uow, batch, now=now)
                uow.commit()
        return self.published_with(person, ticket)

    def published_with(self, person: Person, ticket: TicketNumber) -> list[Qualification]:
        """What a person's ticket shows."""
        with self._unit_of_work(read_only=True) as uow:
            return uow.qualifications.of_candidates(uow.candidates.published_with(ticket, person.id))


def publish_records(uow: SyncUnitOfWork, batch: Batch, records: Sequence[Record], *, now: datetime) -> Batch:
    """Make qualifications of records that wait in a locked batch, compute their codes, announce them; counts moved.

    The code follows from year, region, level, category and ID (`domain.md` §6.6), so the same code twice means that
    this pass is known already: such a record goes to quarantine.
    """
    people = uow.people.by_id({record.person_id for record in records if record.person_id})
    made = [(record, _qualification(record, now), people[_person_of(record)]) for record in records]
    indexes = [uow.qualifications.code_index(item.code(person.resident_id)) for _, item, person in made]
    taken = uow.qualifications.known_codes(indexes)
    fresh: list[tuple[Record, Qualification, Person, str]] = []
    doubled: list[Record] = []
    for (record, item, person), index in zip(made, indexes, strict=True):
        if index in taken:
            doubled.append(record)
        else:
            taken.add(index)
            fresh.append((record, item, person, index))
    uow.qualifications.add_published([(item, index) for _, item, _, index in fresh], actor=uow.context.actor, now=now)
    uow.candidates.settle([record.id for record, _, _, _ in fresh], RowState.PUBLISHED)
    uow.candidates.settle([record.id for record in doubled], RowState.QUARANTINED, ["code_taken"])
    uow.announce_all(contracts.QUALIFICATION_PUBLISHED, [_news(item, person, now) for _, item, person, _ in fresh])
    moved = Counter({RowState.PUBLISHED.value: len(fresh), RowState.QUARANTINED.value: len(doubled)})
    moved[RowState.UPDATED.value] -= len(records)
    batch = batch.counted(moved, {"code_taken": len(doubled)} if doubled else {})
    uow.batches.save_progress(batch)
    return batch


def finish(uow: SyncUnitOfWork, batch: Batch, *, now: datetime) -> Batch:
    """Close the publication of a locked batch once nothing waits behind an open gate, and tell it the first time."""
    done = batch.states.get(RowState.PUBLISHED, 0)
    waits = batch.states.get(RowState.UPDATED, 0)
    if batch.published_at is not None or (waits and (not done or _publishable(uow, batch, 1))):
        return batch
    closed = uow.batches.save(published(batch, now))
    uow.announce(
        contracts.BATCH_PUBLISHED,
        aggregate_id=batch.id,
        data={"batch_id": batch.id, "year": batch.year, "round": batch.round, "published": done},
        province=NATION,
    )
    return closed


def _publishable(uow: SyncUnitOfWork, batch: Batch, limit: int) -> list[Record]:
    return uow.candidates.publishable(batch.id, uow.gates.open_regions(batch.year, batch.round), limit)


def _qualification(record: Record, now: datetime) -> Qualification:
    return Qualification(
        id=new_id(),
        version=1,
        person_id=_person_of(record),
        candidate_id=record.id,
        year=record.year,
        round=record.round,
        region=record.region,
        level=record.level,
        category=record.category,
        area=record.area,
        published_on=local_date(now),
        education=record.education,
        school=record.school,
        major=record.major,
    )


def _person_of(record: Record) -> UUID:
    if record.person_id is None:
        raise ValueError("a record without a person is never published")
    return record.person_id


def _news(item: Qualification, person: Person, now: datetime) -> News:
    return News(
        aggregate_id=item.id,
        data={
            "qualification_id": item.id,
            "id_number": person.resident_id.value,
            "name": person.name,
            "level": item.level.value,
            "category": item.category.value,
            "year": item.year,
            "published_on": item.published_on,
        },
        province=item.region,
        occurred_at=now,
    )
