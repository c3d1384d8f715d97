"""Codes as the terms of the trade: levels, categories, scopes, places, kinds of business, documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.trade import divisions, provinces
from shared.trade.categories import Category
from shared.trade.levels import Level
from shared.trade.scopes import SCOPES, scopes_of

from ..translations import gettext as _
from .words import has, word, word_or


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
