"""Chromium against an embedded deployment; every page that a test opens is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from commands.journey.people import Doctor
from tests.support.deployment import Deployment, deployed
from tests.support.processes import System

from .watching import Watch

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def deployment(tmp_path_factory) -> Iterator[Deployment]:
    """One embedded deployment for all browser tests; each takes candidates of its own."""
    folder = tmp_path_factory.mktemp("browser")
    system = System.embedded(folder / "system")
    with deployed(system, folder, size=1000) as running:
        yield running
    faults = running.system.faults()
    assert not faults, f"{len(faults)} faults were logged, the first: {faults[0]}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's own Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def visit(browser, deployment) -> Iterator[Callable[..., Page]]:
    """A function that opens a watched browser of its own: `visit(viewport, javascript=True, scheme="light")`."""
    watch = Watch(deployment.url)
    with ExitStack() as opened:

        def open_page(viewport: dict[str, int] = PHONE, **options: Any) -> Page:
            return opened.enter_context(watched_context(browser, watch, viewport, **options)).new_page()

        yield open_page
    assert not watch.wrong, "\n".join(dict.fromkeys(watch.wrong))


@contextmanager
def watched_context(
    browser: Browser, watch: Watch, viewport: dict[str, int], *, javascript: bool = True, scheme: str = "light"
) -> Iterator[BrowserContext]:
    """A browser context as a person in China has it."""
    context = browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]  # a plain dict is what it takes
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(15_000)
    watch.over(context)
    yield context
    context.close()


@pytest.fixture
def candidate_doctor(deployment) -> Callable[..., Doctor]:
    """Somebody who passed and has no account yet."""
    return lambda **wanted: Doctor(deployment.url, deployment.candidate(**wanted))
