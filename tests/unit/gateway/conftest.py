"""The gateway's application without a bus: what it does before and after it asks a service."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from services.gateway.app import create_app
from shared.platform.config import forget_settings, load_deployment

HTTPS = "https://yizhu.example"


@pytest.fixture
def make_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Flask]]:
    """Make the application of a deployment with these settings."""
    for name in ("ENVIRONMENT", "AMQP_URI", "PUBLIC_URL", "TRUSTED_PROXIES", "PORT"):
        monkeypatch.delenv(name, raising=False)

    def make(**settings: str) -> Flask:
        for name, value in ({"ENVIRONMENT": "test"} | settings).items():
            monkeypatch.setenv(name, value)
        forget_settings()
        return create_app(None, load_deployment())

    yield make
    forget_settings()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application of a trial over plain http."""
    return make_app()
