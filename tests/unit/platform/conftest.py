"""Settings and keys of a deployment for tests that need them; every test starts from an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.platform.clock import clock
from shared.platform.config import forget_settings
from shared.platform.crypto import forget_keys
from shared.platform.identity import forget_identity_keys, initialise_identity_keys

VARIABLES = (
    "ENVIRONMENT",
    "AMQP_URI",
    "DATABASE_URL",
    "REVIEW_DATABASE_URL",
    "ORIGIN",
    "PROVINCES",
    "PROVINCES_DIR",
    "CALENDAR_DIR",
    "KEYS_DIR",
    "FILES_DIR",
    "CLOCK_URI",
    "SMS_PROVIDER",
    "SMS_TOKEN",
    "PUBLIC_URL",
    "HOST",
    "PORT",
    "ADMIN_HOST",
    "ADMIN_PORT",
    "OUTBOX_KEEP_DAYS",
    "OUTBOX_LAG_LIMIT",
    "TRUSTED_PROXIES",
    "ADDRESS_LIMITS",
    "CALLER_CHECK",
    "CRYPTO_CIPHER",
    "RPC_WORKERS",
    "EVENT_QUEUES",
    "LOG_LEVEL",
)
SERVICES = ("accounts", "review")


def forget() -> None:
    forget_settings()
    forget_keys()
    forget_identity_keys()
    clock.cache_clear()


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A test deployment in a folder of its own, without anything of the caller's environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("FILES_DIR", str(tmp_path / "files"))
    forget()
    yield monkeypatch
    forget()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Fresh keys for two services."""
    from shared.platform.crypto import initialise_secrets

    folder = tmp_path / "keys"
    initialise_secrets(folder, SERVICES)
    initialise_identity_keys(folder, SERVICES)
    return folder
