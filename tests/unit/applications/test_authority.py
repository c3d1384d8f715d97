"""Who stands in which relation to a record: own, target institution, competent authority."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.applications.authority import AUTHORITY, RELATIONS
from services.applications.domain.dossier import Dossier
from services.applications.domain.institution import Authority
from shared.platform.identity import Actor
from tests.integration.applications.records import a_registration
from tests.unit.applications.factories import INSTITUTION, PERSON, an_application, an_institution, numbered

COUNTY, CITY, PROVINCE, NEIGHBOUR = (numbered(number) for number in (0xE1, 0xE2, 0xE3, 0xE4))
BY_CITY = an_institution(
    authority=Authority(CITY, "示例市卫生健康委员会", "city", "4301"),
    superiors=(Authority(PROVINCE, "示例省卫生健康委员会", "province", "43"),),
    subordinates=(Authority(COUNTY, "示例区卫生健康局", "county", "430102"),),
)
SUBMITTED = Dossier(an_application(submission=1, institution=BY_CITY), ("county",))
DRAFT = Dossier(an_application(institution=BY_CITY), ("county",))
REGISTERED = a_registration()
NOWHERE = Dossier(an_application(submission=1, institution=None), ("county",))


def clerk(institution=INSTITUTION) -> Actor:
    """A clerk of an institution."""
    return Actor(kind="staff", id="staff:1", role="clerk", organisation_id=institution, organisation_kind="institution")


def officer(organisation, division: str = "43/4301/430102", kind: str = "authority") -> Actor:
    """An officer of an authority."""
    return Actor(
        kind="staff",
        id="staff:2",
        role="officer",
        organisation_id=organisation,
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
        ("target_institution", clerk(), NOWHERE, False),
        ("competent_authority", officer(CITY), SUBMITTED, True),
        ("competent_authority", officer(CITY), DRAFT, False),
        ("competent_authority", officer(CITY), NOWHERE, False),
        ("competent_authority", officer(COUNTY), SUBMITTED, False),
        ("competent_authority", officer(NEIGHBOUR), SUBMITTED, False),
        ("competent_authority", officer(None), NOWHERE, False),
        ("competent_authority", officer(CITY, kind="institution"), SUBMITTED, False),
        # 430102 looks first by policy; standing in the same place, or above, gives no right by itself
        ("reviewing_authority", officer(COUNTY), SUBMITTED, True),
        ("reviewing_authority", officer(COUNTY), replace(SUBMITTED, pre_tiers=()), False),
        ("reviewing_authority", officer(COUNTY), DRAFT, False),
        ("reviewing_authority", officer(COUNTY), NOWHERE, False),
        ("reviewing_authority", officer(PROVINCE), SUBMITTED, False),
        ("reviewing_authority", officer(PROVINCE), replace(SUBMITTED, pre_tiers=("province",)), True),
        ("reviewing_authority", officer(NEIGHBOUR), SUBMITTED, False),
        ("reviewing_authority", officer(COUNTY, kind="institution"), SUBMITTED, False),
        ("keeping_authority", officer(COUNTY), REGISTERED, True),
        ("keeping_authority", officer(COUNTY, "430102"), REGISTERED, True),
        ("keeping_authority", officer(CITY, "43/4301"), REGISTERED, True),
        ("keeping_authority", officer(PROVINCE, "43"), REGISTERED, True),
        ("keeping_authority", officer(NEIGHBOUR, "43/4301/430103"), REGISTERED, False),
        ("keeping_authority", officer(NEIGHBOUR, "43/4302"), REGISTERED, False),
        ("keeping_authority", officer(NEIGHBOUR, "44"), REGISTERED, False),
        ("keeping_authority", officer(COUNTY, ""), REGISTERED, False),
        ("keeping_authority", officer(COUNTY, "43", kind="institution"), REGISTERED, False),
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
