"""The register: a registration on any day, a person's registrations, a certificate's document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from werkzeug import Response

from shared.contracts import applications

from .. import files
from ..calls import call
from .common import answer_of, body_of, dumped, resource, tagged, tells_version

blueprint = resource("register", "执业注册信息")


@blueprint.get("/registrations/<uuid:registration_id>")
@blueprint.arguments(body_of(applications.REGISTRATION, "id"), location="query")
@blueprint.response(200, answer_of(applications.REGISTRATION))
@tells_version
def registration(query: dict[str, Any], registration_id: UUID) -> Any:
    """A registration as it was on `as_of`, as known at `known_at`."""
    return tagged(call(applications.REGISTRATION, query, id=registration_id))


@blueprint.get("/physicians/<uuid:person_id>/registrations")
@blueprint.response(200, answer_of(applications.REGISTRATIONS))
def registrations(person_id: UUID) -> Any:
    """All registrations of a person, newest first."""
    return call(applications.REGISTRATIONS, id=person_id)


@blueprint.get("/certificates/<uuid:certificate_id>.pdf")
@blueprint.response(200, content_type="application/pdf")
def certificate_document(certificate_id: UUID) -> Response:
    """The certificate as a signed PDF/A; 202 while it is being rendered."""
    answer = call(applications.CERTIFICATE_DOCUMENT, id=certificate_id)
    if answer["grant"] is None:
        waiting = dumped(applications.CERTIFICATE_DOCUMENT, answer, status=202)
        waiting.headers["Retry-After"] = "2"
        return waiting
    return files.download(answer["grant"]["reference"])
