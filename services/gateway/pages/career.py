"""执业经历 and 执业注册: the whole career on one line of time, one registration with its filings, its signed proof."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, jsonify

from shared.contracts import applications
from shared.trade.statuses import RegistrationStatus

from .. import view_models as words
from ..authentication import needs_person
from ..calls import call
from ..http_schemas import over_http
from .account import me
from .blueprint import pages
from .rendering import now, page


@pages.get("/me/career")
@needs_person
def my_career() -> Response:
    """执业经历, the newest first: every stretch of every registration, and every filing."""
    today = words.today(now())
    line = words.career_line(call(applications.CAREER), today)
    return page("person/career.html", line=line, registrations=_standing())


@pages.get("/me/registrations/<uuid:registration_id>")
@needs_person
def my_registration(registration_id: UUID) -> Response:
    """One registration as it stands, with what is filed on it and what can be done with it."""
    found = next((item for item in _registrations() if item["id"] == registration_id), None)
    if found is None:
        abort(404)
    status = RegistrationStatus(found["status"])
    return page("person/registration.html", registration=found, is_registered=status.is_registered)


@pages.get("/me/registrations/<uuid:registration_id>/proof.json")
@needs_person
def my_status_proof(registration_id: UUID) -> Response:
    """执业状态证明: how the registration stands today, signed, for others to check."""
    proof = call(applications.STATUS_PROOF, id=registration_id)
    response: Response = jsonify(over_http(applications.StatusProof)().dump(proof))
    response.headers["Content-Disposition"] = 'attachment; filename="registration-status.json"'
    return response


def _registrations() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(applications.REGISTRATIONS, id=me()["person_id"])["items"]
    return found


def _standing() -> list[dict[str, Any]]:
    """Those that count as registered (domain §3.14)."""
    return [found for found in _registrations() if RegistrationStatus(found["status"]).is_registered]
