"""Candidates as people: found by the blind index of their ID, the ID itself sealed once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.sync.models import PersonRow
from shared.platform.crypto import KeyRing
from shared.trade.names import same_name
from shared.trade.resident_id import ResidentId

PURPOSE = "id_number"


@dataclass(frozen=True)
class Person:
    """One person, as the exam centre knows them."""

    id: UUID
    name: str
    resident_id: ResidentId


class People:
    """Everybody who was ever matched."""

    def __init__(self, session: Session, ring: KeyRing) -> None:
        self._session = session
        self._ring = ring

    def find(self, resident_id: ResidentId, name: str) -> Person | None:
        """The person with this ID, if the name agrees; never by name alone (`domain.md` §6.3)."""
        index = self._ring.index(resident_id.value, purpose=PURPOSE)
        row = self._session.scalar(select(PersonRow).where(PersonRow.id_index == index))
        if row is None or not same_name(row.name, name):
            return None
        return Person(row.id, row.name, resident_id)

    def by_id(self, ids: Collection[UUID]) -> dict[UUID, Person]:
        """People by identifier, their IDs opened."""
        rows = self._session.scalars(select(PersonRow).where(PersonRow.id.in_(ids)))
        return {
            row.id: Person(row.id, row.name, ResidentId(self._ring.open(row.id_number, purpose=PURPOSE)))
            for row in rows
        }

    def names(self, indexes: Collection[str]) -> dict[str, tuple[UUID, str]]:
        """Identifier and name of those who are known, by the index of their ID."""
        rows = self._session.execute(
            select(PersonRow.id_index, PersonRow.id, PersonRow.name).where(PersonRow.id_index.in_(indexes))
        )
        return {row.id_index: (row.id, row.name) for row in rows}

    def add_missing(self, people: Sequence[Mapping[str, object]], now: datetime) -> dict[str, tuple[UUID, str]]:
        """Add people (`id`, `id_index`, `id_number` sealed, `name`); whoever is there already stays as they are.

        Another batch may add the same person at the same moment: the first one's name counts, and is returned.
        """
        if not people:
            return {}
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        # Always in one order, so that two batches never wait for each other in a circle.
        rows = [{**person, "created_at": now} for person in sorted(people, key=lambda person: str(person["id_index"]))]
        self._session.execute(dialect.insert(PersonRow).on_conflict_do_nothing(index_elements=["id_index"]), rows)
        return self.names([str(person["id_index"]) for person in people])
