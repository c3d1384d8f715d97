"""The shortest way of a case of any kind into any state, step by step, with what each step's actor brings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.review.domain.case import Case, Reason
from services.review.domain.context import Context
from services.review.domain.steps import ActorFacts

from .kinds import Scenario
from .makers import APPLICANT, SYSTEM, a_context, days_later, event, staff, step, submitted, timer, workflow

WORDS = "说明"
#: The news or the clock that an action waits for, where it is not named after it.
EVENT_OF = {"open": "application_submitted", "resubmit": "application_submitted"} | {
    "supplemented": "application_supplemented",
    "reassess": "application_reassessed",
}
CLOCK_OF = {
    "deem_accepted": "supplement_notice",
    "release_by_silence": "release",
    "confirm_by_silence": "institution",
}
#: What leads there, from which state: the first that the kind knows.
WAYS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "ORG_REVIEW": (("SUBMITTED", "open", "event"),),
    "ORG_RETURNED": (("ORG_REVIEW", "return_to_applicant", "clerk"),),
    "ORG_REJECTED": (("ORG_REVIEW", "reject", "clerk"),),
    "ORG_CONFIRMED": (("ORG_REVIEW", "confirm", "clerk"), ("SUBMITTED", "open", "event")),
    "RELEASE": (("ORG_CONFIRMED", "ask_release", "system"),),
    "RECEIVED": (("ORG_CONFIRMED", "receive_paper", "window"),),
    "SUPPLEMENT": (("RECEIVED", "supplement", "window"),),
    "NOT_ACCEPTED": (("RECEIVED", "not_accept", "window"),),
    "ACCEPTED": (("RECEIVED", "accept", "window"), ("SUBMITTED", "open", "event")),
    "PRE_REVIEW": (("ACCEPTED", "forward", "system"),),
    "APPROVED": (("ACCEPTED", "approve", "officer"),),
    "REFUSED": (("ACCEPTED", "refuse", "officer"),),
    "EFFECT_BLOCKED": (("APPROVED", "effect_blocked", "event"),),
    "WITHDRAWN": (("RECEIVED", "withdraw", "applicant"), ("RECEIVED", "withdraw", "clerk")),
    "TERMINATED": (("EFFECT_BLOCKED", "terminate", "officer"),),
}


def reach(scenario: Scenario, state: str) -> Case | None:
    """The scenario's case in a state; None where its own table leads nowhere near."""
    if state == "SUBMITTED":
        return submitted(scenario.submission())
    table = scenario.table
    for before, action, who in WAYS[state]:
        leads = {name: to for name, to in table.get((before, action), {}).items() if _is(who, name)}
        if state in leads.values() and (case := reach(scenario, before)) is not None:
            return step(case, action, actor_for(who, action, case), fitting(case, action)).case
    return None


def _is(who: str, name: str) -> bool:
    return who == name or (who, name) == ("clerk", "starter")


def actor_for(who: str, action: str, case: Case) -> ActorFacts:
    """Somebody who may do so."""
    institution, authority = case.institution.id, case.institution.authority.id
    return {
        "event": event(EVENT_OF.get(action, action)),
        "system": SYSTEM,
        "timer": timer(CLOCK_OF.get(action, "")),
        "applicant": APPLICANT,
        "clerk": staff("clerk", institution),
        "window": staff("window", authority),
        "officer": staff("officer", authority),
    }[who]


def fitting(case: Case, action: str) -> Context:
    """A context in which an action lacks nothing, so that only state and actor decide."""
    rows = [row for row in workflow(case.type).actions if row.name == action]
    said: dict[str, Any] = {"note": WORDS} if any(row.reasons or row.note for row in rows) else {}
    if any(row.reasons for row in rows) or action == "reassess":
        said["reasons"] = (Reason("other"),)
    if any(row.papers for row in rows):
        said["papers"] = case.paper_materials
    paperless = {**case.policy.values, "paper.required": False}
    policy = replace(case.policy, values=paperless) if action == "receive" else case.policy
    return a_context(days_later(60) if action in CLOCK_OF else days_later(0), policy, **said)


def with_facts(case: Case, action: str) -> Case:
    """The case as it has to be for what only the system does: an institution without licence is passed over."""
    if action != "pass_over":
        return case
    if case.state == "RELEASE" and case.releasing is not None:
        return replace(case, releasing=replace(case.releasing, licence_status="cancelled"))
    return replace(case, licence_status="cancelled")
