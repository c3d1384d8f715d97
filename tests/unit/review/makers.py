"""Builders with sensible defaults for what `review` deals in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from services.review.domain.case import ActorFacts, Authority, Case, Institution, Policy, Reason
from services.review.domain.context import Context
from services.review.domain.submissions import Submission, new_case
from services.review.domain.transitions import Advanced, advance, automatic
from services.review.domain.workflow import ActorKind, Workflow
from services.review.workflow_files import Workflows
from shared.platform.ids import new_id
from shared.platform.working_days import WorkingDays, local_date, published_years
from shared.trade.policy import Policy as ProvincePolicies

ROOT = Path(__file__).resolve().parents[3]
CALENDAR = WorkingDays(published_years())
MONDAY = datetime(2022, 11, 7, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai

PERSON = UUID("00000000-0000-7000-8000-000000000001")
OFFICER = UUID("00000000-0000-7000-8000-000000000011")
PROVINCE = Authority(UUID("00000000-0000-7000-8000-0000000000c1"), "示例省卫生健康委员会", "province", "43")
CITY = Authority(UUID("00000000-0000-7000-8000-0000000000c2"), "示例市卫生健康委员会", "city", "4301")
COUNTY = Authority(UUID("00000000-0000-7000-8000-0000000000c3"), "示例区卫生健康局", "county", "430102")
ELSEWHERE = Authority(UUID("00000000-0000-7000-8000-0000000000c4"), "另一区卫生健康局", "county", "430103")
HOSPITAL = UUID("00000000-0000-7000-8000-0000000000d1")
OTHER_HOSPITAL = UUID("00000000-0000-7000-8000-0000000000d2")

ROLES = ("clerk", "window", "officer", "head", "physician", "examiner", "administrator", "security")


@cache
def workflow() -> Workflow:
    """REG as it stands in the repository."""
    return Workflows.load().current("REG").workflow


@cache
def national_values() -> dict[str, Any]:
    """The knobs of the national file."""
    return ProvincePolicies.load(ROOT / "provinces", []).at(date(2022, 11, 7)).values("43")


def a_policy(on: date = date(2022, 11, 7), number: str = "national-1", **values: Any) -> Policy:
    """A policy with the national defaults, other values by key with `__` for the dot."""
    changed = {key.replace("__", "."): value for key, value in values.items()}
    return Policy(number, f"digest of {number}", on, national_values() | changed)


def an_institution(
    *, authority: Authority = COUNTY, hospital: UUID = HOSPITAL, licence_status: str = "valid"
) -> Institution:
    """A hospital in 430102, approved by `authority`."""
    others = tuple(one for one in (COUNTY, CITY, PROVINCE) if one != authority)
    return Institution(
        id=hospital,
        name="示例人民医院",
        division="430102",
        licence_status=licence_status,
        authority=authority,
        others=others,
        snapshot=a_snapshot(hospital, authority, others, licence_status),
    )


def a_snapshot(
    hospital: UUID, authority: Authority, others: tuple[Authority, ...], licence_status: str
) -> dict[str, Any]:
    """What `accounts` tells of an institution, loaded."""
    order = ("county", "city", "province")

    def is_above(one: Authority) -> bool:
        return order.index(one.tier) > order.index(authority.tier)

    return {
        "id": hospital,
        "version": 1,
        "name": "示例人民医院",
        "licence_number": "99900011X43010211A1001",
        "licence_status": licence_status,
        "licence_valid_to": None,
        "division": "430102",
        "category": "A",
        "departments": ["内科"],
        "authority": vars(authority),
        "superiors": [vars(one) for one in others if is_above(one)],
        "subordinates": [vars(one) for one in others if not is_above(one)],
    }


def a_submission(**changes: Any) -> Submission:
    """A first submission for the hospital."""
    submission = Submission(
        application_id=new_id(),
        number="ZC20221107-0001",
        type="REG",
        sub_kind="FIRST",
        submission=1,
        person_id=PERSON,
        applicant_name="阿依·买买提",
        level="1",
        category="10",
        institution=an_institution(),
        outcomes=(an_outcome("gate_open"),),
        materials=("photo", "employment_proof"),
        paper_materials=("employment_proof", "application_form"),
        policy=a_policy(),
    )
    return replace(submission, **changes)


def an_outcome(rule: str, result: str = "passed", *, sensitive: bool = False) -> dict[str, Any]:
    """What one rule found."""
    return {
        "rule": rule,
        "result": result,
        "code": f"{rule}_{result}",
        "article": "医师法 art.13",
        "rule_version": 1,
        "source": "law",
        "seen": {},
        "remedy": {},
        "sensitive": sensitive,
    }


def a_context(now: datetime = MONDAY, policy: Policy | None = None, **said: Any) -> Context:
    """The context of an action at a moment."""
    return Context(now, local_date(now), CALENDAR, policy or a_policy(), **said)


def staff(role: str, organisation_id: UUID, person_id: UUID | None = None) -> ActorFacts:
    """A member of staff."""
    return ActorFacts(ActorKind.STAFF, f"staff:{OFFICER}", role, organisation_id, person_id)


CLERK = staff("clerk", HOSPITAL)
WINDOW = staff("window", COUNTY.id)
DECIDER = staff("officer", COUNTY.id)
APPLICANT = ActorFacts(ActorKind.APPLICANT, f"person:{PERSON}", "physician", person_id=PERSON)
SYSTEM = ActorFacts(ActorKind.SYSTEM, "service:review", "service")


def event(name: str) -> ActorFacts:
    """News of another service."""
    return ActorFacts(ActorKind.EVENT, "service:applications", "service", name=name)


def timer(name: str = "") -> ActorFacts:
    """A clock that came to its end."""
    return ActorFacts(ActorKind.TIMER, "service:review", "service", name=name)


def opened(submission: Submission | None = None, now: datetime = MONDAY) -> Case:
    """A case that waits for its institution."""
    case = new_case(submission or a_submission(), workflow(), case_id=new_id(), now=now, today=local_date(now))
    return step(case, "open", event("application_submitted"), a_context(now)).case


def step(case: Case, action: str, actor: ActorFacts, context: Context | None = None) -> Advanced:
    """One step."""
    return advance(workflow(), case, action, actor, context or a_context())


def walk(case: Case, *steps: tuple[str, ActorFacts], context: Context | None = None) -> Case:
    """Several steps, and those that the system takes by itself."""
    context = context or a_context()
    for action, actor in steps:
        said = context
        if action == "receive_paper":
            said = replace(context, papers=case.paper_materials)
        case = settled(step(case, action, actor, said).case, context)
    return case


def settled(case: Case, context: Context) -> Case:
    """The case after what the system does by itself."""
    while (following := automatic(workflow(), case, context)) is not None:
        case = step(case, following, SYSTEM, context).case
    return case


def confirmed(case: Case | None = None, **kwargs: Any) -> Case:
    """A case that the institution confirmed."""
    return walk(case or opened(), ("confirm", CLERK), **kwargs)


def received(case: Case | None = None, **kwargs: Any) -> Case:
    """A case whose paper file is there."""
    return walk(confirmed(case, **kwargs), ("receive_paper", WINDOW), **kwargs)


def accepted(case: Case | None = None, **kwargs: Any) -> Case:
    """A case that was accepted."""
    return walk(received(case, **kwargs), ("accept", WINDOW), **kwargs)


def in_state(state: str) -> Case:
    """A case of the default policy in a state of the table, by the shortest way."""
    tiered = opened(a_submission(institution=an_institution(authority=CITY)))
    tiered_context = a_context(policy=a_policy(review__pre_tiers=["county", "province"]))
    city_window = staff("window", CITY.id)
    if state == "PRE_REVIEW":
        case = walk(tiered, ("confirm", CLERK), ("receive_paper", city_window), context=tiered_context)
        return walk(case, ("accept", city_window), context=tiered_context)
    ways: dict[str, Any] = {
        "ORG_REVIEW": opened,
        "ORG_RETURNED": lambda: step(opened(), "return_to_applicant", CLERK, with_reason("photo_unfit")).case,
        "ORG_REJECTED": lambda: step(opened(), "reject", CLERK, with_reason("not_employed_here")).case,
        "ORG_CONFIRMED": confirmed,
        "RECEIVED": received,
        "SUPPLEMENT": lambda: step(received(), "supplement", WINDOW, with_reason("photo_unfit")).case,
        "NOT_ACCEPTED": lambda: step(received(), "not_accept", WINDOW, with_reason("no_licence_needed")).case,
        "ACCEPTED": accepted,
        "APPROVED": lambda: step(accepted(), "approve", DECIDER).case,
        "REFUSED": lambda: step(accepted(), "refuse", DECIDER, with_reason("criminal_penalty", note="事实")).case,
        "EFFECT_BLOCKED": lambda: step(in_state("APPROVED"), "effect_blocked", event("effect_blocked")).case,
        "WITHDRAWN": lambda: step(opened(), "withdraw", APPLICANT).case,
        "TERMINATED": lambda: step(opened(), "licence_cancelled", event("licence_cancelled")).case,
        "SUBMITTED": lambda: new_case(
            a_submission(), workflow(), case_id=new_id(), now=MONDAY, today=local_date(MONDAY)
        ),
    }
    found: Case = ways[state]()
    assert found.state == state
    return found


def with_reason(code: str, *, note: str = "", target: str = "", **said: Any) -> Context:
    """A context in which one reason is given."""
    return a_context(reasons=(Reason(code, target=target, note=note),), note=note, **said)


def days_later(days: int, start: datetime = MONDAY) -> datetime:
    """A moment some calendar days later."""
    return start + timedelta(days=days)
