"""The other side of a case (原执业机构一方): whom the policy has asked, and what it has answered (ADR 0013)."""

from __future__ import annotations

from dataclasses import replace

from .case import APPLICANT, Answer, Authority, Case, Institution, Policy, Reason, Release
from .context import Context
from .steps import ActorFacts
from .workflow import OTHER_SIDE, Action, ActorKind, Unit, Workflow


def release_of(workflow: Workflow, policy: Policy) -> Release:
    """Whom of the other side the policy of the submission has asked, and whether their silence lets go.

    医师执业注册管理办法 art.20 asks for the new side alone; the old one's say is the province's rule (domain §3.5).
    """
    rule = workflow.release
    if rule is None or policy.values[rule.policy] not in rule.asked_when:
        return Release()
    return Release(rule.units, by_silence=policy.values[rule.policy] in rule.silence_releases_when)


def after_row(
    row: Action, case: Case, acting: Unit | None, actor: ActorFacts, said: Context, reasons: tuple[Reason, ...]
) -> Case:
    """The case with what was answered recorded, and the turn of the next who is asked."""
    after = case
    if row.answers:
        after = replace(after, answers=(*case.answers, _answer(row, case, acting, actor, said, reasons)))
    if row.asks:
        release = replace(after.release, asked=(*after.release.asked, after.to_be_asked[0]))
        after = replace(after, release=release)
    return after


def acting_next(workflow: Workflow, case: Case) -> str:
    """Who is asked to do something; what an applicant would do is for whoever started the case."""
    named = workflow.states[case.state].acts_next
    if named != "applicant" or case.started_by == "physician":
        return named
    return "institution" if case.started_by == "institution" else "authority"


def _answer(
    row: Action, case: Case, acting: Unit | None, actor: ActorFacts, said: Context, reasons: tuple[Reason, ...]
) -> Answer:
    unit = acting or case.asked_unit
    if actor.kind is ActorKind.APPLICANT or unit is None:
        return Answer(APPLICANT, row.answers, said.today, note=said.note.strip())
    organisation = _organisation(case, unit)
    return Answer(unit, row.answers, said.today, organisation.id, organisation.name, reasons, said.note.strip())


def _organisation(case: Case, unit: Unit) -> Authority | Institution:
    """Who was asked, also where it is there no more."""
    if case.releasing is not None and unit in OTHER_SIDE:
        return case.releasing if unit is Unit.RELEASING_INSTITUTION else case.releasing.authority
    return case.unit(unit) or case.institution.authority
