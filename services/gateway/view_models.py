"""Codes and facts of the contracts as words for people: one table for each kind of word, used by every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.trade import divisions, provinces
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.scopes import SCOPES, scopes_of

from . import catalogue
from .translations import gettext as _

SHANGHAI = ZoneInfo("Asia/Shanghai")
_ARTICLE = re.compile(r"\s*art\.\s*(?P<articles>\d+(?:,\s*\d+)*)(?:\((?P<paragraph>\d+)\))?")
_POLICY_KEY = re.compile(r"[a-z_]+\.[a-z_.]+")

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


def word(message_id: str, **facts: Any) -> str:
    """A word of the catalogue by its id."""
    return catalogue.sentence(message_id, facts)


def word_or(message_id: str, default: str, **facts: Any) -> str:
    """A word of the catalogue, or `default` where it has none."""
    return catalogue.sentence(message_id, facts, default=default)


def has(message_id: str) -> bool:
    """Whether the catalogue has a word of this id."""
    return catalogue.has(message_id)


def choices(prefix: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Values and their words, for radios: `id_type` with `passport` gives the word `id_type.passport`."""
    return [(name, word(f"{prefix}.{name}")) for name in names]


# --- time -----------------------------------------------------------------------------------------------------------


def day(value: date | datetime | str | None) -> str:
    """A day in running text: 2026年12月1日."""
    found = _date(value)
    return _("%(year)s年%(month)s月%(day)s日", year=found.year, month=found.month, day=found.day) if found else ""


def day_in_table(value: date | datetime | str | None) -> str:
    """A day in a table: 2026-12-01."""
    found = _date(value)
    return found.isoformat() if found else ""


def moment(value: datetime | None) -> str:
    """A moment in running text, Chinese time: 2026年12月1日 09:30."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}" if value else ""


def moment_in_table(value: datetime | None) -> str:
    """A moment in a table, Chinese time: 12-01 09:30."""
    return f"{value.astimezone(SHANGHAI):%m-%d %H:%M}" if value else ""


def month(value: date | str | None) -> str:
    """Month and year: a birth date as it is shown on screen."""
    found = _date(value)
    return _("%(year)s年%(month)s月", year=found.year, month=found.month) if found else ""


def year(value: int | None) -> str:
    """A year in running text."""
    return _("%(year)s年", year=value) if value else ""


def exam(year_of_exam: int, round_of_exam: int) -> str:
    """An exam by year and round."""
    if round_of_exam == 1:
        return _("%(year)s年", year=year_of_exam)
    return _("%(year)s年第%(round)s试", year=year_of_exam, round=round_of_exam)


def looks_like_day(text: str) -> bool:
    """Whether a stored text is an ISO day."""
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()


def today(now: datetime) -> date:
    """The calendar day in China."""
    return now.astimezone(SHANGHAI).date()


def _date(value: date | datetime | str | None) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).date()
    if isinstance(value, str):
        return date.fromisoformat(value[:10]) if value else None
    return value


# --- the trade's terms ----------------------------------------------------------------------------------------------


def level(code: str) -> str:
    """执业级别."""
    return Level(code).term


def category(code: str) -> str:
    """执业类别."""
    return Category(code).term


def scope(code: str) -> str:
    """执业范围."""
    found = SCOPES.get(code)
    return found.term if found else code


def scopes(codes: Iterable[str]) -> str:
    """Several scopes in one line."""
    return _("、").join(scope(code) for code in codes)


def place(code: str) -> str:
    """执业地点: a province for a licensed physician, a county for an assistant."""
    return divisions.full_name(code) if code else ""


def province(code: str) -> str:
    """The name of a province."""
    return provinces.name_of(code) or code


def province_choices() -> list[tuple[str, str]]:
    """The provinces where physicians practise, in the order of their codes."""
    return [(code, provinces.name_of(code)) for code in sorted(provinces.MAINLAND)]


def sex(code: str) -> str:
    """男 or 女."""
    return word_or(f"sex.{code}", code)


def business(kind: str, sub_kind: str = "") -> str:
    """The title of a kind of business; 注册 is named by its sub-kind, 首次注册 first of all."""
    return word_or(f"business.{kind}.{sub_kind}", "") or word(f"business.{kind}")


def business_official(kind: str) -> str:
    """The official title of a kind of business, as the source page lists the nine."""
    return word(f"business_official.{kind}")


def label(name: str) -> str:
    """The name of a field."""
    return word(f"label.{name}")


def short_label(name: str) -> str:
    """The name of a field in a summary, where a question would be too long."""
    return word_or(f"short_label.{name}", label(name))


def departments(names: Iterable[str]) -> str:
    """诊疗科目 in one line."""
    return _("、").join(names)


def institution_line(found: Mapping[str, Any]) -> str:
    """What tells institutions of like names apart: grade and division."""
    parts = [str(found.get("grade") or ""), place(str(found["division"]))]
    return _("，").join(part for part in parts if part)


def scope_choices(view: Mapping[str, Any], field: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The scopes that this applicant's category and level hold (卫医发〔2001〕169号 I), as the form's choices."""
    own = scopes_of(Category(view["category"]), Level(view["level"]))
    return [(found.code, found.term) for found in own if found.code in field["choices"]]


