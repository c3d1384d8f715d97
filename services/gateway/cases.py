"""What applicants ask of a case: `review` knows the case, `applications` whether there is one to come.

Neither asks the other (design §2), so the two answers are put together here.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contracts import applications, review
from shared.platform.errors import Conflict, NotFound

from .calls import call


def timeline_of(application_id: UUID) -> dict[str, Any]:
    """The timeline of the caller's own application; empty while its case isn't open. `NotFound` if there is none."""
    try:
        found: dict[str, Any] = call(review.TIMELINE, id=application_id)
    except NotFound as absent:
        view = _application(application_id, absent)
        return {
            "application_id": application_id,
            "case_id": None,
            "case_version": None,
            "state": view["state"],
            "acts_next": view["acts_next"] or "none",
            "act_until": None,
            "can_withdraw": False,
            "window": None,
            "entries": [],
        }
    return found


def withdraw(application_id: UUID, *, version: int, reason: str = "", key: str | None = None) -> dict[str, Any]:
    """Take the caller's own application back; `Conflict("case_opening")` while its case isn't open: try again.

    A draft has nothing to take back: `Conflict("action_not_possible")`.
    """
    try:
        changed: dict[str, Any] = call(
            review.WITHDRAW, application_id=application_id, version=version, reason=reason, key=key
        )
    except NotFound as absent:
        view = _application(application_id, absent)
        code = "action_not_possible" if view["state"] == "DRAFT" else "case_opening"
        raise Conflict(code, state=view["state"]) from absent
    return changed


def _application(application_id: UUID, absent: NotFound) -> dict[str, Any]:
    """The application without a case; whoever has none of that number learns no more than that."""
    try:
        view: dict[str, Any] = call(applications.APPLICATION, id=application_id)
    except NotFound:
        raise absent from None
    return view
