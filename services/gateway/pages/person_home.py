"""首页 of 个人端: what to do now, the current case, what happens next."""

from __future__ import annotations

from typing import Any

from flask import Response

from shared.contracts import applications, notices, review
from shared.platform.errors import DomainError
from shared.trade.statuses import ApplicationState

from ..authentication import needs_person
from ..calls import call
from .account import STEP_PAGES, me, or_none
from .blueprint import pages
from .rendering import page
from .tasks import tasks_of

_EDITABLE = ("DRAFT", "ORG_RETURNED")


@pages.get("/me")
@needs_person
def person_home() -> Response:
    """One thing to do now stands at the top; the page works even where a service is away."""
    account = me()
    if account["next_step"] != "none":
        return page("person/start.html", account=account, step_page=STEP_PAGES[account["next_step"]])
    listed = or_none(lambda: call(applications.APPLICATIONS, limit=10))
    current = _current(listed["items"]) if listed else None
    view = or_none(lambda: call(applications.APPLICATION, id=current["id"])) if current else None
    inbox = or_none(lambda: call(notices.INBOX, limit=1))
    certificates = or_none(lambda: call(applications.CERTIFICATES)["items"])
    return page(
        "person/home.html",
        account=account,
        listed=listed,
        view=view,
        tasks=tasks_of(view) if view and view["state"] in _EDITABLE else None,
        timeline=_timeline(view),
        certificates=certificates or [],
        unread=inbox["unread"] if inbox else None,
    )


def _current(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((row for row in rows if ApplicationState(row["state"]).is_open), None)


def _timeline(view: dict[str, Any] | None) -> dict[str, Any] | None:
    if view is None or view["state"] in ("DRAFT", "SUBMITTED"):
        return None
    try:
        found: dict[str, Any] = call(review.TIMELINE, id=view["id"])
    except DomainError:
        return None
    return found
