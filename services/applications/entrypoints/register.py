"""The register as its persons and their authorities may see it: registrations, certificates, seniority."""

from __future__ import annotations

from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import NotFound
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

from .. import views
from ..domain.register import Registration, entry_at, periods
from ..domain.seniority import Counting, Practice, Stretch, clocks, education_of
from ..unit_of_work import ApplicationsUnitOfWork
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
        """The caller's clocks as a statement with its inputs; the exam office decides (`domain.md` §7)."""
        now, today = self._now()
        policy = self.policy.on(today)
        found: list[dict[str, Any]] = []
        with self.unit_of_work(read_only=True) as uow:
            for registration in reversed(uow.register.of_person(self.actor.subject_id)):
                counting = Counting(
                    mode=policy.text("seniority.mode", registration.province),
                    licensed_cutoff=policy.text("seniority.licensed_cutoff", registration.province),
                    attending_cutoff=policy.text("seniority.attending_cutoff", registration.province),
                    apprentice_years=policy.whole("seniority.assistant_apprentice", registration.province),
                )
                stretches = _stretches(uow, registration, policy.texts("seniority.gaps", registration.province), now)
                if stretches is None:
                    continue
                practice = Practice(Level(registration.level), registration.started_on, stretches)
                education = education_of(uow.register.holder(registration.id).education)
                found += [views.clock(item) for item in clocks([practice], education, counting)]
        return {"as_of": today, "clocks": found}


def _stretches(
    uow: ApplicationsUnitOfWork, registration: Registration, gaps: list[str], now: Any
) -> tuple[Stretch, ...] | None:
    """How the registration's days count; None where it was withdrawn, which counts zero."""
    told = periods(uow.register.history(registration.id), known_at=now)
    if any(entry.standing.status is RegistrationStatus.WITHDRAWN for entry in told):
        return None
    ended = {RegistrationStatus.SUPERSEDED, RegistrationStatus.REVOKED, RegistrationStatus.TRANSFERRED_MIL}
    return tuple(
        Stretch(
            entry.valid_from,
            entry.valid_to,
            counts=entry.standing.status.value not in gaps and entry.standing.status not in ended,
        )
        for entry in told
    )
