"""Whose business a case is: each action × role × relation of the table."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from services.review.authority import AUTHORITY
from services.review.domain.case import Case
from shared.platform.authorisation import ActingActor
from shared.platform.errors import PermissionDenied
from shared.platform.identity import Actor

from .kinds import SCENARIOS
from .makers import (
    CITY,
    CLERK,
    COUNTY,
    ELSEWHERE,
    HOSPITAL,
    OLD_CLERK,
    OLD_HOSPITAL,
    OTHER_HOSPITAL,
    PERSON,
    PROVINCE,
    a_context,
    event,
    in_state,
    settled,
    step,
    submitted,
)


def after(name: str, *actions: tuple[str, Any]) -> Case:
    """The case of a scenario after some steps, and what the system does by itself."""
    case = submitted(next(one for one in SCENARIOS if one.name == name).submission())
    for action, by in (("open", event("application_submitted")), *actions):
        case = settled(step(case, action, by).case, a_context())
    return case


CONFIRM, RELEASE = ("confirm", CLERK), ("release", OLD_CLERK)
CASES = {
    "looked at by tiers": in_state("PRE_REVIEW"),  # the city decides, county and province look first
    "changed": after("CHANGE from elsewhere"),  # nobody is asked yet: the institution has not confirmed
    "released by the institution": after("CHANGE from elsewhere", CONFIRM),
    "released by the authority": after("CHANGE from elsewhere", CONFIRM, RELEASE),
    "told": after("MULTI_ADD", CONFIRM),  # the main institution is not asked
    "reported": after("CANCEL by report"),
    "begun ex officio": after("CANCEL ex officio"),
}
TIERS = {"county": "reviews", "province": "reviews"}
#: Who deals with each case besides its institution and the authority that decides.
ALSO = {
    "looked at by tiers": TIERS,
    "changed": TIERS,
    "released by the institution": {**TIERS, "old hospital": "releases"},
    "released by the authority": {**TIERS, "old hospital": "releases", "elsewhere": "releases"},
    "told": {},
    "reported": {"own hospital": "started"},
    "begun ex officio": {},
}
ROLES = (
    "visitor",
    "physician",
    "clerk",
    "window",
    "officer",
    "head",
    "examiner",
    "administrator",
    "security",
    "service",
    "operator",
)
ACT = ("task.claim", "task.release", "case.decide")
LISTS = ("task.list", "task.next")


def actor(role: str, place: str) -> Actor:
    """Somebody in a role at a place: an own or another organisation, or the applicant."""
    organisations = {
        "own hospital": ("institution", HOSPITAL),
        "old hospital": ("institution", OLD_HOSPITAL),
        "other hospital": ("institution", OTHER_HOSPITAL),
        "city": ("authority", CITY.id),
        "county": ("authority", COUNTY.id),
        "province": ("authority", PROVINCE.id),
        "elsewhere": ("authority", ELSEWHERE.id),
    }
    if place in ("applicant", "other person"):
        person = PERSON if place == "applicant" else OTHER_HOSPITAL
        return Actor(kind="person", id=f"person:{person}", role=role)
    kind, organisation = organisations[place]
    return Actor(
        kind="staff", id=f"staff:{OTHER_HOSPITAL}", role=role, organisation_id=organisation, organisation_kind=kind
    )


def expected(name: str, action: str, role: str, place: str) -> bool:
    case, also = CASES[name], ALSO[name].get(place, "")
    if action in LISTS:
        return role in ("clerk", "window", "officer", "head")
    if action == "case.withdraw" and (role, also) == ("clerk", "started"):
        return True
    if action in ("case.withdraw", "case.contest", "case.timeline"):
        return (role, place) == ("physician", "applicant")
    if role == "clerk":
        own = place == "own hospital" or (place, also) == ("old hospital", "releases")
        return own and action in (*ACT, "case.view")
    authority = {COUNTY: "county", CITY: "city"}[case.institution.authority]
    if role in ("window", "officer", "head") and place == authority:
        return True
    if role in ("officer", "head") and also in ("reviews", "releases") and "hospital" not in place:
        return action in (*ACT, "case.view")
    above = ("county", "city", "province")
    is_above = place in above and above.index(place) > above.index(authority)
    return role in ("officer", "head") and is_above and action == "case.view"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("action", sorted(AUTHORITY.actions))
def test_each_cell_of_the_table(action: str, name: str) -> None:
    places = ("own hospital", "old hospital", "other hospital", "county", "city", "province", "elsewhere")
    for role, place in product(ROLES, (*places, "applicant", "other person")):
        got = allowed(CASES[name], action, role, place)
        assert got == expected(name, action, role, place), (action, role, place)


def allowed(case: Case, action: str, role: str, place: str) -> bool:
    try:
        acting = ActingActor(actor(role, place), AUTHORITY, action)
        record: Any = case
        acting.require(record)
    except PermissionDenied:
        return False
    return True


def test_a_superior_that_does_not_review_may_look_and_not_act() -> None:
    case = in_state("ACCEPTED")  # decided by the county, no tiers
    superior = actor("head", "province")
    ActingActor(superior, AUTHORITY, "case.view").require(case)
    with pytest.raises(PermissionDenied, match="not_allowed"):
        ActingActor(superior, AUTHORITY, "case.decide").require(case)
