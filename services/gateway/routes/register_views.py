"""The register: a registration on any day, the roster of an organisation, what both enter, a certificate's document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from werkzeug import Response

from shared.contracts import applications

from ..calls import call, expected_version
from .common import answer_of, body_of, document_file, resource, tagged, tells_version, wants_version

blueprint = resource("register", "执业注册信息")
REGISTRATION = answer_of(applications.REGISTRATION)


@blueprint.get("/registrations/<uuid:registration_id>")
@blueprint.arguments(body_of(applications.REGISTRATION, "id"), location="query")
@blueprint.response(200, REGISTRATION)
@tells_version
def registration(query: dict[str, Any], registration_id: UUID) -> Any:
    """A registration as it was on `as_of`, as known at `known_at`."""
    return tagged(call(applications.REGISTRATION, query, id=registration_id))


@blueprint.get("/registrations/<uuid:registration_id>/status-proof")
@blueprint.arguments(body_of(applications.STATUS_PROOF, "id"), location="query")
@blueprint.response(200, answer_of(applications.STATUS_PROOF))
def status_proof(query: dict[str, Any], registration_id: UUID) -> Any:
    """How a registration stood on `as_of`, as known at `known_at`, signed so that others can check it."""
    return call(applications.STATUS_PROOF, query, id=registration_id)


@blueprint.post("/registrations/<uuid:registration_id>/suspension")
@blueprint.arguments(body_of(applications.SUSPEND, "registration_id", "version"))
@blueprint.response(200, REGISTRATION)
@wants_version
@tells_version
def suspend(body: dict[str, Any], registration_id: UUID) -> Any:
    """Enter a suspension 暂停执业, by the authority that keeps the registration; wants `If-Match`."""
    return tagged(call(applications.SUSPEND, body, registration_id=registration_id, version=expected_version()))


@blueprint.post("/registrations/<uuid:registration_id>/assessments")
@blueprint.arguments(body_of(applications.ENTER_ASSESSMENT, "registration_id", "version"))
@blueprint.response(200, REGISTRATION)
@wants_version
@tells_version
def enter_assessment(body: dict[str, Any], registration_id: UUID) -> Any:
    """Enter the result of a periodic assessment 定期考核; wants `If-Match`."""
    version = expected_version()
    return tagged(call(applications.ENTER_ASSESSMENT, body, registration_id=registration_id, version=version))


@blueprint.post("/departures")
@blueprint.arguments(body_of(applications.FILE_DEPARTURE, "version"))
@blueprint.response(201, REGISTRATION)
@wants_version
@tells_version
def file_departure(body: dict[str, Any]) -> Any:
    """Report that a physician left 离岗备案; it takes effect at once. `If-Match` carries the registration's version."""
    return tagged(call(applications.FILE_DEPARTURE, body, version=expected_version()))


@blueprint.get("/roster")
@blueprint.arguments(body_of(applications.ROSTER, "name"), location="query")
@blueprint.response(200, answer_of(applications.ROSTER))
def roster(query: dict[str, Any]) -> Any:
    """The physicians of the caller's institution, or those whom the caller's authority keeps."""
    return call(applications.ROSTER, query)


@blueprint.post("/roster-searches")
@blueprint.arguments(body_of(applications.ROSTER))
@blueprint.response(200, answer_of(applications.ROSTER))
def search_roster(body: dict[str, Any]) -> Any:
    """The same for one exact full name, which never stands in a URL."""
    return call(applications.ROSTER, body)


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
    return document_file(applications.CERTIFICATE_DOCUMENT, answer)
