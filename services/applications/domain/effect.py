"""What an approval does: it opens the registration and issues its certificate, both or neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.trade.categories import Category
from shared.trade.codes import PracticeCode
from shared.trade.divisions import path_of, practice_place, six_digits
from shared.trade.levels import Level
from shared.trade.statuses import RegistrationStatus

from .application import Application
from .certificate import Certificate, CertificateFacts
from .register import Entry, Registration, Standing, opened


@dataclass(frozen=True)
class Decision:
    """The approval that takes effect: by whom, on which day, under which number."""

    number: str
    decided_on: date
    authority_id: UUID
    authority_name: str
    authority_division: str


@dataclass(frozen=True)
class Opened:
    """A registration with its first entry and its certificate."""

    registration: Registration
    entry: Entry
    certificate: Certificate


def code_key(application: Application, decision: Decision) -> tuple[Level, Category, str]:
    """What the serial of the 15-digit code is counted for: level, category, registering authority's division (§4.3).

    No digit stands for a rural assistant (XC); the code takes that of an assistant, whose rights they have.
    """
    qualification = application.qualification.facts
    level = Level.ASSISTANT if qualification.level is Level.RURAL_ASSISTANT else qualification.level
    return level, qualification.category, six_digits(decision.authority_division)


def open_registration(
    application: Application,
    decision: Decision,
    code: PracticeCode,
    *,
    now: datetime,
    new_id: Callable[[], UUID],
    check_code: str,
) -> Opened:
    """Open the first registration: its start is the day of the decision, from which seniority counts (§7).

    The place is the province of the main institution for a licensed physician, its county for an assistant
    (医师执业注册管理办法 art.7); nothing is closed, since a first registration replaces none.
    """
    institution, qualification = application.institution, application.qualification.facts
    if institution is None:
        raise ValueError("an application without an institution was approved")
    standing = Standing(
        status=RegistrationStatus.ACTIVE,
        practice_place=practice_place(qualification.level, institution.division),
        category=qualification.category.value,
        scopes=tuple(application.form["scope"]["scopes"]),
        institution_id=institution.id,
        institution_name=institution.name,
        authority_id=decision.authority_id,
        authority_name=decision.authority_name,
        authority_path=path_of(decision.authority_division),
        decision_number=decision.number,
        application_id=application.id,
    )
    registration = Registration(
        id=new_id(),
        version=1,
        person_id=application.person_id,
        qualification_id=qualification.id,
        practice_code=str(code),
        level=qualification.level.value,
        province=institution.province,
        started_on=decision.decided_on,
        standing=standing,
        standing_since=decision.decided_on,
    )
    certificate = Certificate(
        id=new_id(),
        version=1,
        registration_id=registration.id,
        person_id=registration.person_id,
        province=registration.province,
        practice_code=registration.practice_code,
        check_code=check_code,
        issued_on=decision.decided_on,
        facts=_facts(application, registration),
    )
    entry = opened(registration.id, new_id(), standing, on=decision.decided_on, known_from=now)
    return Opened(registration, entry, certificate)


def _facts(application: Application, registration: Registration) -> CertificateFacts:
    identity, standing = application.identity, registration.standing
    photo = next((item.address for item in application.materials if item.kind == "photo"), "")
    return CertificateFacts(
        name=identity.name,
        sex=identity.sex,
        birth_date=identity.birth_date,
        id_number=identity.id_number,
        qualification_code=application.qualification.code,
        level=registration.level,
        category=standing.category,
        scopes=standing.scopes,
        practice_place=standing.practice_place,
        institution_name=standing.institution_name,
        authority_name=standing.authority_name,
        photo_address=photo,
    )
