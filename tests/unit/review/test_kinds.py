"""The whole table of every kind of business: each state, each action, each kind of actor (domain §3.0–3.9)."""

from __future__ import annotations

from itertools import product

import pytest

from services.review.domain.steps import ActorFacts
from services.review.domain.transitions import advance, options
from services.review.domain.workflow import ActorKind
from shared.platform.errors import Conflict, DomainError
from shared.trade.statuses import BusinessType

from .kinds import SCENARIOS, Scenario
from .makers import (
    APPLICANT,
    CITY,
    COUNTY,
    ELSEWHERE,
    HOSPITAL,
    OLD_HOSPITAL,
    OTHER_HOSPITAL,
    PROVINCE,
    SYSTEM,
    a_context,
    event,
    staff,
    step,
    timer,
    workflow,
)
from .ways import CLOCK_OF, EVENT_OF, fitting, reach, with_facts

ROLES = ("clerk", "window", "officer", "head", "administrator")
PLACES = (HOSPITAL, OTHER_HOSPITAL, OLD_HOSPITAL, COUNTY.id, CITY.id, PROVINCE.id, ELSEWHERE.id)
DESK = {"window": ("window", "officer", "head"), "officer": ("officer", "head")}
CLERKS = {"clerk": HOSPITAL, "starter": HOSPITAL, "old_clerk": OLD_HOSPITAL}
TIERS = {"tier": COUNTY.id, "province": PROVINCE.id}
IDS = [scenario.name for scenario in SCENARIOS]
STATES = tuple(workflow("CHANGE").states)


def everybody(action: str) -> list[tuple[str, ActorFacts]]:
    """Every role at every organisation, the applicant, another applicant, news, timers, the system."""
    other = ActorFacts(ActorKind.APPLICANT, "person:x", "physician", person_id=OTHER_HOSPITAL)
    return [
        *((f"{role}@{place}", staff(role, place)) for role, place in product(ROLES, PLACES)),
        ("applicant", APPLICANT),
        ("another applicant", other),
        ("event", event(EVENT_OF.get(action, action))),
        ("other event", event("something_else")),
        ("timer", timer(CLOCK_OF.get(action, ""))),
        ("other timer", timer("a_clock_that_does_not_run")),
        ("system", SYSTEM),
    ]


def may(who: str, name: str, actor: ActorFacts, case) -> bool:
    """Whether somebody is who the table means."""
    role, place = actor.role, actor.organisation_id
    if who in DESK:
        return place == case.institution.authority.id and role in DESK[who]
    if who in CLERKS:
        return place == CLERKS[who] and role == "clerk"
    if who in TIERS:
        return place == TIERS[who] and role in DESK["officer"]
    return who == name


def test_the_hand_written_tables_and_the_files_speak_of_the_same_rows():
    for kind in BusinessType:
        in_the_file = {(state, row.name) for row in workflow(kind).actions for state in row.from_states}
        told = {key for scenario in SCENARIOS if scenario.kind == kind for key in scenario.table}
        assert told == in_the_file, kind


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_every_action_is_for_whom_the_table_says_and_leads_where_it_says(scenario: Scenario):
    """Each state × action × actor: allowed exactly where the table says, refused with a reason everywhere else."""
    table, seen = scenario.table, set()
    for state in workflow(scenario.kind).states:
        if (found := reach(scenario, state)) is None:
            assert not any(before == state for before, _ in table), f"{state} is not reached"
            continue
        for action in sorted(workflow(scenario.kind).action_names):
            case, expected = with_facts(found, action), table.get((state, action), {})
            if not workflow(scenario.kind).rows(state, action):
                with pytest.raises(Conflict, match="action_not_possible"):
                    step(case, action, SYSTEM, fitting(case, action))
                continue
            for name, actor in everybody(action):
                leads = {to for who, to in expected.items() if may(who, name, actor, case)}
                if not leads:
                    with pytest.raises(DomainError):
                        step(case, action, actor, fitting(case, action))
                    continue
                taken = step(case, action, actor, fitting(case, action))
                assert {taken.case.state} == leads, (state, action, name)
                seen.add((state, action))
    assert seen == set(table)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=IDS)
def test_the_buttons_offered_are_exactly_the_actions_that_work(scenario: Scenario):
    table = workflow(scenario.kind)
    for state in table.states:
        if (case := reach(scenario, state)) is None:
            continue
        for name, actor in everybody(""):
            if actor.kind not in (ActorKind.STAFF, ActorKind.APPLICANT):
                continue
            offered = {action.name for action in options(table, case, actor, a_context())}
            works = set()
            for action in {row.name for row in table.rows(state)}:
                try:
                    advance(table, case, action, actor, fitting(case, action))
                except DomainError:
                    continue
                works.add(action)
            assert offered == works, (state, name)


@pytest.mark.parametrize("kind", BusinessType)
def test_nobody_acts_on_an_end(kind: BusinessType):
    """Every end but an approval is final; an approval can only be blocked by the register's news."""
    ends = {name for name, state in workflow(kind).states.items() if state.end}
    assert ends == {"ORG_REJECTED", "NOT_ACCEPTED", "APPROVED", "REFUSED", "WITHDRAWN", "TERMINATED"}
    rows = [row for row in workflow(kind).actions if ends & set(row.from_states)]
    assert [(row.name, row.from_states) for row in rows] == [("effect_blocked", ("APPROVED",))]


@pytest.mark.parametrize("kind", BusinessType)
def test_only_a_person_decides(kind: BusinessType):
    """个人信息保护法 art.24; domain §3.6: what a nightly job proposes, an officer confirms, always."""
    deciding = [row for row in workflow(kind).actions if row.outcome or row.to in ("APPROVED", "REFUSED")]
    assert {row.name for row in deciding} == {"approve", "refuse"}
    assert {who.kind for row in deciding for who in row.by} == {ActorKind.STAFF}
    assert all(row.reasons and row.note and row.remedies for row in deciding if row.name == "refuse")
