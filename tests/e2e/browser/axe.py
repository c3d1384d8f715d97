"""axe-core on a page, put in by evaluation since the content policy rightly blocks a foreign script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_SOURCE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def prepare(page: Page) -> None:
    """Put axe into a page that has just been opened."""
    page.evaluate(_SOURCE)


def violations(page: Page) -> list[str]:
    """What axe finds as the page looks now, each with the elements concerned; empty where there are no barriers."""
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}}).then(result => result.violations)", _RULES
    )
    return [
        f"{item['id']}: {item['help']} — {'; '.join(str(node['target']) for node in item['nodes'][:5])}"
        for item in found
    ]
