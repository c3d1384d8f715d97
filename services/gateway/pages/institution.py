"""机构端: applications to confirm, questions of the other side to answer, and what has been dealt with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import review
from shared.platform.errors import DomainError

from ..authentication import needs_role
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..view_models import tally
from .blueprint import pages
from .case_pages import Portal, case_page, decide
from .desk import desk, done_now
from .rendering import form_page, page, see_other

PORTAL = Portal("pages.institution_case", "pages.institution_tasks", "confirm")
_TABS = ("confirm", "release")


@pages.get("/institution")
@needs_role("clerk")
def institution_tasks() -> Response:
    """待确认 and 待答复, fewest working days first."""
    tab = request.args.get("tab") if request.args.get("tab") in _TABS else _TABS[0]
    listed = call(review.WORK_LIST, tab=tab, after=request.args.get("after"))
    return page(
        "institution/tasks.html",
        desk=desk(tally(listed["total"])),
        portal=PORTAL,
        listed=listed,
        tabs=[name for name in _TABS if name in listed["tabs"]],
        tab=tab,
        done=done_now(),
    )


@pages.get("/institution/done")
@needs_role("clerk")
def institution_done() -> Response:
    """办件记录."""
    listed = call(review.WORK_LIST, tab="done", after=request.args.get("after"))
    return page("institution/done.html", desk=desk(), portal=PORTAL, listed=listed, tab="done")


@pages.get("/institution/cases/<uuid:case_id>")
@needs_role("clerk")
def institution_case(case_id: UUID) -> Response:
    """One case with its panel: 确认, 退回修改, 不予确认, or what the other side may answer."""
    return case_page(case_id, PORTAL, Form())


@pages.post("/institution/cases/<uuid:case_id>")
@needs_role("clerk")
def institution_decide(case_id: UUID) -> Response:
    """Answer for the institution."""
    return decide(case_id, PORTAL)


@pages.get("/institution/cases/<uuid:case_id>/withdrawal")
@needs_role("clerk")
def report_withdrawal(case_id: UUID) -> Response:
    """撤回报告: what it means, and whether."""
    return _withdrawal_page(call(review.CASE, id=case_id), Form())


@pages.post("/institution/cases/<uuid:case_id>/withdrawal")
@needs_role("clerk")
def withdraw_report(case_id: UUID) -> Response:
    """Take back what the institution has reported, on the version of the case that was seen."""
    form = Form(request.form)
    case = call(review.CASE, id=case_id)
    version = form.text("version")
    try:
        call(
            review.WITHDRAW,
            application_id=case["application_id"],
            version=int(version) if version.isdigit() else 0,
            reason=form.text("reason"),
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {}, "reason")
        return _withdrawal_page(case, form)
    return see_other(url_for("pages.institution_tasks", done="withdraw", case=case["number"]))


def _withdrawal_page(case: dict[str, Any], form: Form) -> Response:
    if not form.is_wrong and not case["can_withdraw"]:
        return see_other(url_for("pages.institution_case", case_id=case["id"]))
    return form_page("institution/withdrawal.html", form, desk=desk(), case=case)
