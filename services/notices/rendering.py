"""A notice in words: what happened, what the reader must do, by when, where (ui.md §10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any

from shared.platform.masked_text import masked_text
from shared.platform.working_days import SHANGHAI

from .catalogue import sentence
from .domain.notice import Notice

# Facts that are codes: each has its own word in the catalogue, under `<fact>.<code>`.
_CODED = frozenset({"type", "clock", "change", "level"})


@dataclass(frozen=True)
class Words:
    """A notice's title and body for the mailbox, and its text message where it has one."""

    title: str
    body: str
    sms: str


def render(notice: Notice) -> Words:
    """The words of a notice. A line of the body whose fact is empty is left out."""
    facts = {name: _said(name, value) for name, value in notice.facts.items()}
    template = notice.template
    lines = sentence(f"{template}.body").splitlines()
    return Words(
        title=_filled(sentence(f"{template}.title"), facts),
        body="\n".join(_filled(line, facts) for line in lines if _is_told(line, facts)),
        sms=_filled(sentence(f"{template}.sms"), facts) if notice.is_sent_by_sms else "",
    )


def code_text(purpose: str, code: str, minutes: int) -> str:
    """The text message that carries a one-time code."""
    return _filled(sentence(f"code.{purpose}"), {"code": code, "minutes": str(minutes)})


def _said(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "reasons":
        return "\n".join(f"{position}. {_reason(reason)}" for position, reason in enumerate(value, 1))
    if name == "remedies":
        return "".join(sentence(f"remedy.{remedy}") for remedy in value)
    if name == "note":
        return masked_text(str(value))
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI)
        return f"{_day(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return _day(value)
    return sentence(f"{name}.{value}", default=str(value)) if name in _CODED else str(value)


def _reason(reason: Mapping[str, Any]) -> str:
    """One point: the document or field, what is wrong with it, and the officer's own words without long numbers."""
    target = sentence(f"target.{reason['target']}", default="") if reason["target"] else ""
    wrong = sentence(f"reason.{reason['code']}", default=sentence("reason.other"))
    told = f"{target}：{wrong}" if target else wrong
    note = masked_text(reason["note"].strip())
    return f"{told}（{note}）" if note else told


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return Formatter().vformat(text, (), facts)


def _is_told(line: str, facts: Mapping[str, str]) -> bool:
    return all(facts[name] for _, name, _, _ in Formatter().parse(line) if name)
