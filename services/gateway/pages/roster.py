"""本机构医师 and 医师库: the physicians of an institution, or those whom an authority keeps, and one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, request

from shared.contracts import applications
from shared.trade.statuses import RegistrationStatus

from ..authentication import current_session, needs_role
from ..calls import call
from ..forms import Form
from .account import or_none
from .blueprint import pages
from .desk import desk, done_now
from .rendering import page

AUTHORITY_ROLES = ("window", "officer", "head")
#: Who may enter something into the register for an authority.
DECIDING_ROLES = ("officer", "head")
_PAGE, _SOUGHT, _PAGES_SOUGHT = 20, 100, 50
_LEFT = (RegistrationStatus.LEFT_FILED, RegistrationStatus.MOVED_OUT)


@dataclass(frozen=True)
class Side:
    """Whose roster it is: the endpoints of the institution's or of the authority's portal."""

    name: str
    list: str
    physician: str
    act: str


INSTITUTION = Side("institution", "pages.institution_roster", "pages.institution_physician", "pages.institution_act")
AUTHORITY = Side("authority", "pages.authority_roster", "pages.authority_physician", "pages.authority_act")


@pages.get("/institution/physicians")
@needs_role("clerk")
def institution_roster() -> Response:
    """本机构医师: main and further, in the order in which they were registered."""
    return _list_page(INSTITUTION)


@pages.post("/institution/physicians")
@needs_role("clerk")
def search_institution_roster() -> Response:
    """The same for one exact name, which never stands in a URL."""
    return _list_page(INSTITUTION, Form(request.form).text("name"))


@pages.get("/authority/physicians")
@needs_role(*AUTHORITY_ROLES)
def authority_roster() -> Response:
    """医师库: those whom the authority keeps."""
    return _list_page(AUTHORITY)


@pages.post("/authority/physicians")
@needs_role(*AUTHORITY_ROLES)
def search_authority_roster() -> Response:
    """The same for one exact name."""
    return _list_page(AUTHORITY, Form(request.form).text("name"))


@pages.get("/institution/physicians/<uuid:registration_id>")
@needs_role("clerk")
def institution_physician(registration_id: UUID) -> Response:
    """医师详情, with what the institution may report."""
    return _physician_page(INSTITUTION, registration_id)


@pages.get("/authority/physicians/<uuid:registration_id>")
@needs_role(*AUTHORITY_ROLES)
def authority_physician(registration_id: UUID) -> Response:
    """医师详情, with what the authority may enter."""
    return _physician_page(AUTHORITY, registration_id)


def row_of(registration_id: UUID, after: str | None, filing: str | None) -> dict[str, Any]:
    """A physician's row of the caller's roster; 404 where there is none.

    The roster is asked by page, not by physician, so `after` says on which page the row stood; whoever came by a name
    is looked for from the beginning.
    """
    found = next((row for row in _rows(after) if _is_meant(row, registration_id, filing)), None)
    if found is None:
        abort(404)
    return found


def _rows(after: str | None) -> Iterator[dict[str, Any]]:
    """The page on which a row stood, then the whole roster."""
    if after:
        yield from call(applications.ROSTER, after=after, limit=_PAGE)["items"]
    cursor = None
    for _page in range(_PAGES_SOUGHT):
        listed = call(applications.ROSTER, after=cursor, limit=_SOUGHT)
        yield from listed["items"]
        cursor = listed["next"]
        if cursor is None:
            return


def acts_for(side: Side, row: dict[str, Any]) -> list[str]:
    """What may be reported or entered about a physician, by name."""
    status = RegistrationStatus(row["status"])
    if side is INSTITUTION:
        if row["filing"] is not None:
            return ["filing_end"] if row["filing"]["status"] != "ended" else []
        stands = ["departure"] if status.is_registered else []
        return [*stands, "cancellation"] if status.is_registered or status in _LEFT else []
    if current_session().role not in DECIDING_ROLES:
        return []
    entered = ["suspension", "assessment"] if status is RegistrationStatus.ACTIVE else ["assessment"]
    return [*(entered if status.is_registered else []), "cancellation"]


def _is_meant(row: dict[str, Any], registration_id: UUID, filing: str | None) -> bool:
    filed = str(row["filing"]["id"]) if row["filing"] else None
    return bool(row["registration_id"] == registration_id) and filed == filing


def _list_page(side: Side, name: str = "") -> Response:
    after = None if name else request.args.get("after")
    listed = call(applications.ROSTER, name=name, after=after, limit=_PAGE)
    return page(
        "roster/list.html",
        desk=desk(),
        side=side,
        listed=listed,
        name=name,
        after=after,
        done=done_now(),
    )


def _physician_page(side: Side, registration_id: UUID) -> Response:
    after, filing = request.args.get("after"), request.args.get("filing")
    row = row_of(registration_id, after, filing)
    registration = None if row["filing"] else or_none(lambda: call(applications.REGISTRATION, id=registration_id))
    return page(
        "roster/physician.html",
        desk=desk(),
        side=side,
        row=row,
        registration=registration,
        acts=acts_for(side, row),
        after=after,
        done=done_now(),
    )
