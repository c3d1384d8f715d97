"""The register 注册: it only grows. What a physician was on any day, as known on any day, can always be told.

A registration's history is a list of entries in two times: `valid_from`/`valid_to` is when it was so, `known_from`/
`known_to` is when the register said so; ends are exclusive. Nothing is overwritten: a change closes what was known and
writes what is known now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from shared.platform.errors import Conflict
from shared.trade.statuses import CancellationGround, RegistrationStatus


@dataclass(frozen=True)
class Standing:
    """How a registration stands for a while: everything that a later decision may change."""

    status: RegistrationStatus
    practice_place: str
    category: str
    scopes: tuple[str, ...]
    institution_id: UUID
    institution_name: str
    authority_id: UUID
    authority_name: str
    authority_path: str
    decision_number: str
    application_id: UUID | None = None
    ground: CancellationGround | None = None


@dataclass(frozen=True)
class Entry:
    """One row of the history."""

    id: UUID
    registration_id: UUID
    standing: Standing
    valid_from: date
    valid_to: date | None
    known_from: datetime
    known_to: datetime | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether it was so on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def is_known_at(self, moment: datetime) -> bool:
        """Whether the register said so at that moment."""
        return self.known_from <= moment and (self.known_to is None or moment < self.known_to)


@dataclass(frozen=True)
class Registration:
    """A registration (执业注册) under its 15-digit code; `standing` is how it stands now."""

    id: UUID
    version: int
    person_id: UUID
    qualification_id: UUID
    practice_code: str
    level: str
    province: str
    started_on: date
    standing: Standing
    standing_since: date

    @property
    def institution_id(self) -> UUID:
        """The main institution."""
        return self.standing.institution_id

    @property
    def is_public_to_staff(self) -> bool:
        """A registration is always known to those who deal with it."""
        return True

    @property
    def authority_path(self) -> str:
        """The division of the authority that keeps it."""
        return self.standing.authority_path


@dataclass(frozen=True)
class Revision:
    """What to write so that the history tells the new standing: entries whose knowledge ends, and new entries."""

    closed: tuple[Entry, ...]
    added: tuple[Entry, ...]

    @property
    def last(self) -> Entry | None:
        """The new entry that holds until further notice; None where the revision speaks of days long over."""
        return next((entry for entry in self.added if entry.valid_to is None), None)


def opened(registration_id: UUID, entry_id: UUID, standing: Standing, *, on: date, known_from: datetime) -> Entry:
    """The first entry of a new registration."""
    return Entry(entry_id, registration_id, standing, on, None, known_from)


def revise(
    history: Sequence[Entry], standing: Standing, *, on: date, known_at: datetime, new_ids: Sequence[UUID]
) -> Revision:
    """Let the registration stand so from `on` until the day from which something else is known to hold.

    A day in the past corrects what was known of it. What begins later was decided by itself and stays: to take that
    back is a revision for its own day, so that no correction loses a later decision unseen. `new_ids` are two fresh
    ids. The register's own time never goes back (`Conflict("register_time_went_back")`), and nothing stands before
    the registration began (`Conflict("registration_not_begun")`).
    """
    if any(entry.known_from > known_at for entry in history):
        raise Conflict("register_time_went_back")
    held = next((entry for entry in history if entry.known_to is None and entry.is_valid_on(on)), None)
    if held is None:
        raise Conflict("registration_not_begun", on=on.isoformat())
    closed = replace(held, known_to=known_at)
    kept = (replace(held, id=new_ids[1], valid_to=on, known_from=known_at),) if held.valid_from < on else ()
    added = Entry(new_ids[0], held.registration_id, standing, on, held.valid_to, known_at)
    return Revision((closed,), (*kept, added))


def apply(history: Sequence[Entry], revision: Revision) -> list[Entry]:
    """The history with a revision written into it."""
    closed = {entry.id: entry for entry in revision.closed}
    return [closed.get(entry.id, entry) for entry in history] + list(revision.added)


def entry_at(history: Iterable[Entry], *, as_of: date, known_at: datetime) -> Entry | None:
    """The entry that told, at `known_at`, how the registration stood on `as_of`; None before it began."""
    found = [entry for entry in history if entry.is_known_at(known_at) and entry.is_valid_on(as_of)]
    return found[0] if found else None


def periods(history: Iterable[Entry], *, known_at: datetime) -> list[Entry]:
    """How the registration has stood from its first day on, as known at a moment, in the order of days."""
    return sorted((entry for entry in history if entry.is_known_at(known_at)), key=lambda entry: entry.valid_from)


def digest_content(entry: Entry, practice_code: str) -> str:
    """The text over which a row's digest is made: what the row says, not when its knowledge ended."""
    standing = entry.standing
    parts = [
        str(entry.id),
        str(entry.registration_id),
        practice_code,
        entry.valid_from.isoformat(),
        entry.valid_to.isoformat() if entry.valid_to else "",
        entry.known_from.isoformat(),
        standing.status.value,
        standing.practice_place,
        standing.category,
        ",".join(standing.scopes),
        str(standing.institution_id),
        str(standing.authority_id),
        standing.decision_number,
    ]
    return "\n".join(parts)
