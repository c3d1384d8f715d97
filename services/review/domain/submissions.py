"""What the applicant's side tells of a case: a submission opens it, a later one goes on with it, news changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.platform.errors import Conflict
from shared.trade.divisions import province_of

from .case import Case, Institution, Policy, Reason, WorkflowPin
from .workflow import Workflow

DOCUMENT_MISSING = "document_missing"
WHOLE_APPLICATION = "application"
"""What a point is about that no single page or document can settle."""


@dataclass(frozen=True)
class Submission:
    """An application as it was submitted, first or again."""

    application_id: UUID
    number: str
    type: str
    sub_kind: str
    submission: int
    person_id: UUID
    applicant_name: str = field(repr=False)
    level: str
    category: str
    institution: Institution
    outcomes: tuple[Mapping[str, Any], ...]
    materials: tuple[str, ...]
    paper_materials: tuple[str, ...]
    policy: Policy


def new_case(submission: Submission, workflow: Workflow, *, case_id: UUID, now: datetime, today: date) -> Case:
    """The case of a first submission, in the workflow's first state and pinned to its version."""
    return Case(
        id=case_id,
        version=0,
        application_id=submission.application_id,
        number=submission.number,
        type=submission.type,
        sub_kind=submission.sub_kind,
        submission=submission.submission,
        province=province_of(submission.institution.division),
        person_id=submission.person_id,
        applicant_name=submission.applicant_name,
        level=submission.level,
        category=submission.category,
        institution=submission.institution,
        workflow=WorkflowPin(workflow.name, workflow.version, workflow.digest),
        policy=submission.policy,
        state=workflow.start,
        opened_at=now,
        entered_on=today,
        licence_status=submission.institution.licence_status,
        outcomes=submission.outcomes,
        materials=submission.materials,
        paper_materials=submission.paper_materials,
    )


def submitted_again(case: Case, submission: Submission) -> Case:
    """The case with what a returned application now says; another institution may stand in it.

    Raises `Conflict("submission_out_of_order")` unless it is the next submission.
    """
    if submission.submission != case.submission + 1:
        raise Conflict("submission_out_of_order", submission=submission.submission, expected=case.submission + 1)
    return replace(
        case,
        submission=submission.submission,
        sub_kind=submission.sub_kind,
        applicant_name=submission.applicant_name,
        level=submission.level,
        category=submission.category,
        institution=submission.institution,
        policy=submission.policy,
        licence_status=submission.institution.licence_status,
        outcomes=submission.outcomes,
        materials=submission.materials,
        paper_materials=submission.paper_materials,
        paper_received=(),
    )


@dataclass(frozen=True)
class Reassessment:
    """All rules under the policy pinned at receipt: what fails now, what is to be uploaded, what comes on paper."""

    policy: Policy
    outcomes: tuple[Mapping[str, Any], ...]
    newly_failed: tuple[str, ...] = ()
    missing_materials: tuple[str, ...] = ()
    paper_materials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Supplement:
    """What the applicant handed in, and which notice of the case it answers."""

    notice: int
    materials: tuple[str, ...]
    paper_materials: tuple[str, ...]
    outcomes: tuple[Mapping[str, Any], ...]


def assessed_anew(case: Case, found: Reassessment) -> tuple[Case, tuple[Reason, ...]]:
    """The case under the policy pinned at receipt, and the points that are new with it, all at once.

    A point speaks of the material or page that the rule's remedy names, where the applicant can answer it; a document
    that is asked for only now is a point of its own (行政许可法 art.32(4)).
    """
    by_rule = {outcome["rule"]: outcome for outcome in found.outcomes}
    points = [
        Reason(str(by_rule[rule]["code"]), target=_target(by_rule[rule]))
        for rule in found.newly_failed
        if rule in by_rule
    ]
    named = {point.target for point in points}
    new_papers = [paper for paper in found.paper_materials if paper not in case.paper_materials]
    asked = dict.fromkeys((*found.missing_materials, *new_papers))
    points += [Reason(DOCUMENT_MISSING, target=kind) for kind in asked if kind not in named]
    changed = replace(case, policy=found.policy, outcomes=found.outcomes, paper_materials=found.paper_materials)
    return changed, tuple(points)


def supplemented(case: Case, supplement: Supplement) -> Case:
    """The case with everything that was handed in."""
    return replace(
        case,
        materials=tuple(dict.fromkeys((*case.materials, *supplement.materials))),
        paper_materials=supplement.paper_materials,
        outcomes=supplement.outcomes,
    )


def _target(outcome: Mapping[str, Any]) -> str:
    remedy = outcome["remedy"]
    named = (str(remedy[part]) for part in ("material", "step", "field") if part in remedy)
    return next(named, WHOLE_APPLICATION)
