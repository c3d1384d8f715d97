"""What one authority tells another about a case (复核意见) is for the authorities and the applicant alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.review.authority import hears_opinions
from services.review.domain.case import Reason, Step
from services.review.news import advanced_news
from services.review.views import case_view
from shared.platform.identity import Actor

from .makers import (
    CALENDAR,
    CITY,
    COUNTY,
    ELSEWHERE,
    HOSPITAL,
    MONDAY,
    PERSON,
    PROVINCE,
    a_policy,
    in_state,
    staff,
    step,
    with_reason,
    workflow,
)

POLICY = a_policy(review__pre_tiers=["county", "province"])
OBJECTION = with_reason("criminal_penalty", note="复核发现的事实")


@dataclass
class Objected:
    """A case that the county objected to, with its history so far."""

    case: object = field(default_factory=lambda: in_state("PRE_REVIEW"))
    steps: list[Step] = field(default_factory=list)

    def take(self, action, actor, context=None):
        taken = step(self.case, action, actor, context)
        self.case, self.steps = taken.case, [*self.steps, taken.step]
        return taken.step

    def seen(self, *, hears):
        return case_view(
            self.case,
            workflow(),
            task=None,
            actions=(),
            steps=self.steps,
            calendar=CALENDAR,
            today=date(2022, 11, 7),
            now=MONDAY,
            viewer_id=uuid4(),
            role="officer" if hears else "clerk",
            hears_opinions=hears,
        )


@pytest.fixture
def objected():
    case = Objected()
    case.take("object", staff("officer", COUNTY.id), OBJECTION)
    return case


def reasons(view):
    return [item["code"] for item in view["reasons"]]


def test_who_hears_no_opinions_sees_that_there_was_one_and_not_what_it_says(objected):
    told, kept = objected.seen(hears=True), objected.seen(hears=False)
    assert reasons(told) == ["criminal_penalty"] == [item["code"] for item in told["entries"][0]["reasons"]]
    assert reasons(kept) == [] == kept["entries"][0]["reasons"]
    assert kept["entries"][0]["action"] == "object"
    assert "复核发现的事实" in str(told)
    assert "复核发现的事实" not in str(kept)


def test_the_news_of_a_step_does_not_tell_the_opinion_either(objected):
    """Whoever follows the case's events keeps them for the institution as well."""
    news = advanced_news(workflow(), objected.case, objected.steps[0])
    assert (news["reasons"], news["note"]) == ([], "")


def test_a_refusal_on_the_same_ground_is_told_to_the_institution(objected):
    """医师法 art.16: the refusal goes to applicant and institution with its reasons."""
    while objected.case.state != "ACCEPTED":
        objected.take("agree", staff("officer", PROVINCE.id))
    objected.take("refuse", staff("officer", CITY.id), OBJECTION)
    assert reasons(objected.seen(hears=False)) == ["criminal_penalty"]
    assert advanced_news(workflow(), objected.case, objected.steps[-1])["reasons"] != []


def test_what_stood_before_the_opinion_stays_to_be_seen(objected):
    earlier = Reason("photo_unfit", "photo")
    objected.case = replace(objected.case, reasons=(earlier, *objected.case.reasons))
    assert reasons(objected.seen(hears=False)) == ["photo_unfit"]


def an_actor(kind: str, role: str, organisation: UUID | None = None, organisation_kind: str | None = None) -> Actor:
    subject = PERSON if kind == "person" else uuid4()
    return Actor(
        kind=kind,
        id=f"{kind}:{subject}",
        role=role,
        organisation_id=organisation,
        organisation_kind=organisation_kind,
    )


@pytest.mark.parametrize(
    ("actor", "hears"),
    [
        (an_actor("person", "physician"), True),
        (an_actor("staff", "officer", CITY.id, "authority"), True),
        (an_actor("staff", "officer", COUNTY.id, "authority"), True),
        (an_actor("staff", "head", PROVINCE.id, "authority"), True),
        (an_actor("staff", "officer", ELSEWHERE.id, "authority"), False),
        (an_actor("staff", "clerk", HOSPITAL, "institution"), False),
    ],
    ids=["applicant", "competent", "reviewing", "superior", "another authority", "institution"],
)
def test_the_authorities_of_the_case_and_its_applicant_hear_opinions(actor, hears):
    """个人信息保护法 art.28: never the employer."""
    case = replace(in_state("PRE_REVIEW"), policy=POLICY)
    assert hears_opinions(actor, case) is hears
