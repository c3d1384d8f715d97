"""我的办件 and 办件进度: the timeline, who acts next and until when, withdrawal while it is allowed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import applications
from shared.platform.errors import DomainError

from ..authentication import needs_person
from ..calls import call
from ..cases import timeline_of
from ..cases import withdraw as withdraw_application
from ..csrf import submitted_key
from ..forms import Form
from .account import or_none
from .blueprint import pages
from .rendering import form_page, page, see_other


@pages.get("/me/applications")
@needs_person
def my_applications() -> Response:
    """我的办件, newest first."""
    listed = call(applications.APPLICATIONS, after=request.args.get("after"))
    return page("application/list.html", listed=listed)


@pages.get("/me/applications/<uuid:application_id>/progress")
@needs_person
def progress(application_id: UUID) -> Response:
    """办件进度."""
    view = call(applications.APPLICATION, id=application_id)
    if view["state"] == "DRAFT":
        return see_other(url_for("pages.task_list", application_id=application_id))
    return page("application/progress.html", view=view, timeline=_timeline(application_id))


@pages.get("/me/applications/<uuid:application_id>/withdrawal")
@needs_person
def withdrawal(application_id: UUID) -> Response:
    """撤回申请: what it means, and whether."""
    return _withdrawal_page(application_id, Form())


@pages.post("/me/applications/<uuid:application_id>/withdrawal")
@needs_person
def withdraw(application_id: UUID) -> Response:
    """Withdraw, on the version of the case that the person saw."""
    form = Form(request.form)
    version = form.text("version")
    try:
        withdraw_application(
            application_id,
            version=int(version) if version.isdigit() else 0,
            reason=form.text("reason"),
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {}, "reason")
        return _withdrawal_page(application_id, form)
    return see_other(url_for("pages.progress", application_id=application_id))


def _timeline(application_id: UUID) -> dict[str, Any] | None:
    """The case's timeline; None while it is being opened or where its service is away."""
    found = or_none(lambda: timeline_of(application_id))
    return found if found and found["case_id"] else None


def _withdrawal_page(application_id: UUID, form: Form) -> Response:
    view = call(applications.APPLICATION, id=application_id)
    timeline = _timeline(application_id)
    if not form.is_wrong and (timeline is None or not timeline["can_withdraw"]):
        return see_other(url_for("pages.progress", application_id=application_id))
    return form_page("application/withdrawal.html", form, view=view, timeline=timeline)
