"""主管部门端: the queue with its tabs, the case page, the paper receipt at the window."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import review
from shared.platform.errors import DomainError

from ..authentication import current_session, needs_role
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from ..view_models import tally
from .blueprint import pages
from .case_pages import Portal, after, case_page, decide
from .desk import desk
from .rendering import form_page, page, see_other, wants_fragment

PORTAL = Portal("pages.authority_case", "pages.authority_queue", "")
_ROLES = ("window", "officer", "head")
#: Where each desk's own work lies: the first of these that has any is shown.
_OWN_WORK = {
    "window": ("accept", "receive", "supplementing"),
    "officer": ("decide", "review", "exception"),
    "head": ("decide", "review", "exception"),
}
_TABS = ("receive", "accept", "supplementing", "review", "decide", "exception", "done_today")


@pages.get("/authority")
@needs_role(*_ROLES)
def authority_queue() -> Response:
    """What waits, by tab; filters stand in the URL, a name never does. htmx asks for the list alone."""
    return _queue(_filters(request.args))


@pages.post("/authority")
@needs_role(*_ROLES)
def search_queue() -> Response:
    """The same list for one applicant's name."""
    filters = _filters(request.form)
    name = Form(request.form).text("name")
    return _queue({**filters, "name": name or None})


@pages.get("/authority/done")
@needs_role(*_ROLES)
def authority_done() -> Response:
    """已办办件."""
    listed = call(review.WORK_LIST, tab="done", after=request.args.get("after"))
    return page("institution/done.html", desk=desk(), portal=PORTAL, listed=listed, tab="done")


@pages.post("/authority/next")
@needs_role(*_ROLES)
def next_case() -> Response:
    """开始审核: claim the most urgent case and open it."""
    tab = request.form.get("tab") or None
    found = call(review.NEXT_TASK, tab=tab if tab in _TABS else None, key=submitted_key())["task"]
    if found is None:
        return see_other(url_for("pages.authority_queue", tab=tab))
    return see_other(url_for("pages.authority_case", case_id=found["case_id"], tab=tab))


@pages.get("/authority/cases/<uuid:case_id>")
@needs_role(*_ROLES)
def authority_case(case_id: UUID) -> Response:
    """One case."""
    return case_page(case_id, PORTAL, Form())


@pages.post("/authority/cases/<uuid:case_id>")
@needs_role(*_ROLES)
def authority_decide(case_id: UUID) -> Response:
    """受理, 补正, 不予受理, 准予, 不予注册, 复核: whatever the case allows its caller."""
    return decide(case_id, PORTAL)


@pages.get("/authority/cases/<uuid:case_id>/paper")
@needs_role(*_ROLES)
def paper_receipt(case_id: UUID) -> Response:
    """接收纸质材料: tick the list."""
    return _paper_page(call(review.CASE, id=case_id), Form())


@pages.post("/authority/cases/<uuid:case_id>/paper")
@needs_role(*_ROLES)
def receive_paper(case_id: UUID) -> Response:
    """确认收到."""
    form = Form(request.form)
    case = call(review.CASE, id=case_id)
    received = [kind for kind in form.all("received") if kind in case["paper_materials"]]
    if not received:
        form.refuse("received", field_sentence("paper_missing", "received"))
        return _paper_page(case, form)
    version = form.text("version")
    try:
        changed = call(
            review.RECEIVE_PAPER,
            case_id=case_id,
            version=int(version) if version.isdigit() else case["version"],
            received=received,
            note=form.text("note"),
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {}, "received")
        return _paper_page(call(review.CASE, id=case_id), form)
    return after(PORTAL, changed, form.text("tab") or "receive", "receive_paper")


def _filters(given: Any) -> dict[str, Any]:
    tab = given.get("tab")
    return {
        "tab": tab if tab in _TABS else None,
        "number": (given.get("number") or "").strip() or None,
        "after": given.get("after") or None,
        "name": None,
    }


def _queue(filters: dict[str, Any]) -> Response:
    listed = call(review.WORK_LIST, filters)
    tabs = [name for name in _TABS if name in listed["tabs"]]
    own = [name for name in _OWN_WORK[current_session().role] if name in tabs]
    tab = filters["tab"] or next((name for name in own if listed["tabs"][name]["count"]), (own or tabs or [""])[0])
    if tab != filters["tab"] and not filters["number"] and not filters["name"]:
        listed = call(review.WORK_LIST, {**filters, "tab": tab})
    return page(
        "authority/queue_list.html" if wants_fragment() else "authority/queue.html",
        desk=desk(tally(listed["total"])),
        portal=PORTAL,
        listed=listed,
        tabs=tabs,
        tab=tab,
        filters=filters,
        done=request.args.get("done", ""),
        done_number=request.args.get("number", "") if request.args.get("done") else "",
    )


def _paper_page(case: dict[str, Any], form: Form) -> Response:
    return form_page(
        "authority/paper.html",
        form,
        desk=desk(),
        portal=PORTAL,
        case=case,
        tab=request.values.get("tab", "receive"),
    )
