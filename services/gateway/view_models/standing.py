"""How far something is: the word and colour of a state, the working days left, a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.trade.statuses import CancelKind

from ..translations import gettext as _
from .days import day
from .words import has_of, word, word_of

# State → tag's colour and icon (ui §4); the words are `status.<audience>.<state>` in the catalogue.
_TAGS: dict[str, tuple[str, str]] = {
    "DRAFT": ("info", ""),
    "SUBMITTED": ("", ""),
    "ORG_REVIEW": ("", ""),
    "ORG_RETURNED": ("warn", "warn"),
    "ORG_REJECTED": ("err", "errc"),
    "ORG_CONFIRMED": ("warn", ""),
    "RELEASE": ("", ""),
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


#: States in which a physician would be asked for something, and is not where others have started it.
_WITH_OTHERS = ("SUBMITTED", "ORG_REVIEW", "ORG_CONFIRMED", "RECEIVED", "SUPPLEMENT")
_STARTED_BY_OTHERS = tuple(kind.value for kind in CancelKind if kind is not CancelKind.VOLUNTARY)


@dataclass(frozen=True)
class StatusWord:
    """How a state is shown: its words, the colour of its tag and an icon, so that colour never speaks alone."""

    text: str
    tag: str
    icon: str


def status(
    state: str, audience: str = "applicant", *, paper: bool = True, of: Mapping[str, Any] | None = None
) -> StatusWord:
    """The word for a state, for `applicant` or `staff`, as the kind of business `of` has it.

    Where no paper is asked for, confirmed means waiting.
    """
    tag, icon = _TAGS[state]
    name = state
    if state == "ORG_CONFIRMED" and audience == "applicant" and not paper:
        name, tag = f"{state}.no_paper", ""
    if audience == "applicant" and state in _WITH_OTHERS and is_reported(of):
        return StatusWord(word("status.applicant.REPORTED"), "info", "")
    return StatusWord(word_of(of, f"status.{audience}", name), tag, icon)


def is_reported(of: Mapping[str, Any] | None) -> bool:
    """Whether others than the physician have started it; a row of a list says so by its sub-kind alone."""
    named = of or {}
    return named.get("started_by", "physician") != "physician" or named.get("sub_kind") in _STARTED_BY_OTHERS


def acts_next(view: Mapping[str, Any], timeline: Mapping[str, Any] | None) -> str:
    """Who acts next and until when, in one sentence; what others have reported is not for the physician to act on."""
    told = timeline or view
    who, until = told["acts_next"] or "none", told["act_until"]
    facts = {"day": day(until)} if until else {}
    end = ".until" if until else ""
    if is_reported(view) and who not in ("none", "applicant"):
        return word("acts_next.REPORTED")
    for name in (view["state"], who):
        if has_of(view, "acts_next", f"{name}{end}"):
            return word_of(view, "acts_next", f"{name}{end}", **facts)
    return word("acts_next.none")


def registration_tag(status_code: str) -> StatusWord:
    """How a registration stands, as a tag."""
    tag = {"ACTIVE": "ok", "SUSPENDED": "warn", "LEFT_FILED": "warn"}.get(status_code, "line")
    return StatusWord(word(f"registration_status.{status_code}"), tag, {"ok": "check", "warn": "warn"}.get(tag, ""))


def filing_tag(status_code: str) -> StatusWord:
    """Whether a filing holds, as a tag."""
    tag = {"active": "ok", "planned": "info"}.get(status_code, "line")
    return StatusWord(word(f"filing_status.{status_code}"), tag, "check" if tag == "ok" else "")


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
