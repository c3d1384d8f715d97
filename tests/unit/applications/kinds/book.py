"""A register in memory, written as `services/applications/enacting.py` writes the real one; and the facts it gives.

It keeps what it is told and checks nothing: what must never come about is for the rules to stop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from services.applications.domain.effect import Changes, Decision, Ending, Opening, Turn, code_key
from services.applications.domain.facts import Bar, Held
from services.applications.domain.filing import EndReason, Filing, open_on
from services.applications.domain.register import Entry, Registration, Standing, apply, opened, revise
from services.applications.repository.register import held_of
from shared.trade.codes import PracticeCode


@dataclass
class Book:
    """Registrations with their histories, filings, bars and the numbers that were given out."""

    new_id: Callable[[], UUID]
    registrations: dict[UUID, Registration] = field(default_factory=dict)
    histories: dict[UUID, list[Entry]] = field(default_factory=dict)
    filings: dict[UUID, Filing] = field(default_factory=dict)
    bars: dict[UUID, list[Bar]] = field(default_factory=dict)
    serials: Counter[object] = field(default_factory=Counter)
    codes: list[str] = field(default_factory=list)
    """Every code that was ever given out, also of what ended since."""

    def enact(self, changes: Changes, person: UUID, decision: Decision, now: datetime) -> None:
        """Write all acts of an approval; what ends goes before what opens."""
        for turn in changes.turns:
            self._turn(turn, decision.decided_on, now)
        for ending in changes.endings:
            self._end(ending)
        for opening in changes.openings:
            self._open(opening, person, decision, now)
        for filing in changes.filings:
            written = filing.written(self.new_id())
            self.filings[written.id] = written
        self.bars.setdefault(person, []).extend(changes.bars)

    def restate(self, registration: Registration, standing: Standing, on: date, now: datetime) -> None:
        """A registration stands otherwise from a day on, by an act that is no kind of business."""
        revision = revise(
            self.histories[registration.id], standing, on=on, known_at=now, new_ids=(self.new_id(), self.new_id())
        )
        self.histories[registration.id] = apply(self.histories[registration.id], revision)
        last = revision.last
        if last is not None:
            self.registrations[registration.id] = replace(
                registration,
                standing=last.standing,
                standing_since=last.valid_from,
                province=last.standing.practice_place[:2],
            )

    def close_filings(self, registration_id: UUID, on: date) -> None:
        """What is filed on a registration ends with it (§3.7)."""
        for filing in open_on(self.filings.values(), registration_id, on):
            self._end(Ending(filing, on, EndReason.REGISTRATION_ENDED))

    def of_person(self, person: UUID) -> list[Registration]:
        """All registrations of a person, newest first."""
        return [one for one in reversed(self.registrations.values()) if one.person_id == person]

    def filings_of(self, person: UUID) -> tuple[Filing, ...]:
        """All filings there ever were of a person."""
        return tuple(one for one in self.filings.values() if one.person_id == person)

    def held(self, person: UUID) -> tuple[Held, ...]:
        """What the rules may see of a person's registrations."""
        return tuple(held_of(one) for one in self.of_person(person))

    def _turn(self, turn: Turn, decided_on: date, now: datetime) -> None:
        before = self.registrations[turn.registration.id]
        self.restate(before, turn.standing, max(decided_on, before.standing_since), now)

    def _end(self, ending: Ending) -> None:
        self.filings[ending.filing.id] = replace(ending.filing, ended_on=ending.on, end_reason=ending.reason)

    def _open(self, opening: Opening, person: UUID, decision: Decision, now: datetime) -> None:
        key = code_key(opening, decision.authority_division)
        self.serials[key] += 1
        code = PracticeCode(*key, serial=self.serials[key])
        registration = opening.written(self.new_id(), code, person_id=person, on=decision.decided_on)
        first = opened(registration.id, self.new_id(), opening.standing, on=decision.decided_on, known_from=now)
        self.codes.append(registration.practice_code)
        self.registrations[registration.id] = registration
        self.histories[registration.id] = [first]
        if registration.replaces is not None:
            old = self.registrations[registration.replaces]
            self.registrations[old.id] = replace(old, replaced_by=registration.id)
