"""电子证照: the certificate on screen, its PDF, who looked at it; and the statement of 年限."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, url_for

from shared.contracts import accounts, applications

from .. import files
from ..authentication import needs_person
from ..calls import call
from .account import or_none
from .blueprint import pages
from .rendering import page, see_other

_ACCEPTED = 202


@pages.get("/me/certificates")
@needs_person
def my_certificates() -> Response:
    """电子证照: the newest, and the others by link."""
    items = call(applications.CERTIFICATES)["items"]
    if not items:
        return page("person/no_certificate.html")
    return see_other(url_for("pages.my_certificate", certificate_id=items[0]["id"]))


@pages.get("/me/certificates/<uuid:certificate_id>")
@needs_person
def my_certificate(certificate_id: UUID) -> Response:
    """One certificate."""
    items = call(applications.CERTIFICATES)["items"]
    shown = next((item for item in items if item["id"] == certificate_id), None)
    if shown is None:
        abort(404)
    return page(
        "person/certificate.html",
        certificate=shown,
        others=[item for item in items if item["id"] != certificate_id],
        seen=or_none(lambda: call(accounts.ACCESS_LOG, limit=10)["items"]),
    )


@pages.get("/me/certificates/<uuid:certificate_id>.pdf")
@needs_person
def certificate_document(certificate_id: UUID) -> Response:
    """下载 PDF; 202 and a page that says so while the document is being made."""
    grant = call(applications.CERTIFICATE_DOCUMENT, id=certificate_id)["grant"]
    if grant is None:
        response = page("person/certificate_preparing.html", status=_ACCEPTED, certificate_id=certificate_id)
        response.headers["Refresh"] = "5"
        return response
    return files.download(grant["reference"])


@pages.get("/me/seniority")
@needs_person
def seniority() -> Response:
    """年限: a statement with its inputs, not a decision (domain §7)."""
    return page("person/seniority.html", statement=call(applications.SENIORITY))
