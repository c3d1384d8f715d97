"""Writing what an approval does into the register, in one transaction, and telling it (design §1, idea 1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts import applications as contracts
from shared.platform.ids import new_id

from .domain.application import Application
from .domain.certificate import Certificate, CertificateStatus, new_check_code
from .domain.effect import Change, Changes, Decision, Ending, Opening, Turn, certificate_of, code_key
from .domain.filing import Filing, NewFiling
from .domain.register import Registration, opened, revise
from .gathering import holder_of
from .unit_of_work import ApplicationsUnitOfWork


@dataclass(frozen=True)
class Informed:
    """Organisations that are told of a change besides the two that it names."""

    institutions: frozenset[UUID] = frozenset()
    authorities: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Enacted:
    """What an approval came to: the registration that it ends at, and the check code of the certificate issued."""

    registration_id: UUID | None
    check_code: str

    @property
    def certified(self) -> bool:
        """Whether a certificate was issued."""
        return bool(self.check_code)


def enact(
    uow: ApplicationsUnitOfWork, changes: Changes, application: Application | None, decision: Decision, now: datetime
) -> Enacted:
    """Write all acts of an approval, or of an authority's entry without one, and their news.

    What ends goes before what opens.
    """
    writing = _Writing(uow, application, decision, now)
    for turn in changes.turns:
        writing.turn(turn)
    for ending in changes.endings:
        writing.end(ending)
    for opening in changes.openings:
        writing.open(opening)
    for filing in changes.filings:
        writing.file(filing)
    for bar in changes.bars:
        uow.bars.add(writing.applied.person_id, bar, recorded_at=now)
    subject_id = None if application is None else application.subject_id
    return Enacted(writing.registration_id or subject_id, writing.check_code)


class _Writing:
    def __init__(
        self, uow: ApplicationsUnitOfWork, application: Application | None, decision: Decision, now: datetime
    ) -> None:
        self.uow = uow
        self.application = application
        self.decision = decision
        self.now = now
        self.registration_id: UUID | None = None
        self.check_code = ""

    @property
    def applied(self) -> Application:
        """The application behind it; only that opens, files, renames and certifies."""
        if self.application is None:
            raise ValueError("nothing is opened without an application")
        return self.application

    def turn(self, turn: Turn) -> None:
        """A registration stands otherwise; its certificate is void with its end, or replaced by one that is true."""
        before, register = turn.registration, self.uow.register
        # What was entered for a later day was decided by itself; this decision holds from there.
        day = max(self.decision.decided_on, before.standing_since)
        history = register.history(before.id)
        revision = revise(history, turn.standing, on=day, known_at=self.now, new_ids=(new_id(), new_id()))
        after = register.revise(before, revision)
        if turn.new_holder:
            holder = holder_of(self.applied.identity, self.applied.qualification)
            register.rename(after, holder, at=self.now)
        self._tell(after, turn.change, self._affected(before))
        if turn.reissued or not after.standing.status.is_registered:
            old = self._void(after)
            if turn.reissued:
                self._certify(after, old.facts.photo_address if old else "")

    def open(self, opening: Opening) -> None:
        """A new registration under a code of its own, with its certificate."""
        code = self.uow.numbers.practice_code(*code_key(opening, self.decision.authority_division))
        registration = opening.written(new_id(), code, person_id=self.applied.person_id, on=self.decision.decided_on)
        entry = opened(registration.id, new_id(), opening.standing, on=self.decision.decided_on, known_from=self.now)
        self.uow.register.open(registration, entry, holder_of(self.applied.identity, self.applied.qualification))
        self.registration_id = registration.id
        self._tell(registration, Change.OPENED, self._other_side())
        self._certify(registration, "")

    def file(self, filing: NewFiling) -> None:
        """A further institution is filed."""
        written = filing.written(new_id())
        self.uow.filings.add(written, at=self.now)
        announce_filing(self.uow, written, "filed", self._main_of(written), application=self.application)

    def end(self, ending: Ending) -> None:
        """A filing holds no more from its day on."""
        over = replace(ending.filing, ended_on=ending.on, end_reason=ending.reason)
        saved = self.uow.filings.end(over, at=self.now)
        announce_filing(self.uow, saved, "ended", self._main_of(saved), application=self.application)

    def _certify(self, registration: Registration, photo_address: str) -> None:
        certificate = certificate_of(
            registration,
            self.applied,
            certificate_id=new_id(),
            check_code=new_check_code(secrets.randbelow),
            issued_on=self.decision.decided_on,
            photo_address=photo_address,
        )
        self.uow.certificates.add(certificate)
        self.check_code = certificate.check_code
        self._announce_certificate(contracts.CERTIFICATE_ISSUED, certificate)

    def _void(self, registration: Registration) -> Certificate | None:
        """The valid certificate of a registration, void from now on."""
        valid = self.uow.certificates.valid_of(registration.id)
        if valid is not None:
            self.uow.certificates.save(replace(valid, status=CertificateStatus.VOID))
            self._announce_certificate(contracts.CERTIFICATE_VOIDED, valid)
        return valid

    def _announce_certificate(self, event: Any, certificate: Certificate) -> None:
        self.uow.announce(
            event,
            aggregate_id=certificate.id,
            data={
                "certificate_id": certificate.id,
                "registration_id": certificate.registration_id,
                "application_id": None if self.application is None else self.application.id,
                "person_id": certificate.person_id,
                "practice_code": certificate.practice_code,
                "issued_on": certificate.issued_on,
            },
            province=certificate.province,
        )

    def _tell(self, registration: Registration, change: Change, informed: Informed) -> None:
        announce_registration(
            self.uow,
            registration,
            change,
            decided_on=self.decision.decided_on,
            application=self.application,
            informed=informed,
        )

    def _affected(self, before: Registration) -> Informed:
        """Whom a change concerns besides the institution and authority that it names: those before, and the filed."""
        filed = {
            filing.institution_id
            for filing in self.uow.filings.of_registration(before.id)
            if filing.is_open_on(self.decision.decided_on)
        }
        other = self._other_side()
        return Informed(
            frozenset({before.institution_id, *filed, *other.institutions}),
            frozenset({before.standing.authority_id, *other.authorities}),
        )

    def _other_side(self) -> Informed:
        releasing = None if self.application is None else self.application.releasing
        return (
            Informed()
            if releasing is None
            else Informed(frozenset({releasing.id}), frozenset({releasing.authority.id}))
        )

    def _main_of(self, filing: Filing) -> UUID:
        return self.uow.register.get(filing.registration_id).institution_id


def announce_registration(
    uow: ApplicationsUnitOfWork,
    registration: Registration,
    change: Change,
    *,
    decided_on: Any,
    application: Application | None,
    informed: Informed,
) -> None:
    """Tell how a registration stands now, and who is to know it besides its own institution and authority."""
    standing = registration.standing
    uow.announce(
        contracts.REGISTRATION_CHANGED,
        aggregate_id=registration.id,
        data={
            "registration_id": registration.id,
            "application_id": None if application is None else application.id,
            "application_number": "" if application is None else application.number,
            "business": "" if application is None else application.type,
            "person_id": registration.person_id,
            "qualification_id": registration.qualification_id,
            "change": change.value,
            "status": standing.status.value,
            "practice_code": registration.practice_code,
            "level": registration.level,
            "category": standing.category,
            "practice_place": standing.practice_place,
            "institution_id": standing.institution_id,
            "institution_name": standing.institution_name,
            "authority_id": standing.authority_id,
            "authority_name": standing.authority_name,
            "decided_on": decided_on,
            "decision_number": standing.decision_number,
            "informs_institutions": sorted(informed.institutions - {standing.institution_id}),
            "informs_authorities": sorted(informed.authorities - {standing.authority_id}),
            "until": standing.until,
        },
        province=registration.province,
    )


def announce_filing(
    uow: ApplicationsUnitOfWork,
    filing: Filing,
    change: str,
    main_institution_id: UUID,
    *,
    application: Application | None = None,
) -> None:
    """Tell of a filing: `filed`, `ends_soon` or `ended`."""
    uow.announce(
        contracts.FILING_CHANGED,
        aggregate_id=filing.id,
        data={
            "filing_id": filing.id,
            "registration_id": filing.registration_id,
            "application_id": None if application is None else application.id,
            "application_number": "" if application is None else application.number,
            "person_id": filing.person_id,
            "change": change,
            "reason": "" if filing.end_reason is None else filing.end_reason.value,
            "institution_id": filing.institution_id,
            "institution_name": filing.institution_name,
            "main_institution_id": main_institution_id,
            "authority_id": filing.authority_id,
            "valid_from": filing.valid_from,
            "valid_to": filing.valid_to,
            "holds_until": filing.holds_until,
            "decision_number": filing.decision_number,
        },
        province=filing.province,
    )


def decision_of(news: Mapping[str, Any]) -> Decision:
    """The decision in the news of a case."""
    authority = news["deciding_authority"]
    return Decision(
        number=news["decision_number"],
        decided_on=news["decided_on"],
        authority_id=authority["id"],
        authority_name=authority["name"],
        authority_division=authority["division"],
    )
