"""机构端: applications to confirm, and what has been confirmed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from shared.contracts import review

from ..authentication import needs_role
from ..calls import call
from ..forms import Form
from ..view_models import tally
from .blueprint import pages
from .case_pages import Portal, case_page, decide
from .desk import desk
from .rendering import page

PORTAL = Portal("pages.institution_case", "pages.institution_tasks", "confirm")


@pages.get("/institution")
@needs_role("clerk")
def institution_tasks() -> Response:
    """待确认办件, fewest working days first."""
    listed = call(review.WORK_LIST, tab="confirm", after=request.args.get("after"))
    return page(
        "institution/tasks.html",
        desk=desk(tally(listed["total"])),
        portal=PORTAL,
        listed=listed,
        tab="confirm",
        done=request.args.get("done", ""),
        done_number=request.args.get("number", ""),
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
    """One case with the panel 确认聘用, 退回修改, 未聘用此人."""
    return case_page(case_id, PORTAL, Form())


@pages.post("/institution/cases/<uuid:case_id>")
@needs_role("clerk")
def institution_decide(case_id: UUID) -> Response:
    """Answer for the institution."""
    return decide(case_id, PORTAL)
