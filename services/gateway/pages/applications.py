"""Filing an application: business choice, readiness card, one page a step, check answers, promise and submission."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, request, url_for

from shared.contracts import accounts, applications
from shared.platform.errors import DomainError, InvalidInput, NotFound

from ..authentication import needs_person
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from .account import me, or_none
from .blueprint import pages
from .materials import needed_materials
from .rendering import form_page, page, see_other, wants_fragment
from .step_forms import fill, locked_rows, read_values
from .tasks import step_url, tasks_of

_EDITABLE = ("DRAFT", "ORG_RETURNED")


@pages.get("/me/business")
@needs_person
def business_types() -> Response:
    """业务选择: the nine kinds of business under their official titles."""
    return page("application/business.html", items=call(applications.BUSINESS_TYPE_LIST)["items"])


@pages.get("/me/business/<kind>")
@needs_person
def readiness(kind: str) -> Response:
    """办理条件自查 of one kind of business."""
    business = _business(kind)
    account = me()
    own = [found for found in account["qualifications"] if found["status"] == "published"]
    chosen = request.args.get("qualification", "")
    qualification = next((found for found in own if str(found["id"]) == chosen), own[0] if own else None)
    card = call(applications.READINESS, type=kind, qualification_id=qualification["id"] if qualification else None)
    return page(
        "application/readiness.html", business=business, card=card, qualifications=own, qualification=qualification
    )


@pages.post("/me/business/<kind>")
@needs_person
def start(kind: str) -> Response:
    """开始办理: a draft."""
    try:
        qualification = UUID(request.form.get("qualification", ""))
    except ValueError:
        raise InvalidInput("body_unreadable") from None
    view = call(applications.START, type=kind, qualification_id=qualification, key=submitted_key())
    return see_other(url_for("pages.task_list", application_id=view["id"]))


@pages.get("/me/applications/<uuid:application_id>")
@needs_person
def task_list(application_id: UUID) -> Response:
    """The task list of a draft; an application that is under way has its progress page instead."""
    view = _application(application_id)
    if view["state"] not in _EDITABLE:
        return see_other(url_for("pages.progress", application_id=application_id))
    return page("application/tasks.html", view=view, tasks=tasks_of(view))


@pages.get("/me/applications/<uuid:application_id>/steps/<step>")
@needs_person
def form_step(application_id: UUID, step: str) -> Response:
    """One step; with `?q=` the institutions that fit, as a fragment where htmx asks."""
    view = _application(application_id)
    form = Form()
    fill(form, view, step)
    if "q" in request.args:
        form.set("q", request.args["q"])
    return _step_page(view, step, form)


@pages.post("/me/applications/<uuid:application_id>/steps/<step>")
@needs_person
def save_step(application_id: UUID, step: str) -> Response:
    """保存并继续, 保存，以后再填, or 查找 on the institution's page, which changes nothing."""
    view = _application(application_id)
    form = Form(request.form)
    if form.raw("do") == "search":
        return _step_page(view, step, form)
    spec = _step(view, step)
    if not spec["fields"]:  # the files are stored one by one as they are uploaded
        later = form.raw("do") == "later"
        return see_other(url_for("pages.task_list", application_id=application_id) if later else _following(view, step))
    values = read_values(form, spec, later=form.raw("do") == "later")
    if form.is_wrong:
        return _step_page(view, step, form)
    try:
        saved = call(
            applications.SAVE_STEP,
            id=application_id,
            version=_version(form, view),
            step=step,
            values=values,
            key=submitted_key(),
        )
    except InvalidInput as refused:
        form.take(refused, prefix="values.")
        return _step_page(view, step, form)
    except DomainError as refused:
        form.blame(refused, {}, spec["fields"][0]["name"] if spec["fields"] else "step")
        return _step_page(view, step, form)
    if form.raw("do") == "later":
        return see_other(url_for("pages.task_list", application_id=application_id))
    return see_other(_following(saved, step))


@pages.get("/me/applications/<uuid:application_id>/check")
@needs_person
def check_answers(application_id: UUID) -> Response:
    """核对并提交."""
    view = _application(application_id)
    if view["state"] not in _EDITABLE:
        return see_other(url_for("pages.progress", application_id=application_id))
    return _check_page(view, Form())


@pages.post("/me/applications/<uuid:application_id>/check")
@needs_person
def submit(application_id: UUID) -> Response:
    """承诺并提交申请."""
    form = Form(request.form)
    if form.raw("do") == "later":
        return see_other(url_for("pages.task_list", application_id=application_id))
    view = _application(application_id)
    if not form.raw("declaration"):
        form.refuse("declaration", field_sentence("declaration_missing", "declaration"))
        return _check_page(view, form)
    try:
        call(
            applications.SUBMIT,
            id=application_id,
            version=_version(form, view),
            declaration=True,
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {}, "declaration")
        return _check_page(_application(application_id), form)
    return see_other(url_for("pages.submitted", application_id=application_id))


