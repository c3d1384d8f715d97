"""The register as its persons and their authorities may see it: registrations, certificates, seniority."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import NotFound
from shared.platform.files import Received
from shared.platform.logging import get_logger
from shared.platform.timers import every
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

from .. import views
from ..domain.certificate import Certificate, DocumentState
from ..domain.documents import certificate_texts
from ..domain.register import Registration, entry_at, periods
from ..domain.seniority import Counting, Practice, Stretch, clocks, education_of
from ..file_adoption import take_over
from ..unit_of_work import ApplicationsUnitOfWork
from .base import ApplicationsWork

RENDER_TIMEOUT = 60.0
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=1)
PDF = "application/pdf"

_log = get_logger(__name__)


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
        if entry is None:
            raise NotFound("not_registered_then")
        return views.registration(found, entry, known_at)

    @rpc(contracts.REGISTRATIONS, action="registration.list")
    def registrations(self, command: dict[str, Any]) -> dict[str, Any]:
        """All registrations of a person that the caller may see, newest first, as they stand now."""
        now, _ = self._now()
        items: list[dict[str, Any]] = []
        with self.unit_of_work(read_only=True) as uow:
            for found in uow.register.of_person(command["id"]):
                if not self.actor.may("registration.read", found):
                    continue
                told = periods(uow.register.history(found.id), known_at=now)
                items += [views.registration(found, told[-1], now)] if told else []
        self.actor.filter_only()
        return {"items": items}

    @rpc(contracts.CERTIFICATES, action="certificate.list")
    def certificates(self, command: dict[str, Any]) -> dict[str, Any]:
        """The caller's certificates, newest first."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.certificates.of_person(self.actor.subject_id)
        return {"items": [views.certificate(item, self._verify_url(item)) for item in found]}

    @rpc(contracts.CERTIFICATE_DOCUMENT, action="certificate.document")
    def certificate_document(self, command: dict[str, Any]) -> dict[str, Any]:
        """Leave to download the PDF for a minute; None while it is being made."""
        with self.unit_of_work(read_only=True) as uow:
            found = uow.certificates.get(command["id"])
            registration = uow.register.get(found.registration_id)
            self.actor.require(registration, hide=True)
        if found.document is not DocumentState.READY:
            return {"grant": None}
        filename = f"医师执业证书-{found.practice_code}.pdf"
        reference = self.files.grant(found.document_address, media_type=PDF, filename=filename)
        if self.actor.kind == "staff":
            self._tell_of_view(registration, "certificate", "")
        return {
            "grant": {
                "reference": reference,
                "filename": filename,
                "media_type": PDF,
                "size": found.document_size,
            }
        }

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

    @every(seconds=1)
    def render_certificates(self) -> None:
        """Make the documents of certificates that were issued; each is taken by one replica only (design D15, D18)."""
        while (taken := self._take_pending()) is not None:
            self._render(taken)

    def _take_pending(self) -> Certificate | None:
        now = self.clock.now()
        with self.unit_of_work(read_only=True) as uow:
            if not uow.certificates.is_one_pending(now):
                return None
        with self.unit_of_work() as uow:
            row = uow.certificates.take_pending(now)
            if row is None:
                return None
            wait = min(FIRST_WAIT * 2 ** min(row.attempts, 10), LONGEST_WAIT)
            taken: Certificate = uow.certificates.postpone(row, attempts=row.attempts + 1, until=now + wait)
            uow.commit()
        return taken

    def _render(self, certificate: Certificate) -> None:
        """Make one document: what fails is tried again later, what can't be printed waits for a person.

        The child leaves it like an upload, so that what a crash keeps from being saved goes as an upload does.
        """
        rendered = self.child.call(
            "issue_certificate",
            {
                "facts": certificate_texts(certificate),
                "photo_address": certificate.facts.photo_address,
                "verify_url": self._verify_url(certificate),
            },
            timeout=RENDER_TIMEOUT,
        )
        received = None if "missing" in rendered else Received(**rendered)
        if received is not None:
            stored = take_over(self.unit_of_work, self.files, received, self.clock.now())
            rendered = {"address": stored.address, "size": stored.size}
        with self.unit_of_work() as uow:
            current = uow.certificates.get(certificate.id)
            uow.certificates.save(current.with_document(rendered))
            uow.commit()
        if received is not None:
            self.files.incoming.discard(received.reference)
        else:
            _log.warning("certificate_needs_a_person", certificate_id=str(certificate.id), problem="glyphs_missing")

    def _verify_url(self, certificate: Certificate) -> str:
        return f"{self.settings.public_url}/verify/{certificate.check_code}"


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
