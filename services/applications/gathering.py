"""What other services say of an applicant, fetched before the transaction and turned into facts inside of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts import accounts, sync
from shared.contracts.common import InstitutionSnapshot
from shared.platform.bus import Bus
from shared.platform.errors import NotFound, PermissionDenied, RuleViolated
from shared.platform.working_days import local_date
from shared.trade.masking import mask_phone

from .domain.application import Application, Identity, QualificationSnapshot
from .domain.business import BusinessKind, Confirming
from .domain.facts import Answers, Applicant, Facts, Qualification
from .domain.filing import open_on
from .domain.form import answers_of, institution_of
from .domain.institution import Institution
from .domain.plain import from_plain
from .repository.register import Holder
from .unit_of_work import ApplicationsUnitOfWork


@dataclass(frozen=True)
class Asked:
    """Whom to ask the other services about: known from the application and the register before anybody is asked."""

    person_id: UUID
    qualification_id: UUID
    institution_id: UUID | None = None
    releasing_id: UUID | None = None


@dataclass(frozen=True)
class Gathered:
    """Person, qualification and institutions as their owners have them now."""

    identity: Identity
    applicant: Applicant
    qualification: QualificationSnapshot
    institution: Institution | None
    releasing: Institution | None = None


def fetch_person(bus: Bus, person_id: UUID) -> dict[str, Any]:
    """The person as `accounts` has them; only this service may ask."""
    found: dict[str, Any] = bus.call(accounts.PERSON, id=person_id, as_service=True)
    return found


def fetch_institution(bus: Bus, institution_id: UUID) -> Institution:
    """The institution as it is now, or `NotFound`."""
    return institution_from(bus.call(accounts.INSTITUTION, id=institution_id, as_service=True))


def fetch_qualifications(bus: Bus, ids: list[UUID]) -> list[QualificationSnapshot]:
    """Qualifications as `sync` has them now; one it doesn't know is not among them."""
    if not ids:
        return []
    answer = bus.call(sync.QUALIFICATIONS, ids=ids, as_service=True)
    return [_qualification(view) for view in answer["qualifications"]]


def asked(
    uow: ApplicationsUnitOfWork,
    kind: BusinessKind,
    *,
    person_id: UUID,
    qualification_id: UUID | None,
    named_id: UUID | None,
    subject_id: UUID | None,
    filing_id: UUID | None,
) -> Asked:
    """Whom to ask about: the institution that confirms (named, main or filed), and the main one on the other side.

    A registration or a filing of somebody else is `NotFound`.
    """
    subject = None if subject_id is None else uow.register.get(subject_id)
    filing = None if filing_id is None else uow.filings.get(filing_id)
    if any(one is not None and one.person_id != person_id for one in (subject, filing)):
        raise NotFound("registration_not_found")
    main_id = None if subject is None else subject.institution_id
    filed_id = None if filing is None else filing.institution_id
    institution_id = {Confirming.NAMED: named_id, Confirming.MAIN: main_id, Confirming.FILED: filed_id}[kind.confirming]
    chosen = qualification_id or (None if subject is None else subject.qualification_id)
    if chosen is None:
        raise RuleViolated("qualification_missing")
    return Asked(person_id, chosen, institution_id, main_id if kind.has_other_side else None)


def asked_for(uow: ApplicationsUnitOfWork, kind: BusinessKind, application: Application) -> Asked:
    """The same for an application that there is."""
    return asked(
        uow,
        kind,
        person_id=application.person_id,
        qualification_id=application.qualification_id,
        named_id=institution_of(application.form),
        subject_id=application.subject_id,
        filing_id=application.filing_id,
    )


def gather(bus: Bus, wanted: Asked, *, must_be_activated: bool = False) -> Gathered:
    """Everything that the rules need from others; what isn't the person's own qualification is `NotFound`.

    `must_be_activated` refuses who may not file yet before anything else is said of the qualification (E11).
    """
    person = fetch_person(bus, wanted.person_id)
    if must_be_activated and not person["activated"]:
        raise PermissionDenied("not_activated")
    qualifications = fetch_qualifications(bus, [wanted.qualification_id])
    if not qualifications or wanted.qualification_id not in person["qualification_ids"]:
        raise NotFound("qualification_not_found")
    institution = None if wanted.institution_id is None else fetch_institution(bus, wanted.institution_id)
    releasing = None if wanted.releasing_id is None else fetch_institution(bus, wanted.releasing_id)
    return _gathered(person, qualifications[0], institution, releasing)


