"""The register as its persons and their authorities may see it: registrations, certificates, seniority."""

from __future__ import annotations

from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import NotFound

from .. import views
from ..domain.practice_time import Practice, practice_of
from ..domain.register import entry_at, periods
from ..domain.seniority import Counting, Doctor, check_residency, clocks, education_of
from .base import ApplicationsWork


class RegisterWork(ApplicationsWork):
    """What a doctor was on any day, and the documents that prove it."""

    @rpc(contracts.REGISTRATION, action="registration.read")
    def registration(self, command: dict[str, Any]) -> dict[str, Any]:
        """A registration as it stood on a day, as known at a moment; both default to now."""
        now, today = self._now()
        known_at, as_of = command["known_at"] or now, command["as_of"] or today
        with self.unit_of_work(read_only=True) as uow:
            found = uow.register.get(command["id"])
            self.actor.require(found, hide=True)
            entry = entry_at(uow.register.history(found.id), as_of=as_of, known_at=known_at)
            filings = uow.filings.of_registration(found.id)
        if entry is None:
            raise NotFound("not_registered_then")
        return views.registration(found, entry, known_at, filings, as_of)

    @rpc(contracts.REGISTRATIONS, action="registration.list")
    def registrations(self, command: dict[str, Any]) -> dict[str, Any]:
        """All registrations of a person that the caller may see, newest first, as they stand now."""
        now, today = self._now()
        items: list[dict[str, Any]] = []
        with self.unit_of_work(read_only=True) as uow:
            for found in uow.register.of_person(command["id"]):
                if not self.actor.may("registration.read", found):
                    continue
                told = periods(uow.register.history(found.id), known_at=now)
                filings = uow.filings.of_registration(found.id)
                items += [views.registration(found, told[-1], now, filings, today)] if told else []
        self.actor.filter_only()
        return {"items": items}

    @rpc(contracts.CERTIFICATES, action="certificate.list")
    def certificates(self, command: dict[str, Any]) -> dict[str, Any]:
        """The caller's certificates, newest first."""
        _, today = self._now()
        with self.unit_of_work(read_only=True) as uow:
            found = uow.certificates.of_person(self.actor.subject_id)
            filings = uow.filings.of_person(self.actor.subject_id)
        return {
            "items": [
                views.certificate(
                    item,
                    self._verify_url(item.check_code),
                    [filing for filing in filings if filing.registration_id == item.registration_id],
                    today,
                )
                for item in found
            ]
        }

    @rpc(contracts.CERTIFICATE_DOCUMENT, action="certificate.document")
    def certificate_document(self, command: dict[str, Any]) -> dict[str, Any]:
        """Leave to download the PDF for a minute; None while it is being made."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.certificates.get(command["id"])
            registration = uow.register.get(found.registration_id)
            self.actor.require(registration, hide=True)
        grant = self._granted(found, f"医师执业证书-{found.practice_code}.pdf")
        if grant is not None and self.actor.kind == "staff":
            self._tell_of_view(registration, "certificate", "")
        return {"grant": grant}

    @rpc(contracts.SENIORITY, action="seniority.read")
    def seniority(self, command: dict[str, Any]) -> dict[str, Any]:
        """The caller's clocks as a statement with its inputs; the exam office decides (`domain.md` §7).

        Each registration's interruptions are those of its own province; cut-offs and mode are those of the newest
        one's, where the person practises now. `residency_on` is what the caller states: used, told as not verified,
        and not kept.
        """
        now, today = self._now()
        check_residency(command["residency_on"], today=today)
        policy = self.policy.on(today)
        practices: list[Practice] = []
        with self.unit_of_work(read_only=True) as uow:
            registrations = uow.register.of_person(self.actor.subject_id)
            for registration in registrations:
                told = periods(uow.register.history(registration.id), known_at=now)
                gaps = policy.texts("seniority.gaps", registration.province)
                practice = practice_of(registration, told, gaps)
                practices += [] if practice is None else [practice]
            steps = [education_of(uow.register.holder(found.id).education) for found in registrations]
        if not practices:
            return {"as_of": today, "clocks": []}
        province = registrations[0].province
        counting = Counting(
            mode=policy.text("seniority.mode", province),
            licensed_cutoff=policy.text("seniority.licensed_cutoff", province),
            attending_cutoff=policy.text("seniority.attending_cutoff", province),
            apprentice_years=policy.whole("seniority.assistant_apprentice", province),
        )
        doctor = Doctor(next((step for step in steps if step is not None), None), command["residency_on"])
        found = clocks(practices, doctor, counting, as_of=today)
        return {"as_of": today, "clocks": [views.clock(item) for item in found]}
