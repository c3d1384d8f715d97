"""The register: registrations as they stand, their history, and the certificates that prove them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shared.platform.crypto import KeyRing
from shared.platform.database import save_versioned
from shared.platform.errors import NotFound
from shared.platform.ids import new_id
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.names import normalise
from shared.trade.statuses import CancellationGround, RefusalGround, RegistrationStatus

from ..domain.facts import Bar, Held
from ..domain.plain import from_plain, to_plain
from ..domain.register import Entry, Registration, Revision, Standing, digest_content
from ..models import BarRow, EntryRow, RegistrationRow

NAME, HOLDER = "registration.name", "registration.holder"
_STANDING = (
    "practice_place",
    "category",
    "institution_id",
    "institution_name",
    "authority_id",
    "authority_name",
    "authority_path",
    "decision_number",
    "application_id",
)


@dataclass(frozen=True)
class Holder:
    """Who holds a registration: the register's own sealed snapshot of identity, being a legal record."""

    name: str
    sex: str
    birth_date: str
    id_number: str
    qualification_code: str
    education: str = ""


class Register:
    """Registrations and their history; what stands is changed together with what is told of it."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def open(self, registration: Registration, entry: Entry, holder: Holder) -> None:
        """Write a new registration with its first entry; the database refuses a second valid one for the place."""
        self._session.execute(
            insert(RegistrationRow).values(
                id=registration.id,
                version=1,
                person_id=registration.person_id,
                qualification_id=registration.qualification_id,
                practice_code=registration.practice_code,
                level=registration.level,
                province=registration.province,
                name_index=self.name_index(holder.name),
                holder=self._ring.seal(json.dumps(to_plain(holder), ensure_ascii=False), purpose=HOLDER),
                started_on=registration.started_on,
                standing_since=registration.standing_since,
                **_standing_values(registration.standing),
            )
        )
        self._add_entry(entry, registration)

    def revise(self, registration: Registration, revision: Revision) -> Registration:
        """Write a revision into the history; the registration stands as the entry says that holds until further notice.

        A revision of days that are over leaves it standing as it does.
        """
        for entry in revision.closed:
            self._session.execute(update(EntryRow).where(EntryRow.id == entry.id).values(known_to=entry.known_to))
        for entry in revision.added:
            self._add_entry(entry, registration)
        changed, last = registration, revision.last
        if last is not None:
            changed = replace(registration, standing=last.standing, standing_since=last.valid_from)
        version = save_versioned(
            self._session,
            RegistrationRow,
            registration.id,
            registration.version,
            {"standing_since": changed.standing_since, **_standing_values(changed.standing)},
            "registration_changed",
        )
        return replace(changed, version=version)

    def get(self, registration_id: UUID) -> Registration:
        """The registration as it stands, or `NotFound`."""
        row = self._session.get(RegistrationRow, registration_id)
        if row is None:
            raise NotFound("registration_not_found")
        return _registration(row)

    def holder(self, registration_id: UUID) -> Holder:
        """Who holds it."""
        sealed = self._session.scalar(select(RegistrationRow.holder).where(RegistrationRow.id == registration_id))
        if sealed is None:
            raise NotFound("registration_not_found")
        return from_plain(Holder, json.loads(self._ring.open(sealed, purpose=HOLDER)))

    def of_person(self, person_id: UUID) -> list[Registration]:
        """All registrations of a person, newest first."""
        rows = self._session.scalars(
            select(RegistrationRow).where(RegistrationRow.person_id == person_id).order_by(RegistrationRow.id.desc())
        )
        return [_registration(row) for row in rows]

    def named(
        self, province: str, name: str, *, institution: str = "", limit: int
    ) -> list[tuple[Registration, Holder]]:
        """Registrations of a province whose holder bears exactly this name, as it is compared.

        `institution` narrows them to those whose main institution's name has that part, before they are counted.
        """
        query = select(RegistrationRow).where(
            RegistrationRow.province == province, RegistrationRow.name_index == self.name_index(name)
        )
        if institution:
            query = query.where(RegistrationRow.institution_name.contains(institution, autoescape=True))
        rows = self._session.scalars(query.order_by(RegistrationRow.id).limit(limit))
        return [
            (_registration(row), from_plain(Holder, json.loads(self._ring.open(row.holder, purpose=HOLDER))))
            for row in rows
        ]

    def history(self, registration_id: UUID) -> list[Entry]:
        """Every entry there ever was, in the order in which they became known."""
        rows = self._session.scalars(
            select(EntryRow)
            .where(EntryRow.registration_id == registration_id)
            .order_by(EntryRow.known_from, EntryRow.id)
        )
        return [_entry(row) for row in rows]

    def held(self, person_id: UUID) -> tuple[Held, ...]:
        """What the rules may see of a person's registrations."""
        return tuple(
            Held(
                registration_id=registration.id,
                qualification_id=registration.qualification_id,
                level=Level(registration.level),
                category=Category(registration.standing.category),
                practice_place=registration.standing.practice_place,
                status=registration.standing.status,
                since=registration.standing_since,
                ground=registration.standing.ground,
            )
            for registration in self.of_person(person_id)
        )

    def broken_digests(self, registration_id: UUID) -> list[UUID]:
        """Entries whose content is no longer what their digest was made of."""
        registration = self.get(registration_id)
        rows = self._session.scalars(select(EntryRow).where(EntryRow.registration_id == registration_id))
        return [row.id for row in rows if row.digest != _digest(_entry(row), registration)]

    def name_index(self, name: str) -> str:
        """The blind index that a name is searched by."""
        return self._ring.index(normalise(name), purpose=NAME)

    def _add_entry(self, entry: Entry, registration: Registration) -> None:
        self._session.execute(
            insert(EntryRow).values(
                id=entry.id,
                registration_id=entry.registration_id,
                valid_from=entry.valid_from,
                valid_to=entry.valid_to,
                known_from=entry.known_from,
                known_to=entry.known_to,
                digest=_digest(entry, registration),
                **_standing_values(entry.standing),
            )
        )


