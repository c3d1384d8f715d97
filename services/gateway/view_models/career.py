"""A physician's whole career as one line of time: how each registration stood and when, and every filing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.trade.statuses import RegistrationStatus

from ..translations import gettext as _
from .days import day
from .words import word

_ACTIVE = RegistrationStatus.ACTIVE.value


@dataclass(frozen=True)
class Moment:
    """One entry of the line: what happened, from when to when, and how things stood from then on."""

    title: str
    begins: date
    period: str
    stretch: Mapping[str, Any] | None = None
    filing: Mapping[str, Any] | None = None
    is_now: bool = False


def career_line(career: Mapping[str, Any], today: date) -> list[Moment]:
    """All moments, the newest first; on one day a registration stands before its filings."""
    moments = [*_of_registrations(career["stretches"], today), *_of_filings(career["filings"], today)]
    return sorted(moments, key=lambda moment: moment.begins, reverse=True)


def _of_registrations(stretches: Iterable[Mapping[str, Any]], today: date) -> list[Moment]:
    last: dict[UUID, Mapping[str, Any]] = {}
    moments = []
    for stretch in sorted(stretches, key=lambda found: found["valid_from"]):
        before = last.get(stretch["registration_id"])
        last[stretch["registration_id"]] = stretch
        ends = stretch["valid_to"]
        moments.append(
            Moment(
                word(f"career.{_happened(before, stretch)}"),
                stretch["valid_from"],
                _period(stretch["valid_from"], None if ends is None else ends - timedelta(days=1)),
                stretch=stretch,
                is_now=RegistrationStatus(stretch["status"]).is_registered and (ends is None or today < ends),
            )
        )
    return moments


def _of_filings(filings: Iterable[Mapping[str, Any]], today: date) -> list[Moment]:
    return [
        Moment(
            word("career.filed"),
            filing["valid_from"],
            _period(filing["valid_from"], filing["valid_to"]),
            filing=filing,
            is_now=filing["status"] == "active",
        )
        for filing in filings
    ]


def _happened(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str:
    """What made the registration stand as it does now."""
    if now["status"] != _ACTIVE and (before is None or before["status"] != now["status"]):
        return str(now["status"])
    if before is None:
        return "opened"
    if before["institution_name"] != now["institution_name"]:
        return "moved"
    if before["status"] != now["status"]:
        return "resumed"
    if before["category"] != now["category"]:
        return "category_changed"
    return "scope_changed" if list(before["scopes"]) != list(now["scopes"]) else "restated"


def _period(first: date, last: date | None) -> str:
    if last is None:
        return _("%(day)s起", day=day(first))
    return _("%(first)s至%(last)s", first=day(first), last=day(last)) if last > first else day(first)
