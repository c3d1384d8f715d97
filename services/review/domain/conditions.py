"""The conditions that a workflow's rows may name; a file that names another one is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .case import Case
from .context import Context


@dataclass(frozen=True)
class Condition:
    """A named question to a case; where the answer forbids an action, `code` says why, with `facts`."""

    name: str
    holds: Callable[[Case, Context], bool]
    code: str
    facts: Callable[[Case, Context], Mapping[str, Any]] = lambda case, context: {}


def _awaits_paper(case: Case, context: Context) -> bool:
    """Whether the window has to see the paper file before the application counts as received (`paper.clock_event`)."""
    policy = context.policy
    return policy.flag("paper.required") and policy.values["paper.clock_event"] == "PAPER_RECEIVED"


def _missing_papers(case: Case) -> list[str]:
    if not case.policy.flag("paper.required"):
        return []
    return [paper for paper in case.paper_materials if paper not in case.paper_received]


def _clock_runs_in_time(case: Case, context: Context) -> bool:
    clock = case.running_clock
    return clock is None or not clock.has_passed(context.today)


def _still_competent(case: Case, context: Context) -> bool:
    present = context.present_authority
    return present is None or present.id == case.institution.authority.id


def _right_authority(case: Case, context: Context) -> Mapping[str, Any]:
    present = context.present_authority
    return {} if present is None else {"right_authority_id": str(present.id), "right_authority_name": present.name}


_ALL: Final = (
    Condition("no_paper_awaited", lambda case, context: not _awaits_paper(case, context), "paper_awaited"),
    # Accepting what is not complete would skip the notice of what is missing (行政许可法 art.32(5)).
    Condition(
        "paper_complete",
        lambda case, context: not _missing_papers(case),
        "paper_incomplete",
        lambda case, context: {"missing": _missing_papers(case)},
    ),
    # After five silent working days the application is accepted already (行政许可法 art.32(4)).
    Condition("notice_in_time", _clock_runs_in_time, "deemed_accepted"),
    Condition("still_competent", _still_competent, "not_competent", _right_authority),
    # A tier that looks at a case of an institution without licence would look in vain.
    Condition(
        "pre_review_due",
        lambda case, context: bool(case.pre_review_tiers) and case.licence_status != "cancelled",
        "no_pre_review_due",
    ),
    Condition("more_pre_reviews", lambda case, context: len(case.pre_review_tiers) > 1, "last_pre_review"),
    Condition(
        "institution_licensed",
        lambda case, context: case.licence_status == "valid",
        "institution_not_licensed",
        lambda case, context: {"licence_status": case.licence_status},
    ),
    Condition("institution_lost", lambda case, context: case.licence_status == "cancelled", "institution_licensed"),
    Condition("newly_failed", lambda case, context: bool(context.reasons), "nothing_newly_failed"),
)

CONDITIONS: Final[Mapping[str, Condition]] = {condition.name: condition for condition in _ALL}
