"""Every page, on a phone and at a desk, light and dark: no barriers, no sideways scroll, a title and one heading."""

from __future__ import annotations

import pytest

from .axe import prepare, violations
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


@pytest.mark.parametrize("reader", READERS)
def test_no_page_has_a_barrier_or_scrolls_sideways(visit, deployment, site, reader):
    """ui §13.4: WCAG 2.2 A and AA and best practice, no violation; no sideways scroll, in 大字版 neither."""
    page = visit()
    site.sit_down(page, reader, deployment.url)
    found = []
    for path in site.pages[reader]:
        page.goto(f"{deployment.url}{path}")
        assert page.locator("h1").count() == 1, path
        assert page.title().endswith("医师电子化注册"), path
        prepare(page)
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is seen half-way
                found += [f"{path} at {viewport['width']}, {scheme}: {line}" for line in violations(page)]
        for size in ("normal", "large"):
            page.evaluate("size => document.documentElement.dataset.size = size", size)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                if page.evaluate(_OVERFLOWS):
                    found.append(f"{path} scrolls sideways at {width} in {size} text")
    assert not found, "\n".join(found)
