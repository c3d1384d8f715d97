"""Who is told what about an application on its way (domain.md §9.1, from submission to decision)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from . import mailboxes
from .notice import Notice

APPLICANT, INSTITUTION = "applicant", "institution"
BOTH = (APPLICANT, INSTITUTION)

# The state that a case has come to: who is told, in which words. What has no row (a paper received, a pre-review) is
# seen in the timeline and told to nobody. Approval is told by the register, refusal by the decision.
ON_STATE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ORG_RETURNED": ("org_returned", (APPLICANT,)),
    "ORG_REJECTED": ("org_rejected", (APPLICANT,)),
    "ORG_CONFIRMED": ("org_confirmed", (APPLICANT,)),
    "SUPPLEMENT": ("supplement", BOTH),
    "ACCEPTED": ("accepted", BOTH),
    "NOT_ACCEPTED": ("not_accepted", BOTH),
    "EFFECT_BLOCKED": ("effect_blocked", (APPLICANT,)),
    "WITHDRAWN": ("withdrawn", BOTH),
    "TERMINATED": ("terminated", BOTH),
}
# Silence for five working days: it counts as accepted from the day of receipt (行政许可法 art.32(4)).
DEEM_ACCEPTED = "deem_accepted"
# The policy of the day of receipt asks for more than a notice that is out already: the whole list is told again.
REASSESS = "reassess"
# A task of which the desk that has to act is told when it opens; other tasks are found in the work list.
ON_TASK = {"confirm": "to_confirm", "receive": "to_receive", "resolve": "to_resolve"}
STATUTORY_MARKS = (5, 2, 0)
ENDS = frozenset({"ORG_REJECTED", "NOT_ACCEPTED", "REFUSED", "WITHDRAWN", "TERMINATED"})


def submitted(facts: Mapping[str, Any]) -> list[Notice]:
    """The applicant's own copy; the institution is told when its task opens, since only then a day is set."""
    told = {name: facts[name] for name in ("number", "type", "submission")} | {
        "institution": facts["institution"]["name"]
    }
    return [Notice("submitted", mailboxes.of_person(facts["person_id"]), told, facts["application_id"])]


def task_opened(facts: Mapping[str, Any]) -> list[Notice]:
    """The desk that has to act: the institution has ten working days, then it is reminded; never a confirmation."""
    template = ON_TASK.get(facts["step"])
    if template is None:
        return []
    desk = mailboxes.of_desk(facts["organisation_id"], facts["role"])
    return [Notice(template, desk, _case(facts) | {"due_on": facts["due_on"]}, facts["application_id"])]


def case_advanced(facts: Mapping[str, Any]) -> list[Notice]:
    """A step of the case, told once to each whom it concerns.

    Supplement: the full list, once (行政许可法 art.32(4)); accepted or not: a dated slip (art.32, second paragraph).
    """
    state, before = facts["to_state"], facts["from_state"]
    if state == before and facts["action"] != REASSESS:
        return []
    if state not in ON_STATE or (state == "ACCEPTED" and before != "RECEIVED"):
        return []
    template, audience = ON_STATE[state]
    if state == "ACCEPTED" and facts["action"] == DEEM_ACCEPTED:
        template = "accepted_by_silence"
    told = _case(facts) | {
        "reasons": facts["reasons"],
        "note": facts["note"],
        "effective_on": facts["effective_on"],
        "act_until": facts["act_until"],
        "window_address": facts["window_address"],
        "right_authority": (facts["right_authority"] or {}).get("name", ""),
    }
    return _to(audience, template, told, facts)


def case_decided(facts: Mapping[str, Any]) -> list[Notice]:
    """A refusal is written, with reasons and remedies, to applicant and institution (医师法 art.16, 行政许可法 art.38).

    An approval is not told here: only when the register has it, since a condition may have changed meanwhile.
    """
    if facts["outcome"] != "refused":
        return []
    told = _case(facts) | {
        "authority": facts["deciding_authority"]["name"],
        "decision_number": facts["decision_number"],
        "decided_on": facts["decided_on"],
        "reasons": facts["reasons"],
        "note": facts["note"],
        "remedies": facts["remedies"],
    }
    return _to(BOTH, "refused", told, facts)


def deadline_near(facts: Mapping[str, Any]) -> list[Notice]:
    """5, 2 and 0 working days before a limit: whoever has to act, and in an authority the head of the section."""
    template = "deadline_today" if facts["days_left"] == 0 else "deadline_near"
    return _to_desks(template, facts)


def deadline_passed(facts: Mapping[str, Any]) -> list[Notice]:
    """A limit has passed: the same are told, and the applicant if it was the institution's.

    The institution's silence is never a confirmation: the applicant may ask there, or withdraw and choose another.
    """
    notices = _to_desks("deadline_passed", facts)
    if facts["role"] == "clerk":
        told = _case(facts) | {"clock": facts["clock"], "due_on": facts["due_on"]}
        notices += _to((APPLICANT,), "institution_overdue", told, facts)
    return notices


def leaves_the_desk(facts: Mapping[str, Any]) -> bool:
    """Whether a step takes the case away from the desk it lay on, so that nobody there is to be reminded any more."""
    return bool(facts["to_state"] != facts["from_state"])


def has_ended(facts: Mapping[str, Any]) -> bool:
    """Whether the case is over without a registration."""
    return facts["to_state"] in ENDS


def _to_desks(template: str, facts: Mapping[str, Any]) -> list[Notice]:
    told = _case(facts) | {"clock": facts["clock"], "due_on": facts["due_on"], "days_left": facts["days_left"]}
    roles = ("clerk",) if facts["role"] == "clerk" else tuple(dict.fromkeys((facts["role"], "head")))
    desks = [mailboxes.of_desk(facts["organisation_id"], role) for role in roles]
    return [Notice(template, desk, told, facts["application_id"]) for desk in desks]


def _to(audience: tuple[str, ...], template: str, told: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Notice]:
    return [Notice(template, _mailbox(whom, facts), told, facts["application_id"]) for whom in audience]


def _mailbox(whom: str, facts: Mapping[str, Any]) -> str:
    person_id: UUID = facts["person_id"]
    return mailboxes.of_person(person_id) if whom == APPLICANT else mailboxes.of_desk(facts["institution_id"], "clerk")


def _case(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": facts["number"],
        "type": facts["type"],
        "institution": facts["institution_name"],
        "authority": facts["authority_name"],
    }
