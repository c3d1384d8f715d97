"""What the applicant wants to practise 执业范围: inside the category, not too many, covered by departments."""

from __future__ import annotations

from services.applications.domain.departments import covers
from services.applications.domain.facts import Facts
from shared.trade.categories import LegalCategory
from shared.trade.scopes import SCOPES, fits, is_registered

from .rule import Outcome, Rule, failed, human_decision, not_chosen, passed


def _in_category(facts: Facts) -> Outcome:
    """Each scope is of the category's list; a rural assistant (XC) has general medicine (卫医发〔2001〕169号 I)."""
    if not facts.answers.scopes:
        return not_chosen("scope")
    qualification, extra = facts.qualification, facts.policy["scope.extra"]
    outside = [
        code for code in facts.answers.scopes if not fits(code, qualification.category, qualification.level, extra)
    ]
    if outside:
        return failed("scope_outside_category", remedy={"step": "scope"}, scopes=outside)
    return passed("scope_in_category", scopes=list(facts.answers.scopes))


def _on_its_level(facts: Facts) -> Outcome:
    """Chinese medicine by its second level (中医内科 …) where the province registers it so, else by its first."""
    if not facts.answers.scopes:
        return not_chosen("scope")
    second = facts.policy["scope.tcm_second_level"]
    wrong = [code for code in facts.answers.scopes if code in SCOPES and not is_registered(code, second_level=second)]
    if not wrong:
        return passed("scope_level_fits", second_level=second)
    code = "second_level_scope_needed" if second else "first_level_scope_needed"
    return failed(code, remedy={"step": "scope"}, scopes=wrong)


def _count(facts: Facts) -> Outcome:
    """One scope; at county level and below a clinical doctor may have more (卫医发〔2001〕169号)."""
    if not facts.answers.scopes:
        return not_chosen("scope")
    clinical = facts.qualification.category.legal is LegalCategory.CLINICAL
    primary = clinical and facts.institution is not None and facts.institution.is_county_or_below
    most = max(facts.policy["scope.max"], facts.policy["scope.primary_care_max"] if primary else 0)
    chosen = len(facts.answers.scopes)
    if chosen > most:
        return failed("too_many_scopes", remedy={"step": "scope"}, chosen=chosen, most=most)
    return passed("scope_count", chosen=chosen, most=most)


def _covered(facts: Facts) -> Outcome:
    """The institution's departments 诊疗科目 cover the scope; else an officer looks (`scope.check_departments`)."""
    if facts.institution is None:
        return not_chosen("institution")
    if not facts.answers.scopes:
        return not_chosen("scope")
    mode = facts.policy["scope.check_departments"]
    missing = [code for code in facts.answers.scopes if not covers(facts.institution.departments, code)]
    if not missing or mode == "ignore":
        return passed("scope_covered", scopes=list(facts.answers.scopes))
    if mode == "require":
        return failed("scope_not_covered", remedy={"step": "scope"}, scopes=missing)
    return human_decision("scope_not_covered", scopes=missing)


SCOPE_IN_CATEGORY = Rule("scope_in_category", "卫医发〔2001〕169号 I", "P17", _in_category, ("scope.extra",))
SCOPE_LEVEL = Rule(
    "scope_level", "卫医发〔2001〕169号 I; scope.tcm_second_level", "P22", _on_its_level, ("scope.tcm_second_level",)
)
SCOPE_COUNT = Rule("scope_count", "卫医发〔2001〕169号 III", "P17", _count, ("scope.max", "scope.primary_care_max"))
SCOPE_COVERED = Rule(
    "scope_covered", "医疗机构诊疗科目; scope.check_departments", "assumption", _covered, ("scope.check_departments",)
)

RULES = (SCOPE_IN_CATEGORY, SCOPE_LEVEL, SCOPE_COUNT, SCOPE_COVERED)
