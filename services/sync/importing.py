"""Works a delivered file through in slices: a child reads and seals, this side writes, each slice one transaction."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.sync.domain.batch import Batch, BatchState, RowState, failed, read_on, validated
from services.sync.domain.delivery import Arrival, Outcome, receive
from services.sync.unit_of_work import SERVICE, SyncUnitOfWork
from shared.platform.children import ChildFault, Children
from shared.platform.database import UnitOfWorkFactory
from shared.platform.errors import Conflict, InvalidInput, Unavailable
from shared.platform.files import FileStore, Received
from shared.platform.ids import new_id
from shared.platform.logging import get_logger
from shared.platform.tallies import TALLIES
from shared.platform.working_days import local_date
from shared.trade.names import same_name
from shared.trade.policy import Policy

SLICE = 250
"""Rows a transaction: some 50 ms of work for the service, a third of a second for the child."""
LEASE = timedelta(seconds=10)
"""How long a file waits for another reader when one died over it. A reader that only is slow loses nothing but time:
whoever writes a slice first, it is written once."""
SURVEY_SECONDS, SLICE_SECONDS = 280.0, 60.0
MOST_ATTEMPTS = 5

ROWS = TALLIES.counts(
    "yizhu_exam_rows_imported", "Rows of result files read, by what became of each", ("service", "outcome")
)

_log = get_logger(__name__)


class Importing:
    """The way of a file from delivery to `UPDATED` (`domain.md` §6.3)."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory[SyncUnitOfWork],
        files: FileStore,
        children: Children,
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._files = files
        self._children = children
        self._policy = policy
        self._now = now

    def start(self, *, year: int, round_: int, received: Received, filename: str, actor: str) -> Batch:
        """Take a delivered file over; the very same file again is the batch that it is already (E19)."""
        with self._unit_of_work(read_only=True) as uow:
            known = uow.batches.live_of(year, round_, received.digest)
        if known is not None:
            return known
        stored = self._files.adopt(received)
        batch = Batch(
            id=new_id(),
            version=1,
            year=year,
            round=round_,
            state=BatchState.RECEIVED,
            address=stored.address,
            digest=received.digest,
            filename=filename,
            received_at=self._now(),
            received_by=actor,
        )
        try:
            with self._unit_of_work() as uow:
                uow.batches.add(batch)
                uow.commit()
        except Conflict:
            with self._unit_of_work(read_only=True) as uow:
                known = uow.batches.live_of(year, round_, received.digest)
            if known is None:
                raise
            return known
        _log.info("result_file_received", batch_id=str(batch.id), year=year, round=round_)
        return batch

    def work(self, seconds: float) -> bool:
        """Read on for about that long; whether there was anything to read.

        Which slice is next stands in the batch, and a slice is written only where it is still the next one: two
        workers at one file, or one that died in between, do no harm.
        """
        now = self._now()
        with self._unit_of_work(read_only=True) as uow:
            if not uow.batches.has_unread(now):
                return False
        with self._unit_of_work() as uow:
            batch = uow.batches.claim_unread(now, now + LEASE)
            uow.commit()
        if batch is None:
            return False
        until = time.monotonic() + seconds
        try:
            while batch.is_being_read and time.monotonic() < until:
                batch = self._read_some(batch)
        finally:
            with self._unit_of_work() as uow:
                uow.batches.lease(batch.id, None)
                uow.commit()
        return True

    def _read_some(self, batch: Batch) -> Batch:
        try:
            if batch.state is BatchState.RECEIVED:
                return self._survey(batch)
            return self._slice(batch)
        except InvalidInput as fault:
            return self._fail(batch.id, fault.code)
        except (ChildFault, Unavailable) as fault:
            if isinstance(fault, Unavailable) and fault.code != "child_unavailable":
                raise
            return self._count_attempt(batch.id, fault)

    def _survey(self, batch: Batch) -> Batch:
        """Look through the whole file before a single row is used."""
        found = self._children.call("survey", self._payload(batch), timeout=SURVEY_SECONDS)
        with self._unit_of_work() as uow:
            current = uow.batches.locked(batch.id)
            if current.state is BatchState.RECEIVED:
                uow.batches.add_marks(batch.id, "ticket", found["tickets"])
                uow.batches.add_marks(batch.id, "person", found["people"])
                current = read_on(validated(current, found["rows"]), 0, {}, {})
                uow.batches.save_progress(current)
            uow.commit()
        return current

    def _slice(self, batch: Batch) -> Batch:
        payload = {**self._payload(batch), "offset": batch.done, "limit": SLICE}
        rows: list[dict[str, Any]] = self._children.call("read_slice", payload, timeout=SLICE_SECONDS)
        if not rows:
            raise InvalidInput("result_file_shorter_than_counted")
        now = self._now()
        with self._unit_of_work() as uow:
            current = uow.batches.locked(batch.id)
            states: Counter[str] = Counter()
            if current.state is BatchState.VALIDATED and current.done == batch.done:
                current, states = _Slice(uow, current, rows, now).write()
                uow.batches.save_progress(current)
                uow.batches.lease(batch.id, now + LEASE)
            uow.commit()
        for state, count in states.items():
            ROWS.of(SERVICE, state.lower()).add(count)
        return current

    def _fail(self, batch_id: UUID, code: str) -> Batch:
        with self._unit_of_work() as uow:
            batch = uow.batches.save(failed(uow.batches.locked(batch_id), code))
            uow.commit()
        _log.warning("result_file_failed", batch_id=str(batch_id), code=code)
        return batch

    def _count_attempt(self, batch_id: UUID, fault: Exception) -> Batch:
        """A slice that the child can't do is tried again; after some times the file is given up, and told so."""
        with self._unit_of_work() as uow:
            batch = uow.batches.locked(batch_id)
            attempts = batch.attempts + 1
            _log.warning("result_file_slice_failed", batch_id=str(batch_id), attempts=attempts, error=str(fault))
            if attempts >= MOST_ATTEMPTS:
                batch = uow.batches.save(failed(batch, "result_file_not_processed"))
            else:
                batch = replace(batch, attempts=attempts)
                uow.batches.save_progress(batch)
            uow.commit()
        return batch

    def _payload(self, batch: Batch) -> dict[str, Any]:
        today = local_date(self._now())
        return {
            "batch": str(batch.id),
            "grant": self._files.grant(batch.address, media_type="text/csv", filename="results.csv"),
            "rules": file_rules(self._policy, batch.year, batch.round, today),
        }


