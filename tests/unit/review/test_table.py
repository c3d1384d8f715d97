"""The whole table of REG: each state, each action, each kind of actor (domain §3.0, §3.1)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from services.review.domain.case import ActorFacts, Reason
from services.review.domain.transitions import options
from services.review.domain.workflow import ActorKind
from shared.platform.errors import Conflict, DomainError, PermissionDenied

from .makers import (
    APPLICANT,
    CITY,
    COUNTY,
    ELSEWHERE,
    HOSPITAL,
    OTHER_HOSPITAL,
    PROVINCE,
    ROLES,
    SYSTEM,
    a_context,
    a_policy,
    days_later,
    event,
    in_state,
    staff,
    step,
    timer,
    workflow,
)

# Written out by hand, apart from the file: state, action, who may, and where it leads. "window" and "officer" name
# desks; PRE_REVIEW is looked at in a case that the city decides and the county and the province look at first.
WHO_MAY = """
SUBMITTED       open                    event                   ORG_REVIEW
ORG_REVIEW      confirm                 clerk                   ORG_CONFIRMED
ORG_REVIEW      return_to_applicant     clerk                   ORG_RETURNED
ORG_REVIEW      reject                  clerk                   ORG_REJECTED
ORG_REVIEW      withdraw                applicant               WITHDRAWN
ORG_REVIEW      licence_cancelled       event                   TERMINATED
ORG_REVIEW      qualification_annulled  event                   TERMINATED
ORG_REVIEW      recompute_deadlines     timer                   ORG_REVIEW
ORG_RETURNED    resubmit                event                   ORG_REVIEW
ORG_RETURNED    withdraw                applicant               WITHDRAWN
ORG_RETURNED    qualification_annulled  event                   TERMINATED
ORG_CONFIRMED   receive_paper           window                  RECEIVED
ORG_CONFIRMED   receive                 system                  RECEIVED
ORG_CONFIRMED   withdraw                applicant               WITHDRAWN
ORG_CONFIRMED   licence_cancelled       event                   TERMINATED
ORG_CONFIRMED   qualification_annulled  event                   TERMINATED
RECEIVED        receive_paper           window                  RECEIVED
RECEIVED        supplement              window                  SUPPLEMENT
RECEIVED        not_accept              window                  NOT_ACCEPTED
RECEIVED        accept                  window                  ACCEPTED
RECEIVED        deem_accepted           timer                   ACCEPTED
RECEIVED        reassess                event                   SUPPLEMENT
RECEIVED        withdraw                applicant               WITHDRAWN
RECEIVED        licence_cancelled       event                   TERMINATED
RECEIVED        qualification_annulled  event                   TERMINATED
RECEIVED        recompute_deadlines     timer                   RECEIVED
SUPPLEMENT      receive_paper           window                  SUPPLEMENT
SUPPLEMENT      supplemented            event                   RECEIVED
SUPPLEMENT      reassess                event                   SUPPLEMENT
SUPPLEMENT      withdraw                applicant               WITHDRAWN
SUPPLEMENT      licence_cancelled       event                   TERMINATED
SUPPLEMENT      qualification_annulled  event                   TERMINATED
ACCEPTED        receive_paper           window                  ACCEPTED
ACCEPTED        approve                 officer                 APPROVED
ACCEPTED        refuse                  officer                 REFUSED
ACCEPTED        forward                 system                  PRE_REVIEW
ACCEPTED        reassess                event                   ACCEPTED
ACCEPTED        withdraw                applicant               WITHDRAWN
ACCEPTED        licence_cancelled       event                   ACCEPTED
ACCEPTED        qualification_annulled  event                   TERMINATED
ACCEPTED        recompute_deadlines     timer                   ACCEPTED
PRE_REVIEW      agree                   tier                    PRE_REVIEW
PRE_REVIEW      object                  tier                    PRE_REVIEW
PRE_REVIEW      reassess                event                   PRE_REVIEW
PRE_REVIEW      withdraw                applicant               WITHDRAWN
PRE_REVIEW      licence_cancelled       event                   ACCEPTED
PRE_REVIEW      qualification_annulled  event                   TERMINATED
PRE_REVIEW      recompute_deadlines     timer                   PRE_REVIEW
APPROVED        effect_blocked          event                   EFFECT_BLOCKED
EFFECT_BLOCKED  approve                 officer                 APPROVED
EFFECT_BLOCKED  refuse                  officer                 REFUSED
EFFECT_BLOCKED  terminate               officer                 TERMINATED
EFFECT_BLOCKED  licence_cancelled       event                   EFFECT_BLOCKED
EFFECT_BLOCKED  recompute_deadlines     timer                   EFFECT_BLOCKED
"""
TABLE = {
    (state, action): (who, to) for state, action, who, to in (line.split() for line in WHO_MAY.split("\n") if line)
}
STATES = tuple(workflow().states)
ACTIONS = tuple(sorted(workflow().action_names))
EVENT_OF = {"open": "application_submitted", "resubmit": "application_submitted"} | {
    "supplemented": "application_supplemented",
    "reassess": "application_reassessed",
}
DESK = {"clerk": ("clerk",), "window": ("window", "officer", "head"), "officer": ("officer", "head")}
A_REASON = {"supplement": "photo_unfit", "reassess": "scope_unfit", "reject": "not_employed_here"} | {
    "return_to_applicant": "photo_unfit",
    "not_accept": "no_licence_needed",
    "object": "criminal_penalty",
    "refuse": "criminal_penalty",
    "terminate": "no_longer_possible",
}
ORGANISATIONS = (HOSPITAL, OTHER_HOSPITAL, COUNTY.id, CITY.id, PROVINCE.id, ELSEWHERE.id)


def fitting_context(action: str):
    """A context in which every condition of the action holds, so that only state and actor decide."""
    said = {}
    if action in A_REASON:
        said = {"reasons": (Reason(A_REASON[action]),), "note": "说明"}
    if action == "receive_paper":
        said["papers"] = ("employment_proof",)
    now = days_later(30) if action == "deem_accepted" else days_later(0)
    policy = a_policy(paper__required=False) if action == "receive" else a_policy()
    return a_context(now, policy, **said)


def case_for(state: str, action: str):
    """A case in the state, with tiers still to look at it where the action needs some."""
    if (state, action) == ("ACCEPTED", "forward"):
        return replace(in_state("PRE_REVIEW"), state="ACCEPTED")
    return in_state(state)


def everybody(action: str) -> list[tuple[str, ActorFacts]]:
    """Every role at every organisation, the applicant, another applicant, news, timers, the system."""
    people = [(f"{role}@{place}", staff(role, place)) for role, place in product(ROLES, ORGANISATIONS)]
    other = ActorFacts(ActorKind.APPLICANT, "person:x", "physician", person_id=OTHER_HOSPITAL)
    return [
        *people,
        ("applicant", APPLICANT),
        ("another applicant", other),
        ("event", event(EVENT_OF.get(action, action))),
        ("other event", event("something_else")),
        ("timer", timer("supplement_notice" if action == "deem_accepted" else "")),
        ("system", SYSTEM),
    ]


def may(who: str, name: str, actor: ActorFacts, state: str) -> bool:
    if who in DESK:
        place = {"clerk": HOSPITAL}.get(who, COUNTY.id)
        return actor.kind is ActorKind.STAFF and actor.organisation_id == place and actor.role in DESK[who]
    if who == "tier":
        return actor.kind is ActorKind.STAFF and actor.organisation_id == COUNTY.id and actor.role in DESK["officer"]
    return name == who


def test_the_expected_table_and_the_file_speak_of_the_same_rows():
    in_the_file = {(state, row.name) for row in workflow().actions for state in row.from_states}
    assert in_the_file == set(TABLE)


@pytest.mark.parametrize("state", STATES)
def test_every_action_is_for_whom_the_table_says_and_leads_where_it_says(state):
    """Each state × action × actor: allowed exactly where the table says, refused with a reason everywhere else."""
    for action in ACTIONS:
        case, context = case_for(state, action), fitting_context(action)
        expected = TABLE.get((state, action))
        for name, actor in everybody(action):
            if expected is None:
                with pytest.raises(Conflict, match="action_not_possible"):
                    step(case, action, actor, context)
            elif may(expected[0], name, actor, state):
                advanced = step(case, action, actor, context)
                assert advanced.case.state == expected[1], (state, action, name)
                assert (advanced.step.from_state, advanced.step.to_state) == (state, expected[1])
            else:
                with pytest.raises(PermissionDenied, match="not_your_step"):
                    step(case, action, actor, context)


@pytest.mark.parametrize("state", STATES)
def test_the_buttons_offered_are_exactly_the_actions_that_work(state):
    case = in_state(state)
    for name, actor in everybody(""):
        if actor.kind not in (ActorKind.STAFF, ActorKind.APPLICANT):
            continue
        offered = {action.name for action in options(workflow(), case, actor, a_context())}
        works = set()
        for action in ACTIONS:
            try:
                step(case, action, actor, fitting_context(action))
            except DomainError:
                continue
            works.add(action)
        assert offered == works, (state, name)


def test_nobody_acts_on_an_end():
    """Every end of REG but an approval is final; an approval can only be blocked by the register's news."""
    ends = {name for name, state in workflow().states.items() if state.end}
    assert ends == {"ORG_REJECTED", "NOT_ACCEPTED", "APPROVED", "REFUSED", "WITHDRAWN", "TERMINATED"}
    assert {state for state, _ in TABLE} & ends == {"APPROVED"}
