"""The people and places of random lives, and how an application of theirs is judged and carried out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from services.applications.domain.application import QualificationSnapshot
from services.applications.domain.assessment import Occasion, assess
from services.applications.domain.business import kind_of
from services.applications.domain.effect import Approval, Decision
from services.applications.domain.facts import Answers, Applicant, Facts, Qualification
from services.applications.domain.filing import open_on
from services.applications.domain.institution import Institution
from services.applications.domain.register import Registration
from services.applications.repository.register import held_of
from shared.trade.categories import Category
from shared.trade.levels import Level
from tests.unit.applications.factories import (
    PROVINCES,
    a_pin,
    a_qualification,
    an_application,
    an_institution,
    fine_answers,
    numbered,
    policy,
)
from tests.unit.applications.kinds.book import Book
from tests.unit.applications.kinds.factories import (
    across,
    neighbour,
    of_another_county,
    of_the_city,
    of_the_province,
    village_room,
)

DEPARTMENTS = ("02 全科医疗科", "03 内科", "04 外科", "50 中医科")
PEOPLE = (numbered(0x1), numbered(0x2))


class Place(Institution):
    """An institution that a failing life names in one word."""

    def __repr__(self) -> str:
        return self.name


PLACES: tuple[Institution, ...] = tuple(
    Place(**vars(replace(place, departments=DEPARTMENTS, licence_valid_to=None)))
    for place in (
        an_institution(),
        neighbour(is_county_or_below=True),
        of_the_city(),
        of_another_county(is_county_or_below=True),
        across(),
        across(id=numbered(0xC8), name="示例省外第二医院"),
        village_room(),
        of_the_province(),
    )
)
PAPERS = frozenset({"photo", "employment_proof", "training_proof", "assessment_proof", "higher_diploma"})
"""Every proof is there: what is judged of them, a person judges."""

_GAINED = (
    (Level.ASSISTANT, Category.CLINICAL, "NATIONAL"),
    (Level.LICENSED, Category.CLINICAL, "NATIONAL"),
    (Level.LICENSED, Category.TCM, "NATIONAL"),
    (Level.RURAL_ASSISTANT, Category.CLINICAL, "INSTITUTION_TYPE:township_village"),
    (Level.ASSISTANT, Category.TCM, "PROVINCE:43"),
)


@cache
def _policy(name: str, sub_kind: str, division: str) -> dict[str, Any]:
    return policy(kind_of(name, sub_kind), division=division)


def _qualifications(person: int) -> list[Qualification]:
    return [
        a_qualification(
            id=numbered(0x1000 * (person + 1) + position),
            level=level,
            category=category,
            area=area,
            year=2019,
            published_on=date(2019, 12, 1),
        )
        for position, (level, category, area) in enumerate(_GAINED)
    ]


def _about(subject: Registration | None) -> Registration:
    assert subject is not None
    return subject


@dataclass
class World:
    """Two people with five qualifications each, eight institutions, one register, and a day that goes on."""

    today: date = date(2023, 1, 2)
    seconds: int = 0
    qualifications: dict[UUID, Qualification] = field(
        default_factory=lambda: {one.id: one for person in (0, 1) for one in _qualifications(person)}
    )

    def __post_init__(self) -> None:
        numbers = count(0x10000)
        self.book = Book(lambda: numbered(next(numbers)))

    @property
    def now(self) -> datetime:
        """The moment: each act has one of its own."""
        return datetime.combine(self.today, time(1), tzinfo=UTC) + timedelta(seconds=self.seconds)

    def own(self, person: UUID) -> list[Qualification]:
        """A person's qualifications."""
        first = 0x1000 * (PEOPLE.index(person) + 1)
        return [self.qualifications[numbered(first + position)] for position in range(len(_GAINED))]

    def asked(
        self,
        name: str,
        sub_kind: str = "",
        *,
        person: UUID,
        qualification: Qualification | None = None,
        institution: Institution,
        subject: Registration | None = None,
        filing_id: UUID | None = None,
        form: dict[str, Any] | None = None,
        started_by: str = "physician",
        **answers: Any,
    ) -> bool:
        """Ask for it today: if no condition fails and no proof is missing it is approved at once, and written."""
        self.seconds += 1
        own = qualification or self.qualifications[_about(subject).qualification_id]
        facts = self._facts(name, sub_kind, person, own, institution, subject, filing_id, started_by, answers)
        kind = kind_of(name, sub_kind)
        found = assess(kind, facts, a_pin(), Occasion.EFFECT)
        if found.failed or found.unproved:
            return False
        application = an_application(
            id=self.book.new_id(),
            type=name,
            sub_kind=sub_kind,
            person_id=person,
            qualification=QualificationSnapshot(own, "202643110430199199708150249"),
            institution=institution,
            form=form or {"scope": {"scopes": list(answers.get("scopes", ()))}},
            subject_id=None if subject is None else subject.id,
            filing_id=filing_id,
        )
        authority = institution.authority
        decision = Decision(f"第{self.seconds}号", self.today, authority.id, authority.name, authority.division)
        approval = Approval(
            application,
            decision,
            subject,
            tuple(self.book.of_person(person)),
            self.book.filings_of(person),
            facts.policy,
        )
        self.book.enact(kind.effect(approval), person, decision, self.now)
        return True

    def _facts(
        self,
        name: str,
        sub_kind: str,
        person: UUID,
        qualification: Qualification,
        institution: Institution,
        subject: Registration | None,
        filing_id: UUID | None,
        started_by: str,
        answers: dict[str, Any],
    ) -> Facts:
        filings = () if subject is None else open_on(self.book.filings_of(person), subject.id, self.today)
        day = self.today
        said: Answers = fine_answers(**{"photo_taken_on": day, "health_check_on": day, "scopes": ()} | answers)
        mine = frozenset(one.id for one in self.own(person))
        return Facts(
            on=day,
            filed_on=day,
            type=name,
            sub_kind=sub_kind,
            provinces=PROVINCES,
            applicant=Applicant(person, True, mine, mine),
            qualification=qualification,
            institution=institution,
            answers=said,
            materials=PAPERS,
            held=self.book.held(person),
            bars=tuple(self.book.bars.get(person, ())),
            subject=None if subject is None else held_of(subject),
            releasing=None if subject is None else self.place(subject.institution_id),
            filings=tuple(filing.fact for filing in filings),
            filing=next((filing.fact for filing in filings if filing.id == filing_id), None),
            person_changes=("name",),
            started_by=started_by,
            policy=_policy(name, sub_kind, institution.division),
        )

    @staticmethod
    def place(institution_id: UUID) -> Institution:
        """The institution of that id."""
        return next(one for one in PLACES if one.id == institution_id)