def gather_again(bus: Bus, application: Application) -> Gathered:
    """The same for an application that is about to take effect: what is gone counts as annulled or cancelled.

    So the condition fails by its rule, and a person sees why (design §2, `effect_blocked`).
    """
    person = fetch_person(bus, application.person_id)
    found = fetch_qualifications(bus, [application.qualification_id])
    known = application.qualification
    gone = replace(known, facts=replace(known.facts, status="annulled"))
    return _gathered(
        person,
        found[0] if found else gone,
        _institution_again(bus, application.institution),
        _institution_again(bus, application.releasing),
    )


def facts_for(
    uow: ApplicationsUnitOfWork,
    kind: BusinessKind,
    gathered: Gathered,
    *,
    on: date,
    provinces: tuple[str, ...],
    policy: Mapping[str, Any],
    application: Application | None = None,
    subject_id: UUID | None = None,
    filing_id: UUID | None = None,
) -> Facts:
    """The facts of an application, or of one that somebody thinks of filing."""
    person_id = gathered.applicant.person_id
    filed_at = None if application is None else application.filed_at
    held = uow.register.held(person_id)
    subject = next((one for one in held if one.registration_id == subject_id), None)
    filings = [] if subject_id is None else open_on(uow.filings.of_registration(subject_id), subject_id, on)
    return Facts(
        on=on,
        filed_on=on if filed_at is None else local_date(filed_at),
        type=kind.type.value,
        sub_kind=kind.sub_kind,
        provinces=provinces,
        applicant=gathered.applicant,
        qualification=gathered.qualification.facts,
        institution=gathered.institution,
        answers=Answers() if application is None else answers_of(application.form),
        materials=frozenset() if application is None else application.uploaded,
        held=held,
        bars=uow.bars.of(person_id),
        open_applications=() if application is None else uow.applications.open_beside(application, kind),
        subject=subject,
        releasing=gathered.releasing,
        filings=tuple(filing.fact for filing in filings),
        filing=next((filing.fact for filing in filings if filing.id == filing_id), None),
        person_changes=() if subject_id is None else _changes(uow.register.holder(subject_id), gathered.identity),
        started_by="physician" if application is None else application.started_by,
        policy=policy,
    )


def holder_of(identity: Identity, qualification: QualificationSnapshot) -> Holder:
    """The register's own snapshot of who holds a registration."""
    return Holder(
        name=identity.name,
        sex=identity.sex,
        birth_date=identity.birth_date,
        id_number=identity.id_number,
        qualification_code=qualification.code,
        education=qualification.facts.education,
    )


def institution_from(snapshot: Mapping[str, Any]) -> Institution:
    """The institution of a loaded contract snapshot."""
    return from_plain(Institution, snapshot)


def snapshot_of(institution: Institution) -> dict[str, Any]:
    """The institution in the contract's form."""
    dumped = InstitutionSnapshot().dump(institution)
    loaded: dict[str, Any] = InstitutionSnapshot().load(dumped)
    return loaded


def _institution_again(bus: Bus, known: Institution | None) -> Institution | None:
    if known is None:
        return None
    try:
        return fetch_institution(bus, known.id)
    except NotFound:
        return replace(known, licence_status="cancelled")


def _changes(holder: Holder, identity: Identity) -> tuple[str, ...]:
    """What the account says otherwise than the register."""
    names = ("name", "id_number", "sex", "birth_date")
    return tuple(name for name in names if getattr(holder, name) != getattr(identity, name))


def _gathered(
    person: Mapping[str, Any],
    qualification: QualificationSnapshot,
    institution: Institution | None,
    releasing: Institution | None,
) -> Gathered:
    identity = Identity(
        name=person["name"],
        id_number=person["id_number"],
        sex=person["sex"],
        birth_date=person["birth_date"],
        masked_phone=mask_phone(person["phone"]),
    )
    applicant = Applicant(
        person_id=person["person_id"],
        activated=person["activated"],
        qualification_ids=frozenset(person["qualification_ids"]),
        paper_certificates=frozenset(person["paper_certificates"]),
    )
    return Gathered(identity, applicant, qualification, institution, releasing)


def _qualification(view: Mapping[str, Any]) -> QualificationSnapshot:
    names = ("id", "year", "region", "level", "category", "area", "published_on", "status", "education")
    facts = from_plain(Qualification, {name: view[name] for name in names})
    return QualificationSnapshot(facts, view["code"], view.get("school", ""), view.get("major", ""))
