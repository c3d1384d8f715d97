"""Who is told what about an application on its way (domain.md §9.1, from submission to decision)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from . import mailboxes
from .notice import Notice
from .reminders import RELEASE_CLOCK, REMINDED

APPLICANT, INSTITUTION = "applicant", "institution"
BOTH = (APPLICANT, INSTITUTION)
PHYSICIAN = "physician"

# The state that a case has come to: who is told, in which words. What has no row (a paper received, a pre-review) is
# seen in the timeline and told to nobody. Approval is told by the register, refusal by the decision.
ON_STATE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ORG_RETURNED": ("org_returned", (APPLICANT,)),
    "ORG_REJECTED": ("org_rejected", (APPLICANT,)),
    "SUPPLEMENT": ("supplement", BOTH),
    "ACCEPTED": ("accepted", BOTH),
    "NOT_ACCEPTED": ("not_accepted", BOTH),
    "EFFECT_BLOCKED": ("effect_blocked", (APPLICANT,)),
    "WITHDRAWN": ("withdrawn", BOTH),
    "TERMINATED": ("terminated", BOTH),
}
CONFIRMED, RELEASE = "ORG_CONFIRMED", "RELEASE"
# Silence for five working days: it counts as accepted from the day of receipt (行政许可法 art.32(4)).
DEEM_ACCEPTED = "deem_accepted"
# The policy of the day of receipt asks for more than a notice that is out already: the whole list is told again.
REASSESS = "reassess"
# The case goes on without the institution's word: it stayed silent where that is enough (§3.8), or is there no more.
WITHOUT_ANSWER = frozenset({"confirm_by_silence", "pass_over"})
# What the other side answers, or its silence for it: each takes the case away from the desk that was asked (E47).
OBJECTED = "object_to_release"
ANSWERS = frozenset({"release", OBJECTED, "release_by_silence", "pass_over"})
# A task of which the desk that has to act is told when it opens; other tasks are found in the work list.
ON_TASK = {
    ("confirm", "clerk"): "to_confirm",
    ("release", "clerk"): "to_release",
    ("release", "officer"): "to_release_authority",
    ("receive", "window"): "to_receive",
    ("resolve", "officer"): "to_resolve",
}
# Businesses for which a physician's wish is enough when the institution stays silent (domain §3.8).
WISH_IS_ENOUGH = frozenset({"MULTI_DEL"})
CONFIRMING_CLOCK = "institution"
STATUTORY_MARKS = (5, 2, 0)
ENDS = frozenset({"ORG_REJECTED", "NOT_ACCEPTED", "REFUSED", "WITHDRAWN", "TERMINATED"})


def submitted(facts: Mapping[str, Any]) -> list[Notice]:
    """The applicant's own copy; the institution is told when its task opens, since only then a day is set.

    Of what others have started (`started_by`) the physician is told that it is so, and that they may object (§3.6).
    """
    institution = facts["institution"]
    told = {
        "number": facts["number"],
        "type": _kind(facts),
        "submission": facts["submission"],
        "institution": institution["name"],
        "authority": institution["authority"].get("name", ""),
    }
    template = ON_START[facts.get("started_by") or PHYSICIAN]
    return [Notice(template, mailboxes.of_person(facts["person_id"]), told, facts["application_id"])]


# By whom a case is started, and in which words the physician hears of it.
ON_START: Mapping[str, str] = {
    PHYSICIAN: "submitted",
    "institution": "reported_by_institution",
    "authority": "reported_by_authority",
    "system": "proposed_by_system",
}


def task_opened(facts: Mapping[str, Any]) -> list[Notice]:
    """The desk that has to act: the institution has ten working days, then it is reminded; never a confirmation.

    The institution that is left, and its authority, are asked whether they object (§3.5); an objection decides nothing.
    """
    template = ON_TASK.get((facts["step"], facts["role"]))
    if template is None:
        return []
    if template == "to_confirm" and facts["type"] in WISH_IS_ENOUGH:
        template = "to_confirm_or_be_silent"
    desk = mailboxes.of_desk(facts["organisation_id"], facts["role"])
    return [Notice(template, desk, _case(facts) | {"due_on": facts["due_on"]}, facts["application_id"])]


def case_advanced(facts: Mapping[str, Any]) -> list[Notice]:
    """A step of the case, told once to each whom it concerns.

    Supplement: the full list, once (行政许可法 art.32(4)); accepted or not: a dated slip (art.32, second paragraph).
    """
    notices = _to((APPLICANT,), "release_objected", _case(facts), facts) if facts["action"] == OBJECTED else []
    state, before = facts["to_state"], facts["from_state"]
    if state == before and facts["action"] != REASSESS:
        return notices
    if started_by_others(facts):
        return notices + _of_a_report(facts)
    if state == CONFIRMED:
        return notices + _confirmed(facts)
    return notices + _arrived(facts, ON_STATE.get(state, ("", ()))[1])


def case_decided(facts: Mapping[str, Any]) -> list[Notice]:
    """A refusal is written, with reasons and remedies, to applicant and institution (医师法 art.16, 行政许可法 art.38).

    Of an institution's own report it is the applicant; what an authority began ends without any. An approval is not
    told here: only when the register has it, since a condition may have changed meanwhile.
    """
    if facts["outcome"] != "refused":
        return []
    told = _case(facts) | {
        "refusal": facts["type"],
        "authority": facts["deciding_authority"]["name"],
        "decision_number": facts["decision_number"],
        "decided_on": facts["decided_on"],
        "reasons": facts["reasons"],
        "note": facts["note"],
        "remedies": facts["remedies"],
    }
    audience: tuple[str, ...] = BOTH
    if started_by_others(facts):
        audience = (INSTITUTION,) if facts["started_by"] == INSTITUTION else ()
    return _to(audience, "refused", told, facts)


def deadline_near(facts: Mapping[str, Any]) -> list[Notice]:
    """5, 2 and 0 working days before a limit: whoever has to act, and in an authority the head of the section."""
    template = "deadline_today" if facts["days_left"] == 0 else "deadline_near"
    return _to_desks(template, facts)


def deadline_passed(facts: Mapping[str, Any]) -> list[Notice]:
    """A limit has passed: the same are told, and the applicant if it was the institution's.

    The institution's silence is never a confirmation: the applicant may ask there, or withdraw and choose another.
    Where silence may be as good as an answer (§3.5, §3.8), whoever was asked is told that, and nobody else.
    """
    if silence_may_do(facts):
        return _to_desks("answer_overdue", facts)
    notices = _to_desks("deadline_passed", facts)
    if facts["role"] == REMINDED:
        told = _case(facts) | {"clock": facts["clock"], "due_on": facts["due_on"]}
        notices += _to((APPLICANT,), "institution_overdue", told, facts)
    return notices


def silence_may_do(facts: Mapping[str, Any]) -> bool:
    """Whether the case may go on without the answer whose period has passed."""
    clock = facts["clock"]
    return bool(clock == RELEASE_CLOCK or (clock == CONFIRMING_CLOCK and facts["type"] in WISH_IS_ENOUGH))


def leaves_the_desk(facts: Mapping[str, Any]) -> bool:
    """Whether a step takes the case away from the desk it lay on, so that nobody there is to be reminded any more."""
    return bool(facts["to_state"] != facts["from_state"] or facts["action"] in ANSWERS)


def has_ended(facts: Mapping[str, Any]) -> bool:
    """Whether the case is over without a registration."""
    return facts["to_state"] in ENDS


def started_by_others(facts: Mapping[str, Any]) -> bool:
    """Whether an institution, an authority or the nightly job started the case: the physician is no applicant then."""
    return bool(facts.get("started_by", PHYSICIAN) != PHYSICIAN)


def _confirmed(facts: Mapping[str, Any]) -> list[Notice]:
    """What the institution's word means to the applicant: the paper file, or nothing to do for now (§3.5)."""
    brings_papers = facts["acts_next"] == APPLICANT
    if facts["from_state"] == RELEASE:
        return _to((APPLICANT,), "papers_awaited", _step(facts), facts) if brings_papers else []
    if facts["action"] in WITHOUT_ANSWER:
        told = _step(facts) | {"papers_to": facts["authority_name"] if brings_papers else ""}
        return _to((APPLICANT,), "confirmed_without_answer", told, facts)
    return _to((APPLICANT,), "org_confirmed" if brings_papers else "org_confirmed_goes_on", _step(facts), facts)


