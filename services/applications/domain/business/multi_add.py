"""多执业机构备案 MULTI_ADD (`domain.md` §3.7): a further institution in the practice place; a filing, no permission.

Who: a registration in force. A physician files any institution of the same province, an assistant one of the same
county (医师执业注册管理办法 art.10, 17). No filing is needed for the tasks of 医师法 art.18. Chain: applicant, further
institution, the authority that approved it; the main institution is told, or asked (`multi.main_consent`). Effect: the
filing holds for its days; it ends with them, with the registration, or with that institution.
"""

from __future__ import annotations

from datetime import date

from services.applications.domain.days import add_months
from services.applications.domain.effect import Approval, Changes
from services.applications.domain.facts import Facts
from services.applications.domain.filing import NewFiling
from services.applications.domain.rules import institution, person, register, registering
from services.applications.domain.rules.rule import Outcome, Rule, failed, needs_proof, not_chosen, passed
from shared.platform.errors import InvalidInput
from shared.trade.divisions import practice_place
from shared.trade.institutions import InstitutionGroup
from shared.trade.statuses import BusinessType

from .common import (
    APPLICATION_FORM,
    CHECK,
    IDENTITY,
    LICENCE_COPY,
    MATERIALS,
    NEW_INSTITUTION,
    REGISTRATION,
    SCOPES_FIELD,
)
from .kind import PAPERS, About, BusinessKind, Confirming, Field, FieldKind, Material, Step

FURTHER = Step("institution", (NEW_INSTITUTION,))
TERM = Step(
    "term",
    (
        Field("valid_from", FieldKind.DATE, years_back=0, years_ahead=1),
        Field("valid_to", FieldKind.DATE, years_back=0, years_ahead=11),
        SCOPES_FIELD,
    ),
)
AGREEMENT = Material("employment_agreement", PAPERS, paper_original=True)


def _same_place(facts: Facts) -> Outcome:
    """Inside the practice place: the province of a physician (E40), the county of an assistant (E39)."""
    if facts.institution is None or facts.subject is None:
        return not_chosen("institution")
    try:
        place = practice_place(facts.subject.level, facts.institution.division)
    except InvalidInput:
        return failed("institution_above_county", remedy={"step": "institution"})
    if place == facts.subject.practice_place:
        return passed("inside_practice_place", place=place)
    if facts.subject.level.is_assistant:
        return failed("outside_county", remedy={"business": "CHANGE"}, place=facts.subject.practice_place)
    remedy = {"business": "REG", "sub_kind": "ADD_PLACE"}
    return failed("outside_province", remedy=remedy, place=facts.subject.practice_place)


def _not_there_already(facts: Facts) -> Outcome:
    """Neither the main institution nor one that is filed for those days already."""
    if facts.institution is None or facts.subject is None:
        return not_chosen("institution")
    if facts.institution.id == facts.subject.institution_id:
        return failed("is_main_institution", remedy={"step": "institution"})
    start, end = facts.answers.valid_from, facts.answers.valid_to
    for filed in facts.filings:
        overlaps = start is None or end is None or (start <= filed.valid_to and filed.valid_from <= end)
        if filed.institution_id == facts.institution.id and overlaps:
            return failed("filed_already", remedy={"step": "term"}, until=filed.valid_to.isoformat())
    return passed("not_filed_yet")


def _scopes_registered(facts: Facts) -> Outcome:
    """No wider than what is registered (§3.7; E69)."""
    if not facts.answers.scopes or facts.subject is None:
        return not_chosen("scope")
    wider = [code for code in facts.answers.scopes if code not in facts.subject.scopes]
    if wider:
        return failed("filing_scope_wider", remedy={"step": "term", "field": "scopes"}, scopes=wider)
    return passed("filing_scope_fits", scopes=list(facts.answers.scopes))


def _term(facts: Facts) -> Outcome:
    """It has an end, within the province's longest term (`multi.max_term_months`), and has not run out already."""
    start, end = facts.answers.valid_from, facts.answers.valid_to
    months = facts.policy["multi.max_term_months"]
    if start is None or end is None:
        return needs_proof("filing_term_missing", remedy={"step": "term", "field": "valid_from"}, months=months)
    remedy = {"step": "term", "field": "valid_to"}
    if end < start:
        return failed("filing_ends_before_start", remedy=remedy)
    if end < facts.on:
        return failed("filing_over_already", remedy=remedy, until=end.isoformat())
    if end >= add_months(start, months):
        return failed("filing_too_long", remedy=remedy, months=months)
    return passed("filing_term_fits", months=months, until=end.isoformat())


