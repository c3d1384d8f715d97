"""What the resources share: entity tags, page arguments, the form of a contract over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import jsonify
from flask_smorest import Blueprint
from marshmallow import RAISE
from werkzeug import Response

from shared.contracts.common import PageRequest
from shared.platform.contract import RpcMethod
from shared.platform.schemas import WireSchema

from ..http_schemas import over_http

PREFIX = "/api/v1"
#: Marks of an operation until `routes.register` has put its headers into the document.
WANTS_VERSION, TELLS_VERSION = "x-wants-version", "x-tells-version"
View = TypeVar("View", bound=Callable[..., Any])
# A request that is not of the agreed form is a 400 (design D8); an unknown argument is refused like an unknown field.
Blueprint.ARGUMENTS_PARSER.DEFAULT_VALIDATION_STATUS = 400
Blueprint.ARGUMENTS_PARSER.DEFAULT_UNKNOWN_BY_LOCATION = {
    **Blueprint.ARGUMENTS_PARSER.DEFAULT_UNKNOWN_BY_LOCATION,
    "query": RAISE,
}
Page = over_http(PageRequest)


def resource(name: str, description: str) -> Blueprint:
    """A blueprint below `/api/v1`."""
    return Blueprint(name, __name__, url_prefix=PREFIX, description=description)


def answer_of(contract: RpcMethod[Any, Any]) -> type[WireSchema]:
    """The answer of a contract over HTTP."""
    assert contract.answer is not None, contract.path  # noqa: S101  # a route with a body is only made for one
    return over_http(contract.answer)


def body_of(contract: RpcMethod[Any, Any], *without: str) -> type[WireSchema]:
    """The request of a contract over HTTP, without what path and headers give."""
    return over_http(contract.request, without=without)


def wants_version(view: View) -> View:
    """Say in the document that an operation demands `If-Match`, for a view that asks `expected_version`."""
    described: View = Blueprint.doc(
        **{WANTS_VERSION: True},
        responses={"409": "CONFLICT", "428": "PRECONDITION_REQUIRED"},
    )(view)
    return described


def tells_version(view: View) -> View:
    """Say in the document that an operation answers with an `ETag`, for a view that answers `tagged`."""
    described: View = Blueprint.doc(**{TELLS_VERSION: True})(view)
    return described


def tagged(answer: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """An aggregate with its version as entity tag; a change of it has to send the tag back as `If-Match`."""
    return answer, {"ETag": f'"{answer["version"]}"'}


def dumped(contract: RpcMethod[Any, Any], answer: Any, status: int = 200) -> Response:
    """An answer as JSON with another status than the route's usual one."""
    response = jsonify(answer_of(contract)().dump(answer))
    response.status_code = status
    return response
