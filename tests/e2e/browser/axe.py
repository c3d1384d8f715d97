"""axe-core on a page, put in by evaluation since the content policy rightly blocks a foreign script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_SOURCE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds, each with the elements concerned; empty on a page without barriers."""
    page.evaluate(_SOURCE)
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}}).then(result => result.violations)", _RULES
    )
    return [
        f"{item['id']}: {item['help']} — {'; '.join(str(node['target']) for node in item['nodes'][:5])}"
        for item in found
    ]
