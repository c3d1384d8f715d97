"""Business: kinds, readiness, drafts, materials, submission, supplements, withdrawal, timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug import Response
from werkzeug.http import parse_options_header

from shared.contracts import applications, review

from .. import cases, files
from ..calls import call, expected_version
from .common import answer_of, body_of, resource, tagged, tells_version, wants_version

blueprint = resource("business", "业务办理")
APPLICATION = answer_of(applications.APPLICATION)


@blueprint.get("/business-types")
@blueprint.response(200, answer_of(applications.BUSINESS_TYPE_LIST))
def business_types() -> Any:
    """The nine kinds of business, their steps and materials."""
    return call(applications.BUSINESS_TYPE_LIST)


@blueprint.get("/business-types/<business_type>/readiness")
@blueprint.arguments(body_of(applications.READINESS, "type"), location="query")
@blueprint.response(200, answer_of(applications.READINESS))
def readiness(query: dict[str, Any], business_type: str) -> Any:
    """Every condition with its present value and what would change it (办理条件自查)."""
    return call(applications.READINESS, query, type=business_type)


@blueprint.post("/applications")
@blueprint.arguments(body_of(applications.START))
@blueprint.response(201, APPLICATION)
@tells_version
def start(body: dict[str, Any]) -> Any:
    """Begin a draft; it is kept for 30 days after the last edit."""
    return tagged(call(applications.START, body))


@blueprint.get("/applications/<uuid:application_id>")
@blueprint.response(200, APPLICATION)
@tells_version
def application(application_id: UUID) -> Any:
    """One application, for its owner and those who review it."""
    return tagged(call(applications.APPLICATION, id=application_id))


@blueprint.patch("/applications/<uuid:application_id>")
@blueprint.arguments(body_of(applications.SAVE_STEP, "id", "version"))
@blueprint.response(200, APPLICATION)
@wants_version
@tells_version
def save_step(body: dict[str, Any], application_id: UUID) -> Any:
    """Save one step of the form; wants `If-Match`."""
    return tagged(call(applications.SAVE_STEP, body, id=application_id, version=expected_version()))


@blueprint.put("/applications/<uuid:application_id>/materials/<kind>")
@blueprint.response(200, APPLICATION)
@wants_version
@tells_version
def put_material(application_id: UUID, kind: str) -> Any:
    """Upload a material as the raw body, with its `Content-Type`, and its name in `Content-Disposition`."""
    _, options = parse_options_header(request.headers.get("Content-Disposition", ""))
    media_type, _ = parse_options_header(request.content_type or "")
    request.max_content_length = None  # the owner's grant bounds an upload, not the general limit of a body
    changed = files.attach_material(
        application_id,
        expected_version(),
        kind,
        request.stream,
        filename=options.get("filename") or kind,
        media_type=media_type,
        size=request.content_length,
    )
    return tagged(changed)


put_material._apidoc.setdefault("manual_doc", {})["requestBody"] = {
    "required": True,
    "content": {
        media_type: {"schema": {"type": "string", "format": "binary"}}
        for media_type in ("image/jpeg", "image/png", "application/pdf")
    },
}


@blueprint.get("/applications/<uuid:application_id>/materials/<kind>")
@blueprint.arguments(body_of(applications.READ_MATERIAL, "id", "kind"), location="query")
@blueprint.response(200, content_type="application/octet-stream")
def get_material(query: dict[str, Any], application_id: UUID, kind: str) -> Response:
    """A material's bytes; a look by staff is logged with its reason."""
    grant = call(applications.READ_MATERIAL, query, id=application_id, kind=kind)
    return files.download(grant["reference"], inline=True)


@blueprint.post("/applications/<uuid:application_id>/submission")
@blueprint.arguments(body_of(applications.SUBMIT, "id", "version"))
@blueprint.response(200, APPLICATION)
@wants_version
@tells_version
def submit(body: dict[str, Any], application_id: UUID) -> Any:
    """Submit with the declaration of truth; wants `If-Match`."""
    return tagged(call(applications.SUBMIT, body, id=application_id, version=expected_version()))


@blueprint.post("/applications/<uuid:application_id>/supplements")
@blueprint.arguments(body_of(applications.SUPPLEMENT, "id", "version"))
@blueprint.response(200, APPLICATION)
@wants_version
@tells_version
def supplement(body: dict[str, Any], application_id: UUID) -> Any:
    """Hand in what the supplement notice asked for (补正); wants `If-Match`."""
    return tagged(call(applications.SUPPLEMENT, body, id=application_id, version=expected_version()))


@blueprint.post("/applications/<uuid:application_id>/withdrawal")
@blueprint.arguments(body_of(review.WITHDRAW, "application_id", "version"))
@blueprint.response(200, answer_of(review.WITHDRAW))
@wants_version
def withdraw(body: dict[str, Any], application_id: UUID) -> Any:
    """Take the application back before it is approved; `If-Match` carries the timeline's `case_version`."""
    return cases.withdraw(application_id, version=expected_version(), reason=body["reason"])


@blueprint.get("/applications/<uuid:application_id>/timeline")
@blueprint.response(200, answer_of(review.TIMELINE))
@tells_version
def timeline(application_id: UUID) -> Any:
    """What happened, who acts next and until when; its `ETag` is the version of the case."""
    found = cases.timeline_of(application_id)
    return (found, {"ETag": f'"{found["case_version"]}"'}) if found["case_version"] is not None else found
