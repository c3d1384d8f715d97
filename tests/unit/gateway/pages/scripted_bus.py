"""A bus whose services answer what a test tells them to, so that a page can be read without them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from services.gateway import cookies
from shared.contracts import accounts
from shared.platform.contract import RpcMethod

Answerer = Callable[[Mapping[str, Any]], Any]


class ScriptedBus:
    """Answers by contract: with what its function gives for the command, or raises."""

    def __init__(self, answers: Mapping[RpcMethod[Any, Any], Answerer]) -> None:
        self._answers = {contract.path: answer for contract, answer in answers.items()}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def bus_for(self, context: Any) -> ScriptedBus:
        """The same for every caller."""
        return self

    def call(self, contract: RpcMethod[Any, Any], command: Mapping[str, Any], **_options: Any) -> Any:
        """The answer of the script."""
        self.asked.append((contract.path, dict(command)))
        return self._answers[contract.path](command)

    def commands(self, contract: RpcMethod[Any, Any]) -> list[dict[str, Any]]:
        """What was sent to one contract."""
        return [command for path, command in self.asked if path == contract.path]


def reader(
    app: Flask, answers: Mapping[RpcMethod[Any, Any], Answerer], *, signed_in: bool = True
) -> tuple[FlaskClient, ScriptedBus]:
    """A browser, of a signed-in physician or of a visitor, and the bus that answers it."""
    ends = datetime.now(UTC) + timedelta(minutes=20)
    session = {
        "token": "context",
        "expires_at": ends,
        "kind": "person",
        "role": "physician",
        "session_expires_at": ends,
    }
    visitor = {"token": "visitor", "expires_at": ends}
    bus = ScriptedBus(
        {accounts.RENEW_CONTEXT: lambda _: session, accounts.VISITOR_CONTEXT: lambda _: visitor, **answers}
    )
    app.extensions["yizhu.bus"] = bus
    client = app.test_client()
    if signed_in:
        client.set_cookie(cookies.SESSION, "some-secret")
    return client, bus


def hidden(text: str, name: str) -> str:
    """The value of a hidden field of a page."""
    return text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
