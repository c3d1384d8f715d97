"""How the gateway asks a service: one call, on behalf of whoever sent the HTTP request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Request, current_app, g, request

from shared.platform.bus.headers import CallContext, next_message_id
from shared.platform.contract import RpcMethod
from shared.platform.errors import InvalidInput, PreconditionRequired

from . import authentication

_KEY = re.compile(r"^[A-Za-z0-9_\-:.]{8,100}$")
_VERSION = re.compile(r'^(?:W/)?"(\d{1,18})"$')


def call(
    contract: RpcMethod[Any, Any],
    payload: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    token: str | None = None,
    **fields: Any,
) -> Any:
    """Ask a service and give its loaded answer; every refusal is a `DomainError`.

    The caller is the session or visitor of the current request, or whoever `token` names. A writing call carries the
    request's `Idempotency-Key`, or `key` (a form's hidden field); two writing calls of one request get keys of their
    own, so that neither answers for the other.
    """
    command = {**(payload or {}), **fields}
    context = CallContext(
        identity=token or authentication.context_token(),
        correlation_id=correlation_id(),
        idempotency_key=_idempotency_key(contract, key) if contract.writes else None,
    )
    answer = current_app.extensions["yizhu.bus"].bus_for(context).call(contract, command)
    if contract.service == "accounts" and contract.writes:
        authentication.forget_context()
    return answer


def correlation_id() -> str:
    """One id for everything that the current request sets off; it stands in its answer and in every log line."""
    if "correlation_id" not in g:
        g.correlation_id = next_message_id()
    return str(g.correlation_id)


def expected_version(source: Request | None = None) -> int:
    """The version that the client saw, from `If-Match`; `PreconditionRequired` without one."""
    given = (source or request).headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired("if_match_missing")
    found = _VERSION.match(given)
    if found is None:
        raise InvalidInput("invalid_input", fields={"If-Match": ["version_invalid"]})
    return int(found.group(1))


def _idempotency_key(contract: RpcMethod[Any, Any], key: str | None) -> str | None:
    given = key or request.headers.get("Idempotency-Key")
    if not given:
        return None
    if not _KEY.match(given):
        raise InvalidInput("invalid_input", fields={"Idempotency-Key": ["key_invalid"]})
    return f"{given}:{contract.path}"
