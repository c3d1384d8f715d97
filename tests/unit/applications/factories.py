"""Builders with sensible defaults for the values of `applications`; invented people and institutions only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.applications.dependencies import PolicyBook
from services.applications.domain.application import (
    Application,
    Identity,
    QualificationSnapshot,
    StoredMaterial,
)
from services.applications.domain.assessment import Assessment, Occasion, Pin, assess
from services.applications.domain.business import KINDS, BusinessKind
from services.applications.domain.facts import Answers, Applicant, Facts, Qualification
from services.applications.domain.institution import Authority, Institution
from services.applications.domain.register import Standing
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.policy import Policy
from shared.trade.statuses import ApplicationState, BusinessType, RegistrationStatus

PROVINCES = ("43", "44")
REG = KINDS[BusinessType.REG]
NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PERSON = UUID("01900000-0000-7000-8000-0000000000a1")
QUALIFICATION = UUID("01900000-0000-7000-8000-0000000000b1")
INSTITUTION = UUID("01900000-0000-7000-8000-0000000000c1")
BOOK = PolicyBook(Policy.load(Path(__file__).resolve().parents[3] / "provinces", PROVINCES))


def numbered(last: int) -> UUID:
    """An identifier for a record that a test names by number."""
    return UUID(int=0x01900000_0000_7000_8000_0000_0000_0000 + last)


def policy(kind: BusinessKind = REG, *, division: str = "430102", on: date = TODAY, **changed: Any) -> dict[str, Any]:
    """The knobs in force, some of them changed (`release__need_paper_cert=True`)."""
    return BOOK.values(kind, division, on) | {name.replace("__", "."): value for name, value in changed.items()}


def an_institution(**changed: Any) -> Institution:
    """A district hospital of the county 430102 with its authority."""
    division = changed.pop("division", "430102")
    authority = changed.pop(
        "authority", Authority(numbered(0xE1), "示例区卫生健康局", "county", division, "示例路1号", "0000-12320")
    )
    return replace(
        Institution(
            id=INSTITUTION,
            version=1,
            name="示例区人民医院",
            licence_number="99900011X43010211A1001",
            licence_status="valid",
            division=division,
            category="A100",
            departments=("03 内科", "04 外科", "07 儿科", "50 中医科"),
            authority=authority,
            licence_valid_to=date(2030, 12, 31),
        ),
        **changed,
    )


def a_qualification(**changed: Any) -> Qualification:
    """A licensed clinical qualification of this year, published four days ago."""
    return replace(
        Qualification(
            id=QUALIFICATION,
            year=2026,
            region="43",
            level=Level.LICENSED,
            category=Category.CLINICAL,
            area="NATIONAL",
            published_on=date(2026, 11, 19),
            status="published",
            education="本科",
        ),
        **changed,
    )


def fine_answers(**changed: Any) -> Answers:
    """A form without anything that an officer would have to look at."""
    return replace(
        Answers(
            scopes=("C01",),
            start_on=date(2026, 12, 1),
            full_capacity=True,
            criminal_penalty=False,
            barred_by_law=False,
            health_fit=True,
            photo_taken_on=date(2026, 10, 20),
            health_check_on=date(2026, 11, 2),
        ),
        **changed,
    )


def facts(**changed: Any) -> Facts:
    """Facts on which every rule of REG/FIRST passes; any of them changed."""
    institution = changed.pop("institution", an_institution())
    own_policy = changed.pop("policy", policy(division=institution.division if institution else "43"))
    return replace(
        Facts(
            on=TODAY,
            filed_on=TODAY,
            type="REG",
            sub_kind="FIRST",
            provinces=PROVINCES,
            applicant=Applicant(PERSON, True, frozenset({QUALIFICATION}), frozenset()),
            qualification=a_qualification(),
            institution=institution,
            answers=fine_answers(),
            materials=frozenset({"photo", "employment_proof"}),
            policy=own_policy,
        ),
        **changed,
    )


def a_pin(on: date = TODAY, province: str = "43") -> Pin:
    """The policy version of a day."""
    return BOOK.pin(province, on)


def an_assessment(found: Facts | None = None, occasion: Occasion = Occasion.SUBMISSION) -> Assessment:
    """A run of all rules."""
    return assess(REG, found or facts(), a_pin(), occasion)


def a_material(kind: str, **changed: Any) -> StoredMaterial:
    """A stored material."""
    return replace(
        StoredMaterial(kind, "a" * 64, f"{kind}.pdf", "application/pdf", 1000, 1, NOW),
        **changed,
    )


def an_identity(**changed: Any) -> Identity:
    """Person B of the handbook."""
    return replace(Identity("沈若溪", "430199199708150249", "female", "1997-08-15", "138****0001"), **changed)


def an_application(**changed: Any) -> Application:
    """A complete draft that could be submitted."""
    return replace(
        Application(
            id=numbered(0xD1),
            version=1,
            number="ZC20261123-0001",
            province="43",
            type="REG",
            sub_kind="FIRST",
            state=ApplicationState.DRAFT,
            submission=0,
            person_id=PERSON,
            identity=an_identity(),
            qualification=QualificationSnapshot(a_qualification(), "202643110430199199708150249"),
            created_at=NOW,
            updated_at=NOW,
            form={
                "personal": {
                    "full_capacity": True,
                    "health_fit": True,
                    "criminal_penalty": False,
                    "barred_by_law": False,
                },
                "qualification": {},
                "institution": {"institution_id": str(INSTITUTION), "start_on": "2026-12-01"},
                "scope": {"scopes": ["C01"]},
            },
            institution=an_institution(),
            materials=(a_material("photo", media_type="image/jpeg"), a_material("employment_proof")),
        ),
        **changed,
    )


def a_standing(**changed: Any) -> Standing:
    """A valid registration at the district hospital."""
    return replace(
        Standing(
            status=RegistrationStatus.ACTIVE,
            practice_place="43",
            category="10",
            scopes=("C01",),
            institution_id=INSTITUTION,
            institution_name="示例区人民医院",
            authority_id=numbered(0xE1),
            authority_name="示例区卫生健康局",
            authority_path="43/4301/430102",
            decision_number="示卫医许〔2026〕1号",
        ),
        **changed,
    )
