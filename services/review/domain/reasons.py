"""Reasons: whoever is sent back, not accepted or refused is told why, point by point (行政许可法 art.32, 38)."""

from __future__ import annotations

from dataclasses import replace

from shared.platform.errors import InvalidInput, RuleViolated

from .case import Authority, Case, Reason
from .context import Context
from .workflow import Action, Workflow


def checked_reasons(workflow: Workflow, action: Action, case: Case, context: Context) -> tuple[Reason, ...]:
    """The reasons as they go on record: known codes, each against a document or field, with the words it needs.

    Raises `RuleViolated`: `reasons_required`, `note_required`, `reason_note_required`, `right_authority_required`,
    `supplement_all_at_once`; `InvalidInput` for a code or target that the table doesn't give to this action.
    """
    if not action.reasons:
        if context.reasons:
            raise InvalidInput("reasons_not_expected", action=action.name)
        return ()
    if not context.reasons:
        raise RuleViolated("reasons_required", action=action.name)
    if action.note and not context.note.strip():
        raise RuleViolated("note_required", action=action.name)
    reasons = tuple(_checked(workflow, action, reason, context) for reason in context.reasons)
    if len({(reason.code, reason.target) for reason in reasons}) != len(reasons):
        raise InvalidInput("reason_given_twice")
    _require_the_right_authority(workflow, reasons, context.right_authority)
    if action.all_at_once:
        _require_all_at_once(case, reasons)
    return reasons


def _checked(workflow: Workflow, action: Action, reason: Reason, context: Context) -> Reason:
    rule = workflow.reasons.get(reason.code)
    if rule is None or action.name not in rule.actions:
        raise InvalidInput("reason_unknown", reason=reason.code, action=action.name)
    target = reason.target or (rule.targets[0] if len(rule.targets) == 1 else "")
    if rule.targets and target not in rule.targets:
        raise InvalidInput("reason_target_unknown", reason=reason.code, target=target, targets=list(rule.targets))
    if rule.note and not (reason.note.strip() or context.note.strip()):
        raise RuleViolated("reason_note_required", reason=reason.code)
    return replace(reason, target=target, note=reason.note.strip())


def _require_the_right_authority(
    workflow: Workflow, reasons: tuple[Reason, ...], right_authority: Authority | None
) -> None:
    """Who isn't competent says who is (行政许可法 art.32(2))."""
    if right_authority is None and any(workflow.reasons[reason.code].names_authority for reason in reasons):
        raise RuleViolated("right_authority_required")


def _require_all_at_once(case: Case, reasons: tuple[Reason, ...]) -> None:
    """What is missing is told once and completely; a later notice may only repeat what was not put right.

    行政许可法 art.32(4): 应当当场或者在五日内一次告知申请人需要补正的全部内容.
    """
    if not case.noticed_targets:
        return
    late = sorted({reason.target for reason in reasons} - set(case.noticed_targets))
    if late:
        raise RuleViolated("supplement_all_at_once", targets=late)
