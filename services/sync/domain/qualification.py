"""A qualification 医师资格 follows from a published pass, for life; only correction or annulment changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.platform.errors import Conflict, RuleViolated
from shared.trade.areas import Area
from shared.trade.categories import Category
from shared.trade.codes import QualificationCode
from shared.trade.levels import Level
from shared.trade.resident_id import ResidentId
from shared.trade.statuses import QualificationStatus


class Change(StrEnum):
    """What happened to a qualification; each is one row of its history."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    ANNULLED = "annulled"


CORRECTABLE = frozenset({"education", "school", "major"})
"""What the exam centre corrects on a qualification (卫办医政发〔2010〕1号) that is not part of a person's identity."""


@dataclass(frozen=True)
class Qualification:
    """One qualification; the person's name and ID stand with the person."""

    id: UUID
    version: int
    person_id: UUID
    candidate_id: UUID
    year: int
    round: int
    region: str
    level: Level
    category: Category
    area: Area
    published_on: date
    status: QualificationStatus = QualificationStatus.PUBLISHED
    education: str = ""
    school: str = ""
    major: str = ""

    @property
    def is_open(self) -> bool:
        """Whether its owner may see it; a frozen one is seen, but nothing new rests on it."""
        return self.status is not QualificationStatus.ANNULLED

    @property
    def proves(self) -> bool:
        """Whether an account may be activated with it."""
        return self.status is QualificationStatus.PUBLISHED

    def code(self, resident_id: ResidentId) -> QualificationCode:
        """The certificate's 27 characters; they follow from the facts (`domain.md` §6.6)."""
        return QualificationCode.compose(
            year=self.year,
            province=self.region,
            level=self.level,
            category=self.category,
            resident_id=resident_id,
        )


def annul(qualification: Qualification, *, decision: str) -> Qualification:
    """Annul it (撤销, 医师法 art.54): found to be gained by improper means; by a person's decision, never by a rule."""
    _needs(decision)
    if qualification.status is QualificationStatus.ANNULLED:
        raise Conflict("qualification_annulled_already")
    return replace(qualification, status=QualificationStatus.ANNULLED)


def freeze(qualification: Qualification, *, decision: str) -> Qualification:
    """Stop new business resting on it while a case is examined (`domain.md` §6.7); its owner still sees it."""
    _needs(decision)
    if qualification.status is not QualificationStatus.PUBLISHED:
        raise Conflict("qualification_not_open", status=qualification.status.value)
    return replace(qualification, status=QualificationStatus.FROZEN)


def unfreeze(qualification: Qualification, *, decision: str) -> Qualification:
    """The case came to nothing."""
    _needs(decision)
    if qualification.status is not QualificationStatus.FROZEN:
        raise Conflict("qualification_not_frozen", status=qualification.status.value)
    return replace(qualification, status=QualificationStatus.PUBLISHED)


def correct(qualification: Qualification, changes: dict[str, str], *, decision: str) -> Qualification:
    """Correct what the exam centre may correct; level, category and result change by a new delivery only (§6.7)."""
    _needs(decision)
    unknown = sorted(set(changes) - CORRECTABLE)
    if unknown:
        raise RuleViolated("not_correctable", fields=unknown)
    if not qualification.is_open:
        raise Conflict("qualification_annulled_already")
    return replace(
        qualification,
        education=changes.get("education", qualification.education),
        school=changes.get("school", qualification.school),
        major=changes.get("major", qualification.major),
    )


def follow(
    qualification: Qualification, *, candidate_id: UUID, area: Area, education: str, school: str, major: str
) -> Qualification:
    """What a changed record of the exam centre makes of it, under the same code."""
    if not qualification.is_open:
        raise Conflict("qualification_annulled_already")
    return replace(qualification, candidate_id=candidate_id, area=area, education=education, school=school, major=major)


def _needs(decision: str) -> None:
    if not decision.strip():
        raise RuleViolated("decision_required")
