"""The only place that joins kinds of error to HTTP: problem details (RFC 9457), a stable code, a Chinese sentence."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from shared.platform import errors
from shared.platform.bus.errors import RemoteFault
from shared.platform.errors import DomainError

from . import catalogue
from .calls import correlation_id

HTTP_STATUS: dict[type[DomainError], int] = {
    errors.InvalidInput: 400,
    errors.Unauthenticated: 401,
    errors.PermissionDenied: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.RuleViolated: 422,
    errors.PreconditionRequired: 428,
    errors.TooManyAttempts: 429,
    errors.Unavailable: 503,
}
INTERNAL = "internal_error"
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "media_type_unsupported"}
_log = logging.getLogger(__name__)


def sentence(code: str, facts: dict[str, Any] | None = None) -> str:
    """What a person reads for an error code; an unknown one gets the sentence that asks to try again."""
    return catalogue.sentence(f"error.{code}", facts, default=catalogue.sentence(f"error.{INTERNAL}"))


def field_sentence(code: str, field: str = "") -> str:
    """What stands beside a field: its own sentence where there is one, else the general one of the code."""
    for message_id in (f"field.{field.rsplit('.', 1)[-1]}.{code}", f"field.{code}"):
        if catalogue.has(message_id):
            return catalogue.sentence(message_id)
    return catalogue.sentence("field.invalid")


def field_errors(error: DomainError) -> dict[str, str]:
    """Each wrong field's path with the sentence for it; empty where the error is about no field."""
    found = error.facts.get("fields", {})
    return {path: field_sentence(codes[0] if codes else "invalid", path) for path, codes in found.items()}


def status_of(error: DomainError) -> int:
    """The HTTP status of an error's kind."""
    return HTTP_STATUS[type(error)]


def problem(error: DomainError) -> Response:
    """Problem details of an error; `code` is what programs branch on, `detail` what people read."""
    body: dict[str, Any] = {"code": error.code, "detail": sentence(error.code, error.facts)}
    facts = {name: value for name, value in error.facts.items() if name != "fields"}
    if facts:
        body["facts"] = facts
    if "fields" in error.facts:
        sentences = field_errors(error)
        body["errors"] = [
            {"field": path, "code": str(codes[0]) if codes else "invalid", "detail": sentences[path]}
            for path, codes in error.facts["fields"].items()
        ]
    response = problem_response(status_of(error), **body)
    if "retry_after" in error.facts:
        response.headers["Retry-After"] = str(int(error.facts["retry_after"]))
    return response


def problem_response(status: int, **body: Any) -> Response:
    """A problem document of the media type that RFC 9457 names."""
    response = jsonify(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        instance=request.path,
        correlation_id=correlation_id(),
        **body,
    )
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def of_http(error: HTTPException) -> DomainError | None:
    """The refusal that Flask itself raised, as one of ours where it says the same."""
    if error.code == HTTPStatus.NOT_FOUND:
        return errors.NotFound("page_not_found")
    if error.code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
        return errors.InvalidInput("body_unreadable")
    return None


def register(app: Flask) -> None:
    """Answer errors of the API as problem details; pages have their own way to show the same sentences."""
    from .pages.errors import error_page

    def on_domain_error(error: DomainError) -> Any:
        return problem(error) if wants_problem() else error_page(error)

    def on_http_error(error: HTTPException) -> Any:
        if error.code is not None and error.code < HTTPStatus.BAD_REQUEST:
            return error
        ours = of_http(error)
        if ours is not None:
            return on_domain_error(ours)
        code = _HTTP_CODES.get(error.code or 0, INTERNAL)
        if not wants_problem():
            return error_page(errors.InvalidInput(code), status=error.code or 500)
        response = problem_response(error.code or 500, code=code, detail=sentence(code))
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    def on_fault(error: Exception) -> Any:
        if isinstance(error, RemoteFault):
            _log.error("remote_fault", extra={"path": error.path, "correlation_id": error.correlation_id})
        else:
            _log.exception("request_failed", extra={"correlation_id": correlation_id()})
        if wants_problem():
            return problem_response(500, code=INTERNAL, detail=sentence(INTERNAL))
        return error_page(errors.Unavailable(INTERNAL), status=500)

    app.register_error_handler(DomainError, on_domain_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_fault)


def wants_problem() -> bool:
    """Whether a program asked: everything below `/api/`."""
    return request.path.startswith("/api/")
