"""What the register says already: one registration a qualification and place, one place an assistant."""

from __future__ import annotations

from services.applications.domain.facts import Facts
from shared.platform.errors import InvalidInput
from shared.trade.divisions import practice_place
from shared.trade.levels import Level

from .rule import Outcome, Rule, failed, human_decision, not_chosen, passed


def _not_registered_there(facts: Facts) -> Outcome:
    """One valid registration a person, qualification and practice place (医师法 art.13; 医师执业注册管理办法 art.7)."""
    if facts.institution is None:
        return not_chosen("institution")
    place = _place(facts.qualification.level, facts.institution.division)
    if place is None:
        return failed("institution_above_county", remedy={"step": "institution"})
    for held in facts.held:
        same = held.qualification_id == facts.qualification.id and held.practice_place == place
        if same and held.status.is_registered:
            return failed("already_registered", remedy={"business": "CHANGE"}, place=place)
    return passed("not_registered_there", place=place)


def _first_registration(facts: Facts) -> Outcome:
    """What was registered before is registered anew (RE) or added (ADD_PLACE), not for the first time.

    医师执业注册管理办法 art.12, 15, 17; an assistant who gained the licensed qualification is never silently converted.
    """
    for held in facts.held:
        if held.qualification_id == facts.qualification.id:
            if held.status.is_registered:
                other = "CHANGE" if held.level.is_assistant else "ADD_PLACE"
                return failed("registered_elsewhere", remedy={"business": other}, place=held.practice_place)
            return failed("registered_before", remedy={"business": "RE"}, status=held.status.value)
    return passed("never_registered")


def _no_assistant_registration(facts: Facts) -> Outcome:
    """An assistant who gained the licensed qualification applies for UPGRADE (医师执业注册管理办法 art.15)."""
    if facts.qualification.level.is_licensed:
        for held in facts.held:
            if held.level.is_assistant and held.status.is_registered:
                return failed("assistant_registration_stands", remedy={"business": "UPGRADE"})
    return passed("no_assistant_registration")


def _one_place(facts: Facts) -> Outcome:
    """An assistant may hold one practice place only (医师执业注册管理办法 art.17; E38)."""
    if facts.qualification.level.is_assistant:
        for held in facts.held:
            if held.level.is_assistant and held.status.is_registered:
                return failed("assistant_one_place", remedy={"business": "CHANGE"}, place=held.practice_place)
    return passed("one_place")


def _beside_another(facts: Facts) -> Outcome:
    """Two categories at once stand in the exceptions only, so a person looks (卫医发〔2001〕169号).

    A person looks at a second registration of the same category on another qualification, too (`domain.md` §3.5, §5.4).
    That an assistant's registration can't stand beside a licensed one is a rule of its own.
    """
    own = facts.qualification
    beside = [
        held
        for held in facts.held
        if held.status.is_registered
        and held.qualification_id != own.id
        and held.level.is_assistant is own.level.is_assistant
    ]
    others = [held for held in beside if held.category.legal is not own.category.legal]
    if others:
        return human_decision("two_categories_to_examine", category=others[0].category.value)
    if beside:
        return human_decision("second_registration_to_examine", place=beside[0].practice_place)
    return passed("no_other_registration")


def _exclusive(facts: Facts) -> Outcome:
    """One open application a registration, and one for a further registration a person (`app.exclusive`; E44)."""
    if facts.policy["app.exclusive"] and facts.open_applications:
        return failed("open_application", numbers=list(facts.open_applications))
    return passed("no_open_application")


def _place(level: Level, division: str) -> str | None:
    try:
        return practice_place(level, division)
    except InvalidInput:
        return None


NOT_REGISTERED_THERE = Rule(
    "not_registered_there", "医师法 art.13; 医师执业注册管理办法 art.7", "law ✓", _not_registered_there
)
FIRST_REGISTRATION = Rule("first_registration", "医师执业注册管理办法 art.12, 15, 17", "law °", _first_registration)
NO_ASSISTANT_REGISTRATION = Rule(
    "no_assistant_registration", "医师执业注册管理办法 art.15", "law °", _no_assistant_registration
)
ONE_PLACE = Rule("assistant_one_place", "医师执业注册管理办法 art.17", "law ✓", _one_place)
ONE_CATEGORY = Rule("one_category", "卫医发〔2001〕169号", "P17", _beside_another)
ONE_OPEN_APPLICATION = Rule("one_open_application", "app.exclusive", "assumption", _exclusive, ("app.exclusive",))

FIRST_RULES = (
    NOT_REGISTERED_THERE,
    FIRST_REGISTRATION,
    NO_ASSISTANT_REGISTRATION,
    ONE_PLACE,
    ONE_CATEGORY,
    ONE_OPEN_APPLICATION,
)
