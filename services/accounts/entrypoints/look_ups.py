"""Institutions, authorities and applicants, for those who work with them."""

from __future__ import annotations

from typing import Any

from shared.contracts import accounts as contracts
from shared.platform.bus import rpc
from shared.platform.errors import InvalidInput, NotFound
from shared.platform.working_days import local_date
from shared.trade.divisions import path_of

from ..domain.field_faults import field_fault
from ..domain.organisations import AUTHORITY
from ..repository.search import search_institutions
from ..views import authority_view, institution_snapshot, person_view
from .base import AccountsWork


class LookUps(AccountsWork):
    """Read-only; organisations are public, persons are for the service that keeps applications and the register."""

    @rpc(contracts.PERSON, action="person.read")
    def person(self, command: dict[str, Any]) -> dict[str, Any]:
        """A person by identifier, identity sealed on the bus."""
        self.actor.require(None)
        with self.unit_of_work(read_only=True) as uow:
            person = uow.persons.get(command["id"])
            return person_view(uow.accounts.of_person(person.id), person)

    @rpc(contracts.INSTITUTION, action="organisation.read")
    def institution(self, command: dict[str, Any]) -> dict[str, Any]:
        """An institution as it stands today, with the authority that approved it (医师执业注册管理办法 art.9)."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.institutions.get(command["id"])
            return institution_snapshot(found, uow.authorities.all(), local_date(self.clock.now()))

    @rpc(contracts.INSTITUTIONS, action="organisation.read")
    def institutions(self, command: dict[str, Any]) -> dict[str, Any]:
        """Institutions by a part of the name or by licence number, nearest names first."""
        division = None if command["division"] is None else self._path(command["division"])
        with self.unit_of_work(read_only=True) as uow:
            page = search_institutions(
                uow.session, q=command["q"], division=division, after=command["after"], limit=command["limit"]
            )
            authorities, today = uow.authorities.all(), local_date(self.clock.now())
            return {
                "items": [institution_snapshot(item, authorities, today) for item in page.items],
                "next": page.next,
                "total": {"count": page.count, "more": page.more},
            }

    @rpc(contracts.AUTHORITY, action="organisation.read")
    def authority(self, command: dict[str, Any]) -> dict[str, Any]:
        """An authority with those above it."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.authorities.get(command["id"])
            if found.kind != AUTHORITY:
                raise NotFound("authority_unknown")
            return authority_view(found, uow.authorities.all())

    def _path(self, division: str) -> str:
        try:
            return path_of(division)
        except InvalidInput as fault:
            raise field_fault("division", fault.code) from None
