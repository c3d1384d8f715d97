"""办件文书: what an application was answered with, as PDF."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request, url_for

from shared.contracts import applications

from .. import files
from ..authentication import needs_person
from ..calls import call
from .blueprint import pages
from .rendering import page

_ACCEPTED = 202


@pages.get("/me/applications/<uuid:application_id>/documents/<kind>.pdf")
@needs_person
def document(application_id: UUID, kind: str) -> Response:
    """下载 PDF, the newest of its kind or the one that is named; 202 and a page that says so while it is being made."""
    serial = request.args.get("serial", type=int)
    grant = call(applications.DOCUMENT, id=application_id, kind=kind, serial=serial)["grant"]
    if grant is not None:
        return files.download(grant["reference"])
    again = url_for("pages.document", application_id=application_id, kind=kind, serial=serial)
    back = url_for("pages.progress", application_id=application_id)
    response = page("application/document_preparing.html", status=_ACCEPTED, kind=kind, again=again, back=back)
    response.headers["Refresh"] = "5"
    return response
