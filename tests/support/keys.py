"""Keys of a trial deployment for tests that need sealed fields in the pytest process itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commands.services import SERVICES
from shared.platform.config import forget_settings
from shared.platform.crypto import forget_keys, initialise_secrets
from shared.platform.identity import initialise_identity_keys


@contextmanager
def trial_keys(folder: Path) -> Iterator[Path]:
    """A fresh set of keys in `folder`, used by this process until the block ends."""
    initialise_secrets(folder, SERVICES)
    initialise_identity_keys(folder, SERVICES)
    with keys_of(folder):
        yield folder


@contextmanager
def keys_of(folder: Path) -> Iterator[None]:
    """Let this process use the keys of a deployment; settings and keys are as before when the block ends."""
    before = {name: os.environ.get(name) for name in ("ENVIRONMENT", "KEYS_DIR")}
    os.environ.update(ENVIRONMENT="test", KEYS_DIR=str(folder))
    forget_settings()
    forget_keys()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        forget_settings()
        forget_keys()
