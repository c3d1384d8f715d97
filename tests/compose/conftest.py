"""The province that the tests share, with people in it; what it took is told by the runner at the end."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.compose.containers import province as new_province
from tests.compose.people import populated


def pytest_collection_modifyitems(items):
    """The main job first: how soon a newcomer has a doctor registered is not told after an hour of faults.

    Then all that share its province, so that it need not run beside the provinces that others make for themselves.
    """
    items.sort(key=lambda item: (item.path.name != "test_journeys.py", not shares(item)))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """The shared province ends with the last test of it: its health checks alone take much of two processors."""
    if "province" in item.funcargs and nextitem and not shares(nextitem):  # after the last of all its fixture ends it
        item.funcargs["province"].down()


def shares(item):
    """Whether a test uses the province that is shared."""
    return "province" in item.fixturenames


@pytest.fixture(scope="session")
def figures():
    """What a newcomer wants to know, written where the runner finds it."""
    found: dict[str, float] = {}
    yield found
    if target := os.environ.get("COMPOSE_TEST_FIGURES"):
        Path(target).write_text(json.dumps(found))


@pytest.fixture(scope="session")
def image():
    """The services' image that is tried."""
    return os.environ["YIZHU_IMAGE"]


@pytest.fixture(scope="session")
def province(tmp_path_factory, figures):
    """Province 43, everything healthy."""
    with new_province("43", tmp_path_factory.mktemp("compose") / "43") as running:
        started = time.monotonic()
        running.up()
        figures["seconds from `up` to all healthy"] = time.monotonic() - started
        figures["MB of memory of the idle province"] = sum(running.memory().values())
        yield running


@pytest.fixture(scope="session")
def deployment(province, tmp_path_factory):
    """The same with organisations, staff and a published cohort."""
    return populated(province, tmp_path_factory.mktemp("cohort"))
