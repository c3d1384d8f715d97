"""What all tests share: tests whose server or browser is missing are left out, and the run says so at its end."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.support.provision import WITHOUT

# A property is about what holds, not about how fast a busy machine finds out.
settings.register_profile("yizhu", deadline=None)
settings.load_profile("yizhu")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the marks that `tests.run` named as impossible here; it has announced them."""
    absent = {mark for mark in os.environ.get(WITHOUT, "").split(",") if mark}
    if not absent:
        return
    kept = [item for item in items if not absent & {mark.name for mark in item.iter_markers()}]
    gone = [item for item in items if item not in kept]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = kept
