"""Who stands in which relation to a record: own, target institution, competent authority."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.applications.authority import AUTHORITY, RELATIONS
from shared.platform.identity import Actor
from tests.unit.applications.factories import INSTITUTION, PERSON, an_application, numbered

SUBMITTED = an_application(submission=1)
DRAFT = an_application()


def clerk(institution=INSTITUTION) -> Actor:
    """A clerk of an institution."""
    return Actor(kind="staff", id="staff:1", role="clerk", organisation_id=institution, organisation_kind="institution")


def officer(division: str, kind: str = "authority") -> Actor:
    """An officer of an authority."""
    return Actor(
        kind="staff",
        id="staff:2",
        role="officer",
        organisation_id=numbered(5),
        organisation_kind=kind,
        division=division,
    )


@pytest.mark.parametrize(
    ("relation", "actor", "record", "holds"),
    [
        ("own", Actor(kind="person", id=f"person:{PERSON}", role="physician"), DRAFT, True),
        ("own", Actor(kind="person", id=f"person:{numbered(9)}", role="physician"), DRAFT, False),
        ("own", Actor(kind="staff", id=f"person:{PERSON}", role="officer"), DRAFT, False),
        ("target_institution", clerk(), SUBMITTED, True),
        ("target_institution", clerk(), DRAFT, False),
        ("target_institution", clerk(numbered(9)), SUBMITTED, False),
        ("target_institution", replace(clerk(), organisation_kind="authority"), SUBMITTED, False),
        ("target_institution", clerk(), replace(SUBMITTED, institution=None), False),
        ("competent_authority", officer("43/4301/430102"), SUBMITTED, True),
        ("competent_authority", officer("430102"), SUBMITTED, True),
        ("competent_authority", officer("43/4301"), SUBMITTED, True),
        ("competent_authority", officer("43"), SUBMITTED, True),
        ("competent_authority", officer("43/4301/430102"), DRAFT, False),
        ("competent_authority", officer("43/4301/430103"), SUBMITTED, False),
        ("competent_authority", officer("43/4302"), SUBMITTED, False),
        ("competent_authority", officer("44"), SUBMITTED, False),
        ("competent_authority", officer(""), SUBMITTED, False),
        ("competent_authority", officer("43", kind="institution"), SUBMITTED, False),
    ],
)
def test_a_relation_holds_for_those_it_is_meant_for(relation, actor, record, holds):
    """Division prefixes of whole parts; a draft is the applicant's alone."""
    assert RELATIONS[relation](actor, record) is holds


def test_only_an_applicant_changes_an_application():
    """Nobody else has a row for it."""
    writing = {"application.edit", "application.submit", "application.supplement", "material.attach"}
    assert {row.role for row in AUTHORITY.rows if row.action in writing} == {"physician"}
    assert {row.relation for row in AUTHORITY.rows if row.action in writing} == {"own"}


def test_a_visitor_may_look_up_and_nothing_else():
    """The public's two questions, and which kinds of business there are."""
    assert {row.action for row in AUTHORITY.rows if row.role == "visitor"} == {
        "business.list",
        "public.search",
        "public.check",
    }
