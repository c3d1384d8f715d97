"""Whose business a case is: each action × role × relation of the table."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from services.review.authority import AUTHORITY
from shared.platform.authorisation import ActingActor
from shared.platform.errors import PermissionDenied
from shared.platform.identity import Actor

from .makers import CITY, COUNTY, ELSEWHERE, HOSPITAL, OTHER_HOSPITAL, PERSON, PROVINCE, in_state

CASE = in_state("PRE_REVIEW")  # the city decides, county and province look first
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
        "other hospital": ("institution", OTHER_HOSPITAL),
        "competent": ("authority", CITY.id),
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


def expected(action: str, role: str, place: str) -> bool:
    if action in LISTS:
        return role in ("clerk", "window", "officer", "head")
    if action in ("case.withdraw", "case.timeline"):
        return (role, place) == ("physician", "applicant")
    if role == "clerk":
        return place == "own hospital" and action in (*ACT, "case.view")
    if role in ("window", "officer", "head") and place == "competent":
        return True
    if role in ("officer", "head") and place in ("county", "province"):
        return action in (*ACT, "case.view")
    return False


@pytest.mark.parametrize("action", sorted(AUTHORITY.actions))
def test_each_cell_of_the_table(action: str) -> None:
    places: tuple[str, ...] = ("own hospital", "other hospital", "competent", "county", "province", "elsewhere")
    for role, place in product(ROLES, (*places, "applicant", "other person")):
        assert allowed(action, role, place) == expected(action, role, place), (action, role, place)


def allowed(action: str, role: str, place: str) -> bool:
    try:
        acting = ActingActor(actor(role, place), AUTHORITY, action)
        record: Any = CASE
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
