"""上传材料: one page a file, and the file itself for its owner and for those who review it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, request, url_for

from shared.contracts import applications
from shared.platform.errors import DomainError

from .. import files
from ..authentication import needs_person, needs_role
from ..calls import call
from ..csrf import submitted_key
from ..forms import Form
from ..http_errors import field_sentence
from ..security_headers import allow_preview
from .blueprint import pages
from .rendering import form_page, see_other

#: A picture or a PDF, checked by its owner, never a page; the browser's own viewer needs its styles.
_FILE_POLICY = (
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)
_INLINE = ("application/pdf", "image/jpeg", "image/png")


@pages.get("/me/applications/<uuid:application_id>/materials/<kind>")
@needs_person
def material_page(application_id: UUID, kind: str) -> Response:
    """The page of one document: what it must show, kinds of file and size, what is stored already."""
    return _page(application_id, kind, Form())


@pages.post("/me/applications/<uuid:application_id>/materials/<kind>")
@needs_person
def upload_material(application_id: UUID, kind: str) -> Response:
    """Take the file; it is sealed before it reaches the disk, and checked by its owner."""
    form = Form(request.form)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        form.refuse("file", field_sentence("file_missing", "file"))
        return _page(application_id, kind, form)
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    version = form.text("version")
    try:
        view = files.attach_material(
            application_id,
            int(version) if version.isdigit() else 0,
            kind,
            upload.stream,
            filename=upload.filename,
            media_type=upload.mimetype,
            size=size,
            key=submitted_key(),
        )
    except DomainError as refused:
        form.blame(refused, {"size": "file", "media_type": "file", "kind": "file", "filename": "file"}, "file")
        return _page(application_id, kind, form)
    back = "supplement" if view["state"] == "SUPPLEMENT" else "form_step"
    target = url_for(f"pages.{back}", application_id=application_id, step="materials")
    return see_other(target if back == "form_step" else url_for("pages.supplement", application_id=application_id))


@pages.get("/files/<uuid:application_id>/<kind>")
@needs_role("physician", "clerk", "window", "officer", "head", login="pages.login")
def material_file(application_id: UUID, kind: str) -> Response:
    """A stored document, shown in the browser; the owner of the data decides who may see it and logs staff."""
    grant = call(applications.READ_MATERIAL, id=application_id, kind=kind, reason=request.args.get("reason", "")[:200])
    response = files.download(grant["reference"], inline=grant["media_type"] in _INLINE)
    response.headers["Content-Security-Policy"] = _FILE_POLICY
    return response


def _page(application_id: UUID, kind: str, form: Form) -> Response:
    view: dict[str, Any] = call(applications.APPLICATION, id=application_id)
    if view["state"] not in ("DRAFT", "ORG_RETURNED", "SUPPLEMENT"):
        return see_other(url_for("pages.progress", application_id=application_id))
    needed = {found["kind"]: found for found in needed_materials(view)}
    if kind not in needed:
        abort(404)
    allow_preview()
    stored = next((found for found in view["materials"] if found["kind"] == kind), None)
    return form_page("application/material.html", form, view=view, material=needed[kind], stored=stored)


def needed_materials(view: dict[str, Any]) -> list[dict[str, Any]]:
    """What this application is asked for.

    After a notice its own policy and findings say so; before, the readiness card does, with the chosen institution.
    """
    if view["state"] == "SUPPLEMENT":
        return _with_uploaded(view, view["needed"])
    institution = view["institution"]
    card = call(
        applications.READINESS,
        type=view["type"],
        qualification_id=view["qualification_id"],
        institution_id=institution["id"] if institution else None,
    )
    return _with_uploaded(view, card["materials"])


def _with_uploaded(view: dict[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was uploaded stays replaceable, even where a rule has stopped asking for it."""
    known = {item["kind"] for item in found}
    business = call(applications.BUSINESS_TYPE_LIST)["items"]
    everything = next(item["materials"] for item in business if item["type"] == view["type"])
    uploaded = {item["kind"] for item in view["materials"]}
    return found + [item for item in everything if item["kind"] in uploaded - known]