def _of_a_report(facts: Mapping[str, Any]) -> list[Notice]:
    """An institution that reported hears what an applicant would; the physician, when it ends without a decision."""
    notices, state = [], facts["to_state"]
    if facts["started_by"] == INSTITUTION:
        if state == CONFIRMED and facts["acts_next"] == INSTITUTION:
            notices += _to((INSTITUTION,), "report_papers", _step(facts), facts)
        notices += _arrived(facts, (INSTITUTION,))
    if state in ENDS:
        notices += _to((APPLICANT,), "report_closed", _case(facts), facts)
    return notices


def _arrived(facts: Mapping[str, Any], audience: tuple[str, ...]) -> list[Notice]:
    state = facts["to_state"]
    if state not in ON_STATE or (state == "ACCEPTED" and facts["from_state"] != "RECEIVED"):
        return []
    template = ON_STATE[state][0]
    if state == "ACCEPTED" and facts["action"] == DEEM_ACCEPTED:
        template = "accepted_by_silence"
    return _to(audience, template, _step(facts), facts)


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


def _step(facts: Mapping[str, Any]) -> dict[str, Any]:
    return _case(facts) | {
        "reasons": facts["reasons"],
        "note": facts["note"],
        "effective_on": facts["effective_on"],
        "act_until": facts["act_until"],
        "window_address": facts["window_address"],
        "right_authority": (facts["right_authority"] or {}).get("name", ""),
    }


def _case(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": facts["number"],
        "type": _kind(facts),
        "institution": facts["institution_name"],
        "authority": facts["authority_name"],
    }


def _kind(facts: Mapping[str, Any]) -> str:
    """The business with its sub-kind, `REG.ADD_PLACE`; one without a word of its own is told as the business."""
    return ".".join(name for name in (facts["type"], facts.get("sub_kind", "")) if name)
