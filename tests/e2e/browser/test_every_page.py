"""Every page, on a phone and at a desk, light and dark: no barriers, no sideways scroll, a title and one heading."""

from __future__ import annotations

import pytest

from .axe import violations
from .conftest import DESK, PHONE
from .site import made

pytestmark = [pytest.mark.browser, pytest.mark.slow]
READERS = (
    "public",
    "newcomer",
    "drafting",
    "applicant",
    "supplementing",
    "registered",
    "clerk",
    "window",
    "officer",
    "examiner",
)
WIDTHS = (320, 360, 390, 768, 1024, 1366, 1440)
_OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(deployment, tmp_path_factory):
    return made(deployment, tmp_path_factory.mktemp("site"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["390", "1440"])
@pytest.mark.parametrize("reader", READERS)
def test_axe_finds_no_barrier(visit, deployment, site, reader, viewport, scheme):
    """ui §13.4: WCAG 2.2 A and AA and best practice, zero violations."""
    page = visit(viewport, scheme=scheme)
    site.sit_down(page, reader, deployment.url)
    found = []
    for path in site.pages[reader]:
        page.goto(f"{deployment.url}{path}")
        found += [f"{path}: {line}" for line in violations(page)]
        assert page.locator("h1").count() == 1, path
        assert page.title().endswith("医师电子化注册"), path
    assert not found, "\n".join(found)


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large_text"])
@pytest.mark.parametrize("reader", READERS)
def test_nothing_scrolls_sideways_at_any_width(visit, deployment, site, reader, large):
    """ui §13.4, also in 大字版 (适老化)."""
    page = visit()
    site.sit_down(page, reader, deployment.url)
    if large:
        page.context.add_cookies([{"name": "yz_size", "value": "large", "url": deployment.url}])
    found = []
    for path in site.pages[reader]:
        page.goto(f"{deployment.url}{path}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate(_OVERFLOWS):
                found.append(f"{path} at {width}")
    assert not found, "\n".join(found)