def _how_many(facts: Facts) -> Outcome:
    """At one time: one for an assistant, as many as the province allows for a physician.

    What ends before the new one begins, or begins after its end, is not beside it.
    """
    if facts.subject is None:
        return failed("registration_not_chosen")
    assistant = facts.subject.level.is_assistant
    most = facts.policy["assistant.max_filings"] if assistant else facts.policy["multi.max_filings"]
    beside = _most_at_once(facts)
    if beside >= most:
        return failed("too_many_filings", remedy={"business": "MULTI_DEL"}, filed=beside, most=most)
    return passed("filings_left", filed=beside, most=most)


def _most_at_once(facts: Facts) -> int:
    """How many others hold on the busiest day of the new filing's term; all of them until the term is named."""
    start, end = facts.answers.valid_from, facts.answers.valid_to
    if start is None or end is None:
        return len(facts.filings)
    first = max(start, facts.on)
    days = [first, *(filed.valid_from for filed in facts.filings if first < filed.valid_from <= end)]
    return max(sum(filed.valid_from <= day <= filed.valid_to for filed in facts.filings) for day in days)


def _main_may_share(facts: Facts) -> Outcome:
    """Some provinces let nobody file whose first place is a township centre, a clinic or a village room (P24)."""
    excluded = facts.policy["multi.exclude_categories"]
    main = facts.releasing
    if main is None:
        return passed("main_may_share")
    found = [name for name in excluded if main.category == _GROUPS[name].value]
    if found:
        return failed("main_institution_excluded", category=found[0])
    return passed("main_may_share")


_GROUPS = {
    "township": InstitutionGroup.TOWNSHIP,
    "clinic": InstitutionGroup.CLINIC,
    "village_room": InstitutionGroup.VILLAGE,
}


SAME_PLACE = Rule("inside_practice_place", "医师执业注册管理办法 art.10, 17", "law ✓", _same_place)
NOT_THERE_ALREADY = Rule("not_filed_yet", "医师执业注册管理办法 art.10", "law ✓", _not_there_already)
SCOPES_REGISTERED = Rule("filing_scope", "医师执业注册管理办法 art.10; 多机构备案须知", "P15", _scopes_registered)
FILING_TERM = Rule("filing_term", "多机构备案须知", "P15", _term, ("multi.max_term_months",))
HOW_MANY = Rule(
    "filing_count",
    "multi.max_filings; assistant.max_filings",
    "P27; assumption",
    _how_many,
    ("multi.max_filings", "assistant.max_filings"),
)
MAIN_MAY_SHARE = Rule("main_may_share", "省级多机构备案规定", "P24", _main_may_share, ("multi.exclude_categories",))


def file_further(approval: Approval) -> Changes:
    """The filing, for its days; one whose first day has passed holds from the decision."""
    application, term = approval.application, approval.application.form["term"]
    if application.institution is None:
        raise ValueError("an application without an institution was approved")
    start, end = date.fromisoformat(term["valid_from"]), date.fromisoformat(term["valid_to"])
    filing = NewFiling(
        registration_id=approval.about.id,
        person_id=approval.about.person_id,
        institution=application.institution,
        scopes=tuple(term["scopes"]),
        valid_from=max(start, approval.decision.decided_on),
        valid_to=end,
        decision_number=approval.decision.number,
        application_id=application.id,
    )
    return Changes(filings=(filing,))


MULTI_ADD = BusinessKind(
    type=BusinessType.MULTI_ADD,
    number_prefix="BA",
    about=About.REGISTRATION,
    confirming=Confirming.NAMED,
    has_other_side=True,
    effect=file_further,
    effect_keys=("multi.main_consent",),
    steps=(Step("personal", IDENTITY), REGISTRATION, FURTHER, TERM, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, AGREEMENT, LICENCE_COPY),
    rules=(
        person.ACCOUNT_ACTIVATED,
        person.QUALIFICATION_STANDS,
        registering.SUBJECT_IN_FORCE,
        *institution.RULES,
        SAME_PLACE,
        NOT_THERE_ALREADY,
        SCOPES_REGISTERED,
        FILING_TERM,
        HOW_MANY,
        MAIN_MAY_SHARE,
        register.ONE_OPEN_APPLICATION,
    ),
    documents=("filing_receipt",),
)

KINDS = (MULTI_ADD,)
