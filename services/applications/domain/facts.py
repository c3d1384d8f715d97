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


@dataclass(frozen=True)
class Bar:
    """A recorded ground for refusal, or ban on applications, and its last day (None: for life)."""

    ground: RefusalGround
    decided_on: date
    until: date | None
    decision_number: str = ""


@dataclass(frozen=True)
class Answers:
    """What the form says; None where the applicant has not got there yet."""

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
    policy: Mapping[str, Any] = field(default_factory=dict)

    @property
    def province(self) -> str:
        """The registering province; before an institution is chosen, the deployment's first."""
        return self.institution.province if self.institution else self.provinces[0]
