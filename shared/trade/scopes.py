"""Practice scopes 执业范围 (卫医发〔2001〕169号 I; `domain.md` §5.3), and which category holds which.

Chinese medicine has a second level that some provinces ask for (中医内科专业 … under 中医专业): its codes begin with
that of the first level.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .categories import Category, LegalCategory
from .levels import Level


@dataclass(frozen=True)
class Scope:
    """One scope: our code, the statutory term, and the legal category that holds it."""

    code: str
    term: str
    legal: LegalCategory
    above: str = ""
    """The code of the first-level scope that it is a part of; "" for the first level itself."""


def _second_level(above: str, legal: LegalCategory, terms: str) -> list[Scope]:
    return [Scope(f"{above}{number:02d}", term, legal, above) for number, term in enumerate(terms.split(), start=1)]


def _table(prefix: str, legal: LegalCategory, terms: str) -> list[Scope]:
    return [Scope(f"{prefix}{number:02d}", term, legal) for number, term in enumerate(terms.split(), start=1)]


SCOPES: dict[str, Scope] = {
    scope.code: scope
    for scope in [
        *_table(
            "C",
            LegalCategory.CLINICAL,
            "内科专业 外科专业 妇产科专业 儿科专业 眼耳鼻咽喉科专业 皮肤病与性病专业 精神卫生专业 职业病专业 "
            "医学影像和放射治疗专业 医学检验、病理专业 全科医学专业 急救医学专业 康复医学专业 预防保健专业 "
            "特种医学与军事医学专业 计划生育技术服务专业 省级以上卫生健康主管部门规定的其他专业",
        ),
        *_table("D", LegalCategory.DENTAL, "口腔专业 省级以上卫生健康主管部门规定的其他专业"),
        *_table("P", LegalCategory.PUBLIC_HEALTH, "公共卫生类别专业 省级以上卫生健康主管部门规定的其他专业"),
        *_table(
            "T",
            LegalCategory.TCM,
            "中医专业 中西医结合专业 蒙医专业 藏医专业 维医专业 傣医专业 省级以上中医药主管部门规定的其他专业",
        ),
        *_second_level(
            "T01",
            LegalCategory.TCM,
            "中医内科专业 中医外科专业 中医妇科专业 中医儿科专业 中医骨伤科专业 中医针灸科专业 中医推拿科专业 "
            "中医肛肠科专业 中医皮肤科专业 中医眼科专业 中医耳鼻喉科专业 中医康复专业 中医急诊专业 中医老年病专业",
        ),
    ]
}

_DIVIDED = frozenset(scope.above for scope in SCOPES.values() if scope.above)

GENERAL_PRACTICE = "C11"


def is_registered(code: str, *, second_level: bool) -> bool:
    """Whether a scope stands on the level that a province registers (policy key `scope.tcm_second_level`).

    With `second_level` what is divided is named by its parts; without it the parts don't exist.
    """
    return code not in _DIVIDED if second_level else not SCOPES[code].above


def scopes_of(category: Category, level: Level, extra: Collection[str] = ()) -> list[Scope]:
    """The scopes of this category and level on both levels, in the order of the code table.

    A rural assistant (XC) practises general medicine only. `extra` are codes that a province allows besides
    (policy key `scope.extra`); a code the table doesn't know is passed over.
    """
    if level is Level.RURAL_ASSISTANT:
        return [SCOPES[GENERAL_PRACTICE]]
    return [scope for scope in SCOPES.values() if scope.legal is category.legal or scope.code in extra]


def fits(code: str, category: Category, level: Level, extra: Collection[str] = ()) -> bool:
    """Whether a scope lies within a category (执业范围 inside 执业类别; 卫医发〔2001〕169号 II)."""
    return any(scope.code == code for scope in scopes_of(category, level, extra))
