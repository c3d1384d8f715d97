"""The HTTP API, one resource a file; the OpenAPI document comes from the same schemas that check each request."""

from __future__ import annotations

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from flask import Flask
from flask_smorest import Api
from marshmallow import fields, validate

from shared.platform.schemas import WireSchema

from . import business, demo, documents, exam, me, public, register_views, review, sign_up
from .common import TELLS_VERSION, WANTS_VERSION

BLUEPRINTS = (
    public.blueprint,
    sign_up.blueprint,
    me.blueprint,
    business.blueprint,
    review.blueprint,
    register_views.blueprint,
    exam.blueprint,
)

_VERSION = {"type": "string", "pattern": '^"[0-9]{1,18}"$'}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": _VERSION,
    "description": "The `ETag` of what was seen; 428 without it, 409 if somebody changed it since.",
}
_ETAG = {"schema": _VERSION, "description": "The version; a change has to send it back as `If-Match`."}


class ProblemField(WireSchema):
    """One field that is not of the agreed form."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class Problem(WireSchema):
    """Problem details (RFC 9457) with a stable `code` for programs and a Chinese `detail` for people."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9_]+$"))
    detail = fields.String(required=True)
    instance = fields.String()
    correlation_id = fields.String()
    facts = fields.Dict(keys=fields.String())
    errors = fields.List(fields.Nested(ProblemField))


def register(app: Flask) -> None:
    """Register every resource, `/api/openapi.json` and `/api/docs`."""
    app.config.update(
        API_TITLE="Yizhu 医注",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _ProblemApi(app, spec_kwargs={"marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name)})
    api.spec.components.security_scheme("session", {"type": "http", "scheme": "bearer"})
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    if app.extensions["yizhu.settings"].environment in ("demo", "test"):
        api.register_blueprint(demo.blueprint)
    _describe_common_headers(api.spec)
    documents.register(app)


class _ProblemApi(Api):
    """flask-smorest without its own error body: errors are registered by `http_errors`."""

    ERROR_SCHEMA = Problem

    def _register_responses(self) -> None:
        # What flask-smorest registers here are the errors, and all of ours are problem details.
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE  # the class's own, for every other answer

    def _register_error_handlers(self) -> None:
        pass


def _schema_name(schema: Any) -> Any:
    """The class's own name, without the suffixes that marshmallow classes often carry."""
    return resolver(schema)


def _describe_common_headers(spec: Any) -> None:
    """Say in the document what every write takes, what a change demands, and where its version comes from."""
    key = {
        "in": "header",
        "name": "Idempotency-Key",
        "required": False,
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9_\-:.]{8,100}$"},
        "description": "Send the same key again to repeat a request safely (kept 7 days).",
    }
    for path in spec._paths.values():
        for method, operation in path.items():
            if method in ("post", "put", "patch", "delete"):
                operation.setdefault("parameters", []).append(key)
            if isinstance(operation, dict):
                if operation.pop(WANTS_VERSION, False):
                    operation.setdefault("parameters", []).append(_IF_MATCH)
                if operation.pop(TELLS_VERSION, False):
                    _tell_version(operation["responses"])
                operation.setdefault("security", [{"session": []}, {}])


def _tell_version(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if str(status).startswith("2"):
            response.setdefault("headers", {})["ETag"] = _ETAG
