"""The register read whole: a roster, a physician's career, a signed proof of a day (`domain.md` §3.14)."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import InvalidInput, NotFound

from .. import views
from ..domain.register import entry_at, periods
from .base import ApplicationsWork


class Careers(ApplicationsWork):
    """Reading the register over people and over time."""

    @rpc(contracts.ROSTER, action="roster.list")
    def roster(self, command: dict[str, Any]) -> dict[str, Any]:
        """The physicians of the caller's institution, main and further, or those that the caller's authority keeps."""
        _, today = self._now()
        organisation, limit, after = self.actor.organisation_id, command["limit"], _cursor(command["after"])
        name = command["name"].strip()
        with self.unit_of_work(read_only=True) as uow:
            register = uow.register
            is_institution = self.actor.organisation_kind == "institution"
            listed = register.at_institution if is_institution else register.kept_by
            found = listed(organisation, name=name, after=after, limit=limit + 1)
            items = [views.roster_row(registration, holder, None, today) for registration, holder in found[:limit]]
            if is_institution and after is None:
                for filing in uow.filings.open_at(organisation, today):
                    registration, holder = register.get(filing.registration_id), register.holder(filing.registration_id)
                    if not name or register.name_index(name) == register.name_index(holder.name):
                        items.append(views.roster_row(registration, holder, filing, today))
        self.actor.filter_only()
        more = len(found) > limit
        return {"items": items, "next": str(found[limit - 1][0].id) if more else None}

    @rpc(contracts.CAREER, action="career.read")
    def career(self, command: dict[str, Any]) -> dict[str, Any]:
        """All registrations of the caller as they have stood since their first day, and all filings."""
        now, today = self._now()
        person_id = self.actor.subject_id
        with self.unit_of_work(read_only=True) as uow:
            told = [
                (registration, entry)
                for registration in uow.register.of_person(person_id)
                for entry in periods(uow.register.history(registration.id), known_at=now)
            ]
            filings = uow.filings.of_person(person_id)
        told.sort(key=lambda pair: (pair[1].valid_from, pair[0].id))
        return {
            "stretches": [views.career_stretch(registration, entry) for registration, entry in told],
            "filings": [views.filing_view(filing, today) for filing in filings],
        }

    @rpc(contracts.STATUS_PROOF, action="registration.prove")
    def status_proof(self, command: dict[str, Any]) -> dict[str, Any]:
        """How a registration stood on a day, as known at a moment, signed with the key that signs documents."""
        now, today = self._now()
        known_at, as_of = command["known_at"] or now, command["as_of"] or today
        with self.unit_of_work(read_only=True) as uow:
            found = uow.register.get(command["id"])
            self.actor.require(found, hide=True)
            entry = entry_at(uow.register.history(found.id), as_of=as_of, known_at=known_at)
            filings = uow.filings.of_registration(found.id)
            holder = uow.register.holder(found.id)
        if entry is None:
            raise NotFound("not_registered_then")
        view = views.registration(found, entry, known_at, filings, as_of)
        statement = _statement(views.proved(found, entry, holder), as_of=as_of, known_at=known_at, issued_at=now)
        signed = self.child.call("sign_statement", {"statement": statement})
        if self.actor.kind == "staff":
            self._tell_of_view(found, "status_proof", "")
        return {"registration": view, "statement": statement, **signed}


def _statement(facts: dict[str, Any], *, as_of: date, known_at: datetime, issued_at: datetime) -> str:
    """The text that is signed: canonical JSON, so that whoever has it can check it byte for byte."""
    said = {
        **facts,
        "as_of": as_of.isoformat(),
        "known_at": known_at.isoformat(),
        "issued_at": issued_at.isoformat(),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cursor(after: str | None) -> UUID | None:
    try:
        return None if after is None else UUID(after)
    except ValueError as error:
        raise InvalidInput("invalid_input", fields={"after": ["not_a_cursor"]}) from error
