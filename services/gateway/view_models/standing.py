"""How far something is: the word and colour of a state, the working days left, a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..translations import gettext as _
from .words import word

# State → tag's colour and icon (ui §4); the words are `status.<audience>.<state>` in the catalogue.
_TAGS: dict[str, tuple[str, str]] = {
    "DRAFT": ("info", ""),
    "SUBMITTED": ("", ""),
    "ORG_REVIEW": ("", ""),
    "ORG_RETURNED": ("warn", "warn"),
    "ORG_REJECTED": ("err", "errc"),
    "ORG_CONFIRMED": ("warn", ""),
    "RELEASE": ("warn", ""),
    "RECEIVED": ("info", ""),
    "SUPPLEMENT": ("warn", "warn"),
    "NOT_ACCEPTED": ("err", "errc"),
    "ACCEPTED": ("info", ""),
    "PRE_REVIEW": ("info", ""),
    "APPROVED": ("ok", "check"),
    "EFFECTIVE": ("ok", "check"),
    "CERT_ISSUED": ("ok", "check"),
    "EFFECT_BLOCKED": ("warn", "warn"),
    "REFUSED": ("err", "errc"),
    "WITHDRAWN": ("line", ""),
    "TERMINATED": ("line", ""),
}


@dataclass(frozen=True)
class StatusWord:
    """How a state is shown: its words, the colour of its tag and an icon, so that colour never speaks alone."""

    text: str
    tag: str
    icon: str


def status(state: str, audience: str = "applicant", *, paper: bool = True, step: str = "") -> StatusWord:
    """The word for a state, for `applicant` or `staff`; where no paper is asked for, confirmed means waiting."""
    tag, icon = _TAGS[state]
    name = state
    if state in ("ORG_CONFIRMED", "RELEASE") and audience == "applicant" and not paper:
        name, tag = f"{state}.no_paper", ""
    if state == "PRE_REVIEW" and audience == "staff" and step:
        name = "PRE_REVIEW"
    return StatusWord(word(f"status.{audience}.{name}"), tag, icon)


@dataclass(frozen=True)
class DaysLeft:
    """Working days left of a statutory clock: words and colour (ui §7)."""

    text: str
    css: str
    overdue: bool


def days_left(days: int | None) -> DaysLeft:
    """More than five plain, three to five brown, two or less red; overdue says by how many."""
    if days is None:
        return DaysLeft(_("不限期"), "muted", overdue=False)
    if days < 0:
        return DaysLeft(_("已超期 %(days)s 个工作日", days=-days), "due-hot", overdue=True)
    css = "due-hot" if days <= 2 else "due-warm" if days <= 5 else ""
    return DaysLeft(_("%(days)s 个工作日", days=days), css, overdue=False)


def tally(found: Mapping[str, Any]) -> str:
    """A count that is exact up to 100: `18`, `100+`."""
    return f"{found['count']}+" if found["more"] else str(found["count"])
