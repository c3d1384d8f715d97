"""What an approval does to the register, as a value: `services/applications/enacting.py` writes it, all or nothing.

Each kind of business says in its own module which of these acts it makes; none of them looks anything up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.trade.categories import Category
from shared.trade.codes import PracticeCode
from shared.trade.divisions import path_of, practice_place, six_digits
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround, RegistrationStatus

from .certificate import Certificate, CertificateFacts
from .facts import Bar
from .filing import EndReason, Filing, NewFiling, open_on
from .register import Registration, Standing

if TYPE_CHECKING:  # an application is of a kind, and a kind has an effect
    from .application import Application


@dataclass(frozen=True)
class Decision:
    """The approval that takes effect: by whom, on which day, under which number."""

    number: str
    decided_on: date
    authority_id: UUID
    authority_name: str
    authority_division: str


@dataclass(frozen=True)
class Approval:
    """An application that was approved, with what the register has of its person when it takes effect."""

    application: Application
    decision: Decision
    subject: Registration | None = None
    registrations: tuple[Registration, ...] = ()
    filings: tuple[Filing, ...] = ()
    policy: Mapping[str, Any] | None = None

    @property
    def about(self) -> Registration:
        """The registration that the application is about; `ValueError` where it is about none."""
        if self.subject is None:
            raise ValueError("an application about no registration")
        return self.subject

    def knob(self, key: str) -> Any:
        """A knob of the policy that the application is decided under."""
        return (self.policy or {})[key]


class Change(StrEnum):
    """What became of a registration, as it is told (`registration_changed`)."""

    OPENED = "opened"
    CHANGED = "changed"
    SUPERSEDED = "superseded"
    MOVED_OUT = "moved_out"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    LEFT = "left"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


@dataclass(frozen=True)
class Opening:
    """A registration to open: it gets its 15-digit code and its certificate when it is written."""

    standing: Standing
    level: Level
    qualification_id: UUID
    province: str
    replaces: UUID | None = None

    def written(self, registration_id: UUID, code: PracticeCode, *, person_id: UUID, on: date) -> Registration:
        """The registration under its code; it starts on the day of the decision (§7)."""
        return Registration(
            id=registration_id,
            version=1,
            person_id=person_id,
            qualification_id=self.qualification_id,
            practice_code=str(code),
            level=self.level.value,
            province=self.province,
            started_on=on,
            standing=self.standing,
            standing_since=on,
            replaces=self.replaces,
        )


@dataclass(frozen=True)
class Turn:
    """A registration that stands otherwise from the day of the decision; `reissued` gives it a new certificate."""

    registration: Registration
    standing: Standing
    change: Change
    reissued: bool = False
    new_holder: bool = False
    """Whether name, ID and the like are taken over from the account (§6.7)."""


@dataclass(frozen=True)
class Ending:
    """A filing that holds no more from a day on."""

    filing: Filing
    on: date
    reason: EndReason


@dataclass(frozen=True)
class Changes:
    """All acts of one approval, written in one transaction: what ends first, what opens last."""

    turns: tuple[Turn, ...] = ()
    openings: tuple[Opening, ...] = ()
    filings: tuple[NewFiling, ...] = ()
    endings: tuple[Ending, ...] = ()
    bars: tuple[Bar, ...] = ()


def opening(approval: Approval, *, replaces: UUID | None = None) -> Opening:
    """A registration at the institution of the application: it starts on the day of the decision (§7).

    Its place is the province of the main institution for a licensed physician, its county for an assistant
    (医师执业注册管理办法 art.7).
    """
    application = approval.application
    institution, qualification = application.institution, application.qualification.facts
    if institution is None:
        raise ValueError("an application without an institution was approved")
    standing = Standing(
        status=RegistrationStatus.ACTIVE,
        practice_place=practice_place(qualification.level, institution.division),
        category=qualification.category.value,
        scopes=tuple(application.form.get("scope", {}).get("scopes", ())),
        institution_id=institution.id,
        institution_name=institution.name,
        **_decided(approval),
    )
    return Opening(standing, qualification.level, qualification.id, institution.province, replaces)


def moved(approval: Approval) -> Standing:
    """The registration's standing at the institution of the application; scope and category go on (§3.5).

    So does a suspension, where a province lets the suspended move: it ends by an assessment only (E49).
    """
    institution, subject = approval.application.institution, approval.about
    if institution is None:
        raise ValueError("an application without an institution was approved")
    suspended = subject.standing.status is RegistrationStatus.SUSPENDED
    return replace(
        subject.standing,
        status=RegistrationStatus.SUSPENDED if suspended else RegistrationStatus.ACTIVE,
        practice_place=practice_place(Level(subject.level), institution.division),
        institution_id=institution.id,
        institution_name=institution.name,
        ground=None,
        until=subject.standing.until if suspended else None,
        **_decided(approval),
    )


def restated(approval: Approval, registration: Registration, **changed: Any) -> Standing:
    """How a registration stands after the decision, the same but for what is named; its authority keeps it."""
    number, application_id = approval.decision.number, approval.application.id
    return replace(registration.standing, decision_number=number, application_id=application_id, **changed)


def ended(
    approval: Approval,
    registration: Registration,
    status: RegistrationStatus,
    change: Change,
    ground: CancellationGround | None = None,
) -> Turn:
    """The end of a registration; the qualification stays (医师执业注册管理办法 art.18)."""
    return Turn(registration, restated(approval, registration, status=status, ground=ground, until=None), change)


def endings(approval: Approval, registration: Registration, reason: EndReason) -> tuple[Ending, ...]:
    """All filings of a registration end with the decision (§3.7)."""
    day = approval.decision.decided_on
    return tuple(Ending(filing, day, reason) for filing in open_on(approval.filings, registration.id, day))


def code_key(opened: Opening, authority_division: str) -> tuple[Level, Category, str]:
    """What the serial of the 15-digit code is counted for: level, category, registering authority's division (§4.3).

    No digit stands for a rural assistant (XC); the code takes that of an assistant, whose rights they have.
    """
    level = Level.ASSISTANT if opened.level is Level.RURAL_ASSISTANT else opened.level
    return level, Category(opened.standing.category), six_digits(authority_division)


def certificate_of(
    registration: Registration,
    application: Application,
    *,
    certificate_id: UUID,
    check_code: str,
    issued_on: date,
    photo_address: str = "",
) -> Certificate:
    """The certificate of a registration for the person of the application.

    It bears the application's photo; where none was asked for, the one that the certificate before bore.
    """
    identity, standing = application.identity, registration.standing
    photo = next((item.address for item in application.materials if item.kind == "photo"), photo_address)
    return Certificate(
        id=certificate_id,
        version=1,
        registration_id=registration.id,
        person_id=registration.person_id,
        province=registration.province,
        practice_code=registration.practice_code,
        check_code=check_code,
        issued_on=issued_on,
        facts=CertificateFacts(
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
        ),
    )


def _decided(approval: Approval) -> dict[str, Any]:
    decision = approval.decision
    return {
        "authority_id": decision.authority_id,
        "authority_name": decision.authority_name,
        "authority_path": path_of(decision.authority_division),
        "decision_number": decision.number,
        "application_id": approval.application.id,
    }
