"""Papers that are good for some months only: the photo, and the health check where the province asks for one."""

from __future__ import annotations

from datetime import date

from services.applications.domain.days import add_months
from services.applications.domain.facts import Facts

from .rule import Outcome, Rule, failed, human_decision, passed

STEP = "personal"


def _photo(facts: Facts) -> Outcome:
    """A photo of the last months (近期免冠照片, 医师执业注册管理办法 art.12; `material.photo_months`)."""
    return _not_older("photo", "photo_taken_on", facts.answers.photo_taken_on, facts, "material.photo_months")


def _health_check(facts: Facts) -> Outcome:
    """A health check of the last months, where one is asked for at all (`material.health_check`, `…_months`)."""
    if not facts.policy["material.health_check"]:
        return passed("health_check_not_asked")
    day = facts.answers.health_check_on
    return _not_older("health_check", "health_check_on", day, facts, "material.health_check_months")


def _not_older(name: str, field: str, day: date | None, facts: Facts, key: str) -> Outcome:
    """Judged on the day of the latest submission: nothing grows too old while an office is at work."""
    months = facts.policy[key]
    remedy = {"step": STEP, "field": field}
    if day is None:
        # Its date may stand on the paper itself: who receives it looks.
        return human_decision(f"{name}_date_to_examine", remedy=remedy, months=months)
    last = add_months(day, months)
    seen = {"dated": day.isoformat(), "last_day": last.isoformat(), "months": months}
    if facts.filed_on > last:
        return failed(f"{name}_too_old", remedy=remedy, **seen)
    return passed(f"{name}_recent", **seen)


PHOTO_RECENT = Rule("photo_recent", "医师执业注册管理办法 art.12", "law °", _photo, ("material.photo_months",))
HEALTH_CHECK_RECENT = Rule(
    "health_check_recent",
    "省级注册材料清单; material.health_check_months",
    "P19",
    _health_check,
    ("material.health_check", "material.health_check_months"),
    sensitive=True,
)

RULES = (PHOTO_RECENT, HEALTH_CHECK_RECENT)
