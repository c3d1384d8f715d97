"""`sync`: takes exam results in, opens qualifications behind the gates, and tells whose qualification is whose."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from services.sync import deciding, operating
from services.sync.authority import AUTHORITY
from services.sync.dependencies import PolicyProvider, RowChildProvider
from services.sync.domain.qualification import Qualification
from services.sync.importing import Importing
from services.sync.models import GateRow
from services.sync.publishing import Publishing
from services.sync.repository.gates import due_gates, gate_of
from services.sync.repository.people import Person
from services.sync.unit_of_work import SyncUnitOfWork
from services.sync.views import batch_view, gate_view, held_view, qualification_view, qualification_views
from shared.contracts import sync as contracts
from shared.platform.authorisation import ActorProvider
from shared.platform.bus import rpc
from shared.platform.clock import ClockProvider
from shared.platform.database import UnitOfWorkProvider
from shared.platform.errors import InvalidInput
from shared.platform.files import FileStoreProvider, Received
from shared.platform.ids import new_id
from shared.platform.settings_provider import SettingsProvider
from shared.platform.timers import each_due, every
from shared.platform.working_days import local_date
from shared.trade.codes import QualificationCode, TicketNumber
from shared.trade.resident_id import ResidentId

READ_SECONDS = 4.0
"""How long one run of a timer goes on; a stopping service waits for it."""
MOST_COUNTED = 100


class SyncService:
    """Exam batches, qualifications, gates."""

    name = "sync"
    actor = ActorProvider(AUTHORITY)
    clock = ClockProvider()
    settings = SettingsProvider()
    unit_of_work = UnitOfWorkProvider(SyncUnitOfWork)
    files = FileStoreProvider()
    row_child = RowChildProvider()
    policy = PolicyProvider()

    @rpc(contracts.MATCH, action="qualification.match")
    def match(self, command: dict[str, Any]) -> dict[str, Any]:
        """The open qualifications of a person, found by ID; the name has to agree, and alone it finds nobody."""
        self.actor.require(None)
        with self.unit_of_work(read_only=True) as uow:
            person = self._person(uow, command)
            items = uow.qualifications.of_person(person.id) if person else []
            return {"qualifications": qualification_views(uow, [item for item in items if item.is_open])}

    @rpc(contracts.VERIFY_PROOF, action="qualification.prove")
    def verify_proof(self, command: dict[str, Any]) -> dict[str, Any]:
        """The qualification that a code or ticket proves; wrong, foreign, failed, unpublished look alike (E15–E18)."""
        self.actor.require(None)
        with self.unit_of_work(read_only=True) as uow:
            person = self._person(uow, command)
            item = self._proven(uow, person, command["kind"], command["value"]) if person else None
            shown = qualification_view(item, person) if item and person and item.proves else None
        return {"qualification": shown}

    @rpc(contracts.PUBLISH_WAITING, action="qualification.publish_waiting")
    def publish_waiting(self, command: dict[str, Any]) -> dict[str, Any]:
        """Self-service update by ticket (自助更新, E09); an empty answer says nothing about why."""
        self.actor.require(None)
        with self.unit_of_work(read_only=True) as uow:
            person = self._person(uow, command)
        ticket = self._ticket(command["ticket"])
        if person is None or ticket is None:
            return {"qualifications": []}
        items = Publishing(self.unit_of_work, self.clock.now).publish_waiting(person, ticket)
        return {"qualifications": [qualification_view(item, person) for item in items if item.is_open]}

    @rpc(contracts.QUALIFICATIONS, action="qualification.read")
    def qualifications(self, command: dict[str, Any]) -> dict[str, Any]:
        """Qualifications by identifier as they stand now, annulled ones included."""
        self.actor.require(None)
        with self.unit_of_work(read_only=True) as uow:
            return {"qualifications": qualification_views(uow, uow.qualifications.by_id(command["ids"]))}

    @rpc(contracts.CHANGE_QUALIFICATION, action="qualification.change")
    def change_qualification(self, command: dict[str, Any]) -> dict[str, Any]:
        """Correct, freeze, unfreeze or annul; `domain/qualification.py` holds the rules."""
        with self.unit_of_work() as uow:
            item = deciding.change_qualification(
                uow,
                command["id"],
                command["act"],
                command["corrections"],
                decision=command["decision"],
                now=self.clock.now(),
            )
            view = qualification_views(uow, [item])[0]
            uow.commit(view)
        return view

    @rpc(contracts.START_IMPORT, action="batch.import")
    def start_import(self, command: dict[str, Any]) -> dict[str, Any]:
        """Take a delivered file over; a timer reads it in slices. The same file again changes nothing (E19)."""
        batch = self._importing().start(
            year=command["year"],
            round_=command["round"],
            received=Received(command["reference"], command["sha256"], command["size"]),
            filename=command["filename"],
            actor=self.actor.id,
        )
        return batch_view(batch)

    @rpc(contracts.BATCH, action="batch.read")
    def batch(self, command: dict[str, Any]) -> dict[str, Any]:
        """One batch and how far it is."""
        with self.unit_of_work(read_only=True) as uow:
            return batch_view(uow.batches.get(command["id"]))

    @rpc(contracts.BATCHES, action="batch.read")
    def batches(self, command: dict[str, Any]) -> dict[str, Any]:
        """Batches, newest first."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.batches.page(_cursor(command["after"]), command["limit"] + 1)
        items = found[: command["limit"]]
        return {
            "items": [batch_view(batch) for batch in items],
            "next": str(items[-1].id) if len(found) > len(items) else None,
        }

    @rpc(contracts.BATCH_REPORT, action="batch.read")
    def batch_report(self, command: dict[str, Any]) -> dict[str, Any]:
        """What an import found: every reason with its number, and the rows by line."""
        after = command["after"] or "0"
        if not after.isdecimal() or len(after) > 9:
            raise InvalidInput("invalid_input", fields={"after": ["unknown"]})
        with self.unit_of_work(read_only=True) as uow:
            batch = uow.batches.get(command["id"])
            found = uow.batches.report(batch.id, int(after), command["limit"] + 1)
        rows = found[: command["limit"]]
        return {
            "batch": batch_view(batch),
            "items": [{"line": row.line, "state": row.state.value, "reasons": list(row.reasons)} for row in rows],
            "next": str(rows[-1].line) if len(found) > len(rows) else None,
        }

    @rpc(contracts.PUBLISH_BATCH, action="batch.publish")
    def publish_batch(self, command: dict[str, Any]) -> dict[str, Any]:
        """Let a batch go to the gates; a timer publishes it in slices. Gates that nobody planned are planned.

        A region's desk that delivers for others plans its own gate alone (`domain.md` §6.4).
        """
        now = self.clock.now()
        own = [province for province in self.settings.provinces if self.actor.may("gate.open", [province])]
        days = operating.opening_days(self.policy.at(local_date(now)), own)
        with self.unit_of_work() as uow:
            batch = operating.release_batch(uow, command["id"], command["version"], now=now)
            operating.plan_openings(uow, batch, days, now=now)
            view = batch_view(batch)
            uow.commit(view)
        return view

    @rpc(contracts.UNDO_BATCH, action="batch.undo")
    def undo_batch(self, command: dict[str, Any]) -> dict[str, Any]:
        """Take a delivery back of which nothing was published."""
        with self.unit_of_work() as uow:
            view = batch_view(operating.undo_batch(uow, command["id"], command["version"]))
            uow.commit(view)
        return view

    @rpc(contracts.OPEN_GATE, action="gate.open")
    def open_gate(self, command: dict[str, Any]) -> dict[str, Any]:
        """Open the gate of an exam region now or plan its moment; `*` means every region."""
        regions, now = operating.regions_of(command["region"]), self.clock.now()
        self.actor.require(regions)
        year, round_, planned_at = command["year"], command["round"], command["planned_at"]
        with self.unit_of_work() as uow:
            if planned_at is None:
                operating.open_gates(uow, regions, year, round_, by=self.actor.id, now=now)
            else:
                operating.plan_gates(uow, regions, year, round_, planned_at, now=now)
            view = {"gates": [gate_view(gate) for gate in uow.gates.calendar()]}
            uow.commit(view)
        return view

    @rpc(contracts.CALENDAR, action="calendar.read")
    def calendar(self, command: dict[str, Any]) -> dict[str, Any]:
        """When which region's results are open, for everybody (E18)."""
        with self.unit_of_work(read_only=True) as uow:
            return {"gates": [gate_view(gate) for gate in uow.gates.calendar()]}

    @rpc(contracts.QUARANTINE, action="quarantine.read")
    def quarantine(self, command: dict[str, Any]) -> dict[str, Any]:
        """Held rows, oldest first, their IDs masked."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.candidates.held_page(_cursor(command["after"]), command["limit"] + 1)
            number = uow.candidates.count_held(MOST_COUNTED + 1)
        items = found[: command["limit"]]
        return {
            "items": [held_view(held) for held in items],
            "next": str(items[-1].record.id) if len(found) > len(items) else None,
            "total": {"count": min(number, MOST_COUNTED), "more": number > MOST_COUNTED},
        }

    @rpc(contracts.REVEAL_HELD_ROW, action="quarantine.reveal")
    def reveal_held_row(self, command: dict[str, Any]) -> dict[str, Any]:
        """Show a held row's ID in full; who looked and why is announced before anything is shown (E71)."""
        with self.unit_of_work() as uow:
            held = uow.candidates.held(command["id"])
            uow.announce(
                contracts.SYNC_DATA_VIEWED,
                aggregate_id=new_id(),
                data={
                    "row_id": held.record.id,
                    "id_number": held.id_number,
                    "role": self.actor.role,
                    "organisation_id": self.actor.organisation_id,
                    "what": "held_row",
                    "reason": command["reason"],
                },
                province=held.record.region,
            )
            uow.commit()
        return {"id": held.record.id, "name": held.name, "id_number": held.id_number}

    @rpc(contracts.DECIDE_HELD_ROW, action="quarantine.decide")
    def decide_held_row(self, command: dict[str, Any]) -> dict[str, Any]:
        """Use a held row or dismiss it."""
        with self.unit_of_work() as uow:
            batch = deciding.decide_held(
                uow, command["id"], command["outcome"], decision=command["decision"], now=self.clock.now()
            )
            view = batch_view(batch)
            uow.commit(view)
        return view

    @every(seconds=0.5)
    def read_files(self) -> None:
        """Read delivered files on."""
        self._importing().work(READ_SECONDS)

    @every(seconds=0.5)
    def publish_released(self) -> None:
        """Publish what was released and whose gate is open."""
        until = time.monotonic() + READ_SECONDS
        work = Publishing(self.unit_of_work, self.clock.now)
        while time.monotonic() < until and work.work():
            # A slice holds the processor for some 50 ms; callers come in between.
            time.sleep(0)

    @every(seconds=2)
    def open_planned_gates(self) -> None:
        """Open the gates whose moment has come."""
        due = due_gates(self.clock.now())
        each_due(self.unit_of_work, "sync.open_planned_gates", due, key=GateRow.id, handle=self._open_planned)

    def _open_planned(self, uow: SyncUnitOfWork, row: GateRow) -> None:
        operating.open_gate(uow, gate_of(row), by="service:sync", now=self.clock.now())

    def _importing(self) -> Importing:
        return Importing(self.unit_of_work, self.files, self.row_child, self.policy, self.clock.now)

    def _person(self, uow: SyncUnitOfWork, command: dict[str, Any]) -> Person | None:
        try:
            resident_id = ResidentId.parse(command["id_number"])
        except InvalidInput:
            return None
        return uow.people.find(resident_id, command["name"])

    def _ticket(self, text: str) -> TicketNumber | None:
        try:
            return TicketNumber.parse(text, self.policy.at(local_date(self.clock.now())).text("ticket.pattern"))
        except InvalidInput:
            return None

    def _proven(self, uow: SyncUnitOfWork, person: Person, kind: str, value: str) -> Qualification | None:
        if kind == "certificate_code":
            try:
                code = QualificationCode.parse(value)
            except InvalidInput:
                return None
            # The code holds an ID: somebody else's code is wrong before anything is searched (E15).
            return uow.qualifications.with_code(code, person.id) if code.resident_id == person.resident_id else None
        ticket = self._ticket(value)
        found = uow.qualifications.of_candidates(uow.candidates.published_with(ticket, person.id)) if ticket else []
        return found[0] if found else None


def _cursor(after: str | None) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError as wrong:
        raise InvalidInput("invalid_input", fields={"after": ["unknown"]}) from wrong
