"""The texts of a document as they are printed, made of a record's codes."""

from __future__ import annotations

from typing import Any

from shared.trade.categories import Category
from shared.trade.divisions import full_name
from shared.trade.levels import Level
from shared.trade.masking import mask_code, mask_id
from shared.trade.scopes import SCOPES

from .certificate import Certificate

_SEX = {"male": "男", "female": "女"}


def certificate_texts(certificate: Certificate) -> dict[str, Any]:
    """What stands on a practice certificate (`ui.md` §12): numbers of the person masked, the code grouped 3-6-6."""
    facts, day = certificate.facts, certificate.issued_on
    code = certificate.practice_code
    year, month = facts.birth_date[:4], facts.birth_date[5:7].lstrip("0")
    return {
        "name": facts.name,
        "sex": _SEX.get(facts.sex, facts.sex),
        "birth": f"{year}年{month}月",
        "masked_id": mask_id(facts.id_number),
        "masked_code": mask_code(facts.qualification_code),
        "practice_code": f"{code[:3]} {code[3:9]} {code[9:]}",
        "level": Level(facts.level).term,
        "category": Category(facts.category).term,
        "scopes": [SCOPES[scope].term if scope in SCOPES else scope for scope in facts.scopes],
        "practice_place": full_name(facts.practice_place) or facts.practice_place,
        "institution_name": facts.institution_name,
        "authority_name": facts.authority_name,
        "filings": [],
        "check_code": certificate.check_code,
        "issued": {
            "year": day.year,
            "month": day.month,
            "day": day.day,
            "text": f"{day.year}年{day.month}月{day.day}日",
        },
    }