@pages.get("/me/applications/<uuid:application_id>/submitted")
@needs_person
def submitted(application_id: UUID) -> Response:
    """提交成功: the number, what comes next, the paper list."""
    view = _application(application_id)
    if view["state"] in _EDITABLE:
        return see_other(url_for("pages.task_list", application_id=application_id))
    business = _business(view["type"])
    return page("application/submitted.html", view=view, business=business)


@pages.get("/me/applications/<uuid:application_id>/supplement")
@needs_person
def supplement(application_id: UUID) -> Response:
    """补正: only the points that were raised, each leading to its page."""
    view = _application(application_id)
    if view["state"] != "SUPPLEMENT" or view["acts_next"] != "applicant":
        return see_other(url_for("pages.progress", application_id=application_id))
    return _supplement_page(view, Form())


@pages.post("/me/applications/<uuid:application_id>/supplement")
@needs_person
def send_supplement(application_id: UUID) -> Response:
    """提交补正."""
    view = _application(application_id)
    form = Form(request.form)
    try:
        call(
            applications.SUPPLEMENT,
            id=application_id,
            version=_version(form, view),
            note=form.text("note"),
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {}, "note")
        return _supplement_page(_application(application_id), form)
    return see_other(url_for("pages.progress", application_id=application_id))


def _application(application_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = call(applications.APPLICATION, id=application_id)
    return found


def _business(kind: str) -> dict[str, Any]:
    return _named(call(applications.BUSINESS_TYPE_LIST)["items"], "type", kind)


def _step(view: dict[str, Any], step: str) -> dict[str, Any]:
    return _named(_business(view["type"])["steps"], "name", step)


def _named(items: list[dict[str, Any]], field: str, value: str) -> dict[str, Any]:
    found = next((item for item in items if item[field] == value), None)
    if found is None:
        abort(404)
    return found


def _version(form: Form, view: dict[str, Any]) -> int:
    """The version that the person saw, from the form; a form without one changes the newest."""
    seen = form.text("version")
    return int(seen) if seen.isdigit() else int(view["version"])


def _following(view: dict[str, Any], step: str) -> str:
    if view["state"] == "SUPPLEMENT":
        return url_for("pages.supplement", application_id=view["id"])
    names = [found["name"] for found in view["steps"]]
    after = names[names.index(step) + 1 :] if step in names else []
    return step_url(view, after[0]) if after else url_for("pages.task_list", application_id=view["id"])


def _step_page(view: dict[str, Any], step: str, form: Form) -> Response:
    if step == "check":
        return see_other(step_url(view, step))
    if view["state"] not in (*_EDITABLE, "SUPPLEMENT"):
        return see_other(url_for("pages.progress", application_id=view["id"]))
    business = _business(view["type"])
    spec = next((found for found in business["steps"] if found["name"] == step), None)
    if spec is None:
        abort(404)
    account = me() if step in ("personal", "qualification") else None
    found = _institutions(form, view) if any(field["kind"] == "institution" for field in spec["fields"]) else None
    template = "application/materials.html" if step == "materials" else "application/step.html"
    if found is not None and wants_fragment():
        return page("application/institution_results.html", form=form, found=found)
    return form_page(
        template,
        form,
        view=view,
        business=business,
        spec=spec,
        locked=locked_rows(spec, view, account),
        found=found,
        needed=needed_materials(view) if step == "materials" else [],
        position=[item["name"] for item in view["steps"]].index(step) + 1,
    )


def _institutions(form: Form, view: dict[str, Any]) -> dict[str, Any] | None:
    """What the search found, with the one that is chosen already; `total` None where the register is away."""
    query = form.text("q")
    chosen = form.text("institution_id")
    stored = view["institution"]
    if not query:
        items = [stored] if stored and str(stored["id"]) == chosen else []
        if chosen and not items:
            items = [found] if (found := _institution(chosen)) else []
        return {"items": items, "total": None, "query": "", "away": False}
    answer = or_none(lambda: call(accounts.INSTITUTIONS, q=query, limit=10))
    if answer is None:
        return {"items": [stored] if stored else [], "total": None, "query": query, "away": True}
    return {"items": answer["items"], "total": answer["total"], "query": query, "away": False}


def _institution(identity: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = call(accounts.INSTITUTION, id=UUID(identity))
    except (ValueError, NotFound):
        return None
    return found


def _check_page(view: dict[str, Any], form: Form) -> Response:
    business = _business(view["type"])
    account = me()
    sections = [
        (
            spec["name"],
            locked_rows(spec, view, account, everything=True),
            step_url(view, spec["name"]),
        )
        for spec in business["steps"]
        if spec["fields"]
    ]
    return form_page(
        "application/check.html",
        form,
        view=view,
        business=business,
        sections=sections,
        missing=[step for step in view["steps"] if step["state"] != "done" and step["name"] != "check"],
        position=len(view["steps"]),
    )


def _supplement_page(view: dict[str, Any], form: Form) -> Response:
    needed, business = needed_materials(view), _business(view["type"])
    return form_page("application/supplement.html", form, view=view, needed=needed, business=business)