class _Slice:
    """One slice of rows on its way into the database."""

    def __init__(self, uow: SyncUnitOfWork, batch: Batch, rows: Sequence[dict[str, Any]], now: datetime) -> None:
        self._uow = uow
        self._batch = batch
        self._rows = rows
        self._now = now
        found = [row["candidate"] for row in rows if "candidate" in row]
        people, tickets = [row["id_index"] for row in found], [row["ticket_index"] for row in found]
        self._two_names = uow.batches.marked(batch.id, "person", people)
        self._repeated = uow.batches.marked(batch.id, "ticket", tickets)
        self._records = uow.candidates.newest(batch.year, batch.round, tickets)
        self._people = uow.people.names(people)

    def write(self) -> tuple[Batch, Counter[str]]:
        """Write it all; the batch with its counters moved on, and how many rows came to which state."""
        self._add_people()
        states: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        refused: list[tuple[int, Sequence[str]]] = []
        records: list[dict[str, Any]] = []
        superseded: list[UUID] = []
        for row in self._rows:
            outcome = self._outcome(row)
            states[outcome.state.value] += 1
            reasons.update(outcome.reasons)
            if outcome.state is RowState.REFUSED:
                refused.append((row["line"], outcome.reasons))
            elif outcome.state is not RowState.UNCHANGED:
                records.append(self._record(row, outcome))
                superseded += [outcome.supersedes] if outcome.supersedes else []
        self._uow.batches.add_refused(self._batch.id, refused)
        self._count_in_other_batches(self._uow.candidates.supersede(superseded))
        self._uow.candidates.add(records)
        return read_on(self._batch, len(self._rows), states, reasons), states

    def _outcome(self, row: dict[str, Any]) -> Outcome:
        found = row.get("candidate")
        if found is None:
            return Outcome(RowState.REFUSED, tuple(row["reasons"]))
        known_person = self._people.get(found["id_index"])
        return receive(
            Arrival(
                name=found["name"],
                passed=found["passed"],
                sheet_open=found["sheet_open"],
                content_index=found["content_index"],
                reasons=tuple(row["reasons"]),
                ticket_is_repeated=found["ticket_index"] in self._repeated,
                id_has_two_names=found["id_index"] in self._two_names,
                known_name=known_person[1] if known_person else None,
                known_record=self._records.get(found["ticket_index"]),
            )
        )

    def _add_people(self) -> None:
        """Whoever is in a row without doubt becomes a person, encrypted once; doubtful rows create nobody."""
        missing = {
            found["id_index"]: {
                "id": new_id(),
                "id_index": found["id_index"],
                "id_number": found["id_number"],
                "name": found["name"],
            }
            for found in (row["candidate"] for row in self._rows if "candidate" in row and not row["reasons"])
            if found["id_index"] not in self._people
            and found["id_index"] not in self._two_names
            and found["ticket_index"] not in self._repeated
        }
        self._people |= self._uow.people.add_missing(list(missing.values()), self._now)

    def _record(self, row: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
        found = dict(row["candidate"])
        person = self._people.get(found.pop("id_index"))
        name = found.pop("name")
        del found["id_number"]
        return {
            **found,
            "id": new_id(),
            "batch_id": self._batch.id,
            "line": row["line"],
            "year": self._batch.year,
            "round": self._batch.round,
            "edition": outcome.edition,
            "state": outcome.state.value,
            "reasons": list(outcome.reasons),
            "person_id": person[0] if person and same_name(person[1], name) else None,
            "supersedes": outcome.supersedes,
            "recorded_at": self._now,
        }

    def _count_in_other_batches(self, left: dict[UUID, dict[str, int]]) -> None:
        for batch_id, moved in sorted(left.items()):
            self._uow.batches.save_progress(self._uow.batches.locked(batch_id).counted(moved))


def file_rules(policy: Policy, year: int, round_: int, today: date) -> dict[str, Any]:
    """What a file's rows are read against, in the form that crosses to the child."""
    day = policy.at(today)
    return {
        "year": year,
        "round": round_,
        "today": today.isoformat(),
        "age_range": day.get("id.age_range"),
        "ticket_pattern": day.text("ticket.pattern"),
        "aliases": day.get("province.alias"),
    }
