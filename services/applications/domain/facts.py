"""Everything a rule may look at: one frozen record, so that a decision can be re-run on what it saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from shared.trade.areas import Area
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.statuses import CancellationGround, RefusalGround, RegistrationStatus

from .institution import Institution


@dataclass(frozen=True)
class Applicant:
    """Who applies: whether the account is activated, and which qualifications it holds; no name, no number."""

    person_id: UUID
    activated: bool
    qualification_ids: frozenset[UUID]
    paper_certificates: frozenset[UUID]


@dataclass(frozen=True)
class Qualification:
    """A published qualification 医师资格, without its code (which holds the ID)."""

    id: UUID
    year: int
    region: str
    level: Level
    category: Category
    area: str
    published_on: date
    status: str
    education: str = ""

    @property
    def covers(self) -> Area:
        """Where it may be registered (`domain.md` §6.5)."""
        return Area.parse(self.area)


@dataclass(frozen=True)
class Held:
    """A registration that the register has of the applicant, as it stands now; `since` is when it came to stand so."""

    registration_id: UUID
    qualification_id: UUID
    level: Level
    category: Category
    practice_place: str
    status: RegistrationStatus
    since: date
    ground: CancellationGround | None = None
    scopes: tuple[str, ...] = ()
    institution_id: UUID | None = None
    institution_name: str = ""
    authority_id: UUID | None = None
    province: str = ""
    practice_code: str = ""
    started_on: date | None = None
    until: date | None = None
    """The last day of a suspension; None where the register names none."""
    replaced_by: UUID | None = None
    """The registration that was opened in its place: what has one is over for good."""

    @property
    def may_stand_again(self) -> bool:
        """Whether it was left or moved out and nothing took its place: a move within two years takes it up (§3.5)."""
        return self.status in (RegistrationStatus.LEFT_FILED, RegistrationStatus.MOVED_OUT) and self.replaced_by is None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, so that nothing more can be done with it (医师法 art.17)."""
        return not (self.status.is_registered or self.may_stand_again)


@dataclass(frozen=True)
class Filed:
    """A further institution that is filed on a registration, or will be: `valid_to` is its last day."""

    filing_id: UUID
    registration_id: UUID
    institution_id: UUID
    institution_name: str
    scopes: tuple[str, ...]
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Bar:
    """A recorded ground for refusal, or ban on applications, and its last day (None: for life)."""

    ground: RefusalGround
    decided_on: date
    until: date | None
    decision_number: str = ""


@dataclass(frozen=True)
class Answers:
    """What the form says, page by page; None where the applicant has not got there yet.

    The names are those of the form's fields.
    """

    scopes: tuple[str, ...] = ()
    category: str | None = None
    start_on: date | None = None
    full_capacity: bool | None = None
    criminal_penalty: bool | None = None
    sentence_served_on: date | None = None
    barred_by_law: bool | None = None
    health_fit: bool | None = None
    photo_taken_on: date | None = None
    health_check_on: date | None = None
    old_ends: bool | None = None
    """That the existing registration ends with the new one is understood (E41)."""
    left_service_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    ends_on: date | None = None
    ground: CancellationGround | None = None
    happened_on: date | None = None
    known_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """What was known when the rules ran: `on` is the legal day, `filed_on` that of the latest submission."""

    on: date
    filed_on: date
    type: str
    sub_kind: str
    provinces: tuple[str, ...]
    applicant: Applicant
    qualification: Qualification
    institution: Institution | None = None
    answers: Answers = field(default_factory=Answers)
    materials: frozenset[str] = frozenset()
    held: tuple[Held, ...] = ()
    bars: tuple[Bar, ...] = ()
    open_applications: tuple[str, ...] = ()
    subject: Held | None = None
    """The registration that the application is about."""
    releasing: Institution | None = None
    """The institution on the other side: its main institution as it is now."""
    filings: tuple[Filed, ...] = ()
    """What is filed on that registration today or later."""
    filing: Filed | None = None
    """The filing that the application is about."""
    person_changes: tuple[str, ...] = ()
    """What the account says otherwise than the register: `name`, `id_number`, `sex`, `birth_date`."""
    started_by: str = "physician"
    policy: Mapping[str, Any] = field(default_factory=dict)

    @property
    def province(self) -> str:
        """The registering province; before an institution is chosen, the deployment's first."""
        return self.institution.province if self.institution else self.provinces[0]
