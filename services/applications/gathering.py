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
from shared.platform.errors import NotFound, PermissionDenied
from shared.platform.working_days import local_date
from shared.trade.masking import mask_phone

from .domain.application import Application, Identity, QualificationSnapshot
from .domain.business import BusinessKind
from .domain.facts import Answers, Applicant, Facts, Qualification
from .domain.form import answers_of
from .domain.institution import Institution
from .domain.plain import from_plain
from .unit_of_work import ApplicationsUnitOfWork


@dataclass(frozen=True)
class Gathered:
    """Person, qualification and institution as their owners have them now."""

    identity: Identity
    applicant: Applicant
    qualification: QualificationSnapshot
    institution: Institution | None


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


def gather(
    bus: Bus,
    person_id: UUID,
    qualification_id: UUID,
    institution_id: UUID | None,
    *,
    must_be_activated: bool = False,
) -> Gathered:
    """Everything that the rules need from others; what isn't the person's own qualification is `NotFound`.

    `must_be_activated` refuses who may not file yet before anything else is said of the qualification (E11).
    """
    person = fetch_person(bus, person_id)
    if must_be_activated and not person["activated"]:
        raise PermissionDenied("not_activated")
    qualifications = fetch_qualifications(bus, [qualification_id])
    if not qualifications or qualification_id not in person["qualification_ids"]:
        raise NotFound("qualification_not_found")
    institution = None if institution_id is None else fetch_institution(bus, institution_id)
    return _gathered(person, qualifications[0], institution)


def gather_again(bus: Bus, application: Application) -> Gathered:
    """The same for an application that is about to take effect: what is gone counts as annulled or cancelled.

    So the condition fails by its rule, and a person sees why (design §2, `effect_blocked`).
    """
    person = fetch_person(bus, application.person_id)
    found = fetch_qualifications(bus, [application.qualification_id])
    known = application.qualification
    gone = replace(known, facts=replace(known.facts, status="annulled"))
    return _gathered(person, found[0] if found else gone, _institution_again(bus, application.institution))


def facts_for(
    uow: ApplicationsUnitOfWork,
    kind: BusinessKind,
    gathered: Gathered,
    *,
    on: date,
    provinces: tuple[str, ...],
    policy: Mapping[str, Any],
    application: Application | None = None,
    sub_kind: str = "",
) -> Facts:
    """The facts of an application, or of one that somebody thinks of filing."""
    person_id, qualification = gathered.applicant.person_id, gathered.qualification.facts
    others = uow.applications.open_numbers(
        person_id,
        kind.exclusive_key(person_id, qualification.id),
        except_id=None if application is None else application.id,
    )
    filed_at = None if application is None else application.filed_at
    answers = Answers() if application is None else answers_of(application.form)
    return Facts(
        on=on,
        filed_on=on if filed_at is None else local_date(filed_at),
        type=kind.type.value,
        sub_kind=sub_kind if application is None else application.sub_kind,
        provinces=provinces,
        applicant=gathered.applicant,
        qualification=qualification,
        institution=gathered.institution,
        answers=answers,
        materials=frozenset() if application is None else application.uploaded,
        held=uow.register.held(person_id),
        bars=uow.bars.of(person_id),
        open_applications=others,
        policy=policy,
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


def _gathered(
    person: Mapping[str, Any], qualification: QualificationSnapshot, institution: Institution | None
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
    return Gathered(identity, applicant, qualification, institution)


def _qualification(view: Mapping[str, Any]) -> QualificationSnapshot:
    names = ("id", "year", "region", "level", "category", "area", "published_on", "status", "education")
    facts = from_plain(Qualification, {name: view[name] for name in names})
    return QualificationSnapshot(facts, view["code"], view.get("school", ""), view.get("major", ""))
