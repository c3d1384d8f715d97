"""Where the applicant wants to practise: a licensed civil institution of a province that this deployment serves."""

from __future__ import annotations

from services.applications.domain.facts import Facts
from shared.trade.levels import Level

from .rule import Outcome, Rule, failed, not_chosen, passed


def _licence_valid(facts: Facts) -> Outcome:
    """The institution's own practice licence is valid (医师执业注册管理办法 art.9; `domain.md` §3.1)."""
    institution = facts.institution
    if institution is None:
        return not_chosen("institution")
    if institution.licence_status != "valid":
        return failed(f"licence_{institution.licence_status}", remedy={"step": "institution"})
    until = institution.licence_valid_to
    if until is not None and until < facts.on:
        return failed("licence_expired", remedy={"step": "institution"}, until=until.isoformat())
    return passed("licence_valid")


def _served_here(facts: Facts) -> Outcome:
    """Who approved the institution is competent (医师执业注册管理办法 art.9), and has to be of here."""
    institution = facts.institution
    if institution is None:
        return not_chosen("institution")
    if institution.is_military:
        return failed("institution_military", remedy={"business": "MIL_OUT"})
    if institution.province not in facts.provinces:
        return failed("institution_elsewhere", remedy={"step": "institution"}, province=institution.province)
    return passed("institution_here", province=institution.province)


def _area_covers(facts: Facts) -> Outcome:
    """A provincial line's pass holds in that province (E26), a rural assistant's in township and village (E37)."""
    institution, qualification = facts.institution, facts.qualification
    if institution is None:
        return not_chosen("institution")
    if qualification.level is Level.RURAL_ASSISTANT and not institution.is_township_or_village:
        return failed("township_or_village_only", remedy={"step": "institution"})
    if not facts.policy["qual.area_rule"]:
        return passed("area_rule_off")
    area = qualification.covers
    if area.covers(institution.province, township_or_village=institution.is_township_or_village):
        return passed("area_covers", area=area.value)
    if area.province is not None:
        return failed("area_other_province", remedy={"province": area.province}, area=area.value)
    return failed("township_or_village_only", remedy={"step": "institution"}, area=area.value)


LICENCE_VALID = Rule("institution_licence", "医师执业注册管理办法 art.9", "law °", _licence_valid)
SERVED_HERE = Rule("institution_here", "医师执业注册管理办法 art.9", "law °", _served_here)
AREA_COVERS = Rule(
    "qualification_area",
    "医师资格考试省内合格线; 乡村全科执业助理医师规定",
    "P39, P44",
    _area_covers,
    ("qual.area_rule",),
)

RULES = (LICENCE_VALID, SERVED_HERE, AREA_COVERS)