def seniority_inputs(inputs: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a seniority statement was computed from, as rows."""
    return [
        (word(f"seniority_input.{name}"), _fact(name, value))
        for name, value in inputs.items()
        if catalogue.has(f"seniority_input.{name}")
    ]


def viewed_for(reason: str) -> str:
    """Why somebody looked, from the log: `REG ZC20261120-0318` names the kind of business and the case."""
    kind, _space, number = reason.partition(" ")
    return f"{business(kind)} {number}" if number and has(f"business.{kind}") else reason


def row_reasons(codes: Iterable[str]) -> str:
    """What is wrong with a row of an exam file."""
    return _("；").join(word_or(f"row_reason.{code}", code) for code in codes)


def material(kind: str) -> str:
    """The name of a document."""
    return word_or(f"material.{kind}", kind)


def practice_code(code: str) -> str:
    """执业证书编码 grouped 3-6-6."""
    return f"{code[:3]} {code[3:9]} {code[9:]}" if len(code) == 15 else code


def check_code(code: str) -> str:
    """The check code of a certificate in groups of four, easier to type."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4)) if code.isalnum() else code


def size(octets: int) -> str:
    """The size of a file."""
    if octets >= 1024 * 1024:
        return f"{octets / (1024 * 1024):.1f} MB"
    return f"{max(1, round(octets / 1024))} KB"


def media_types(types: Iterable[str]) -> str:
    """The kinds of file that a material may be, as people know them."""
    return _("、").join(word_or(f"media_type.{found}", found) for found in types)


# --- rules and reasons ----------------------------------------------------------------------------------------------


def outcome(found: Mapping[str, Any]) -> str:
    """What a rule found, in one sentence: `rule.<code>.<result>`, else `rule.<code>`."""
    facts = {**_readable(found.get("remedy", {})), **_readable(found.get("seen", {}))}
    specific = f"rule.{found['code']}.{found['result']}"
    if catalogue.has(specific):
        return catalogue.sentence(specific, facts)
    return word_or(f"rule.{found['code']}", word(f"rule_result.{found['result']}"), **facts)


def remedy(found: Mapping[str, Any]) -> str:
    """What would change a rule's finding, where that can be said."""
    facts = {**_readable(found.get("seen", {})), **_readable(found.get("remedy", {}))}
    return word_or(f"remedy.{found['code']}", "", **facts)


def article(text: str) -> str:
    """The legal basis of a rule as a citation, `医师法 art.16(1)` as 医师法第16条第1项; no policy keys."""
    parts = [part.strip() for part in text.split(";")]
    return _("；").join(_citation(part) for part in parts if not _POLICY_KEY.fullmatch(part))


def _citation(text: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        articles = _("、").join(re.findall(r"\d+", found["articles"]))
        paragraph = found["paragraph"]
        whole = _("第%(articles)s条", articles=articles)
        return _("%(whole)s第%(number)s项", whole=whole, number=paragraph) if paragraph else whole

    return _ARTICLE.sub(replaced, text)


def distinct_outcomes(outcomes: Iterable[Mapping[str, Any]]) -> list[str]:
    """The sentences of several findings, each once: many rules wait for the same choice."""
    return list(dict.fromkeys(outcome(found) for found in outcomes))


def needs_eye(found: Mapping[str, Any]) -> bool:
    """Whether an officer has to look: everything but a passed rule."""
    return str(found["result"]) != "passed"


def reason(item: Mapping[str, Any]) -> str:
    """One point that was raised: the document or field, what is wrong with it, and the officer's words."""
    said = word_or(f"reason.{item['code']}", word_or(f"rule.{item['code']}", word("reason.other")))
    about = target(str(item.get("target", "")))
    head = _("%(about)s：%(said)s", about=about, said=said) if about and about not in said else said
    return _("%(head)s（%(note)s）", head=head, note=item["note"]) if item.get("note") else head


def target(name: str) -> str:
    """The document, step or field that a reason speaks of."""
    if not name:
        return ""
    short = name.rsplit(".", 1)[-1].rsplit(":", 1)[-1]
    for prefix in ("material", "step", "label"):
        if catalogue.has(f"{prefix}.{short}"):
            return catalogue.sentence(f"{prefix}.{short}")
    return ""


def concerns(item: Mapping[str, Any], step: Mapping[str, Any]) -> bool:
    """Whether a reason speaks of this step or of one of its fields."""
    named = str(item.get("target", ""))
    return bool(named) and named.split(".")[0] in (step["name"], *(field["name"] for field in step["fields"]))


def step_of(item: Mapping[str, Any], business: Mapping[str, Any]) -> str:
    """The page of the form that a reason is about, "" where it is about none that may be changed after a notice."""
    steps = [step for step in business["steps"] if step["name"] != "institution"]
    return next((str(step["name"]) for step in steps if concerns(item, step)), "")


def material_of(item: Mapping[str, Any], needed: Iterable[Mapping[str, Any]]) -> str:
    """The document to upload that a reason is about, "" where it is about something else."""
    kinds = {found["kind"] for found in needed}
    return str(item["target"]) if item.get("target") in kinds else ""


def _readable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the sentence shows them: dates as days, codes as terms, lists joined."""
    return {name: _fact(name, value) for name, value in facts.items()}


def _fact(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return _("、").join(str(_fact(name.removesuffix("s"), item)) for item in value)
    if isinstance(value, date):
        return day(value)
    if not isinstance(value, str):
        return value
    if len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-" and value[:4].isdigit():
        return day(value)
    if name in ("level", "category", "scope", "province", "place", "region", "practice_place"):
        return _term(name, value)
    return word_or(f"fact.{value}", value)


def _term(name: str, value: str) -> str:
    table = {
        "level": level,
        "category": category,
        "scope": scope,
        "province": province,
        "region": province,
        "place": place,
        "practice_place": place,
    }
    try:
        return table[name](value)
    except (ValueError, KeyError):
        return value


# --- deadlines ------------------------------------------------------------------------------------------------------


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