class Bars:
    """Recorded grounds for refusal and bans on applications."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, person_id: UUID, bar: Bar, *, recorded_at: datetime) -> None:
        """Record one; it is never taken back, only runs out."""
        self._session.execute(
            insert(BarRow).values(
                id=new_id(),
                person_id=person_id,
                ground=bar.ground.value,
                decided_on=bar.decided_on,
                until=bar.until,
                decision_number=bar.decision_number,
                recorded_at=recorded_at,
            )
        )

    def of(self, person_id: UUID) -> tuple[Bar, ...]:
        """All that were ever recorded of a person."""
        rows = self._session.scalars(select(BarRow).where(BarRow.person_id == person_id).order_by(BarRow.recorded_at))
        return tuple(
            Bar(
                ground=RefusalGround(row.ground),
                decided_on=row.decided_on,
                until=row.until,
                decision_number=row.decision_number,
            )
            for row in rows
        )


def current_of(history: Iterable[Entry], today: date) -> Entry | None:
    """The entry that is known now and holds today: what a registration's row has to say as well."""
    found: Sequence[Entry] = [entry for entry in history if entry.known_to is None and entry.is_valid_on(today)]
    return found[0] if found else None


def _standing_values(standing: Standing) -> dict[str, Any]:
    return {
        "status": standing.status.value,
        "scopes": list(standing.scopes),
        "ground": None if standing.ground is None else standing.ground.value,
        **{name: getattr(standing, name) for name in _STANDING},
    }


def _standing(row: RegistrationRow | EntryRow) -> Standing:
    return Standing(
        status=RegistrationStatus(row.status),
        scopes=tuple(row.scopes),
        ground=None if row.ground is None else CancellationGround(row.ground),
        **{name: getattr(row, name) for name in _STANDING},
    )


def _registration(row: RegistrationRow) -> Registration:
    return Registration(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        qualification_id=row.qualification_id,
        practice_code=row.practice_code,
        level=row.level,
        province=row.province,
        started_on=row.started_on,
        standing=_standing(row),
        standing_since=row.standing_since,
    )


def _entry(row: EntryRow) -> Entry:
    return Entry(
        id=row.id,
        registration_id=row.registration_id,
        standing=_standing(row),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        known_from=row.known_from,
        known_to=row.known_to,
    )


def _digest(entry: Entry, registration: Registration) -> str:
    digest = Hash(SM3())
    digest.update(digest_content(entry, registration.practice_code).encode())
    return digest.finalize().hex()
