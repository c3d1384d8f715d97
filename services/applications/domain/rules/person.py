"""Who may apply at all: an activated account, with a qualification of its own that stands."""

from __future__ import annotations

from services.applications.domain.facts import Facts
from shared.trade.levels import Level

from .rule import Outcome, Rule, failed, passed

_LEVELS = frozenset(
    {
        Level.LICENSED,
        Level.ASSISTANT,
        Level.APPRENTICE_LICENSED,
        Level.APPRENTICE_ASSISTANT,
        Level.RURAL_ASSISTANT,
    }
)


def _activated(facts: Facts) -> Outcome:
    """激活成功后，方可办理业务 (source page; E11)."""
    if facts.applicant.activated:
        return passed("account_activated")
    return failed("not_activated", remedy={"enter": "activation"})


def _qualification_stands(facts: Facts) -> Outcome:
    """Who holds a published qualification may ask for registration (医师执业注册管理办法 art.5)."""
    qualification = facts.qualification
    if qualification.id not in facts.applicant.qualification_ids:
        return failed("qualification_not_own", remedy={"step": "qualification"})
    if qualification.status != "published":
        return failed(f"qualification_{qualification.status}", status=qualification.status)
    return passed("qualification_published", year=qualification.year, region=qualification.region)


def _level_fits(facts: Facts) -> Outcome:
    """For examined levels; an expert's 中医（专长） goes to the province's assessment (医师法 art.11)."""
    level = facts.qualification.level
    if level in _LEVELS:
        return passed("level_fits", level=level.value)
    return failed("level_not_online", remedy={"business": "provincial_assessment"}, level=level.value)


def _category_matches(facts: Facts) -> Outcome:
    """The category of practice is that of the qualification (卫医发〔2001〕169号 II)."""
    own, asked = facts.qualification.category, facts.answers.category
    if asked is None or asked == own.value:
        return passed("category_matches", category=own.value)
    return failed("category_differs", remedy={"step": "scope"}, category=asked, qualification_category=own.value)


ACCOUNT_ACTIVATED = Rule("account_activated", "医师电子化注册系统：激活成功后方可办理业务", "source", _activated)
QUALIFICATION_STANDS = Rule("qualification_stands", "医师执业注册管理办法 art.5", "law °", _qualification_stands)
LEVEL_FITS = Rule("level_fits", "医师法 art.9, 11", "law ✓", _level_fits)
CATEGORY_MATCHES = Rule("category_matches", "卫医发〔2001〕169号 II", "P17", _category_matches)

RULES = (ACCOUNT_ACTIVATED, QUALIFICATION_STANDS, LEVEL_FITS, CATEGORY_MATCHES)
