"""多执业机构取消备案 MULTI_DEL (`domain.md` §3.8): a filing of a further institution ends before its day.

Who: the physician, or the further institution. Chain: further institution, its authority; the main institution is told.
Where the physician asks and that institution stays silent for `multi.del_silence` working days, the wish alone is
enough. Effect: the filing ends; the main registration is untouched.
"""

from __future__ import annotations

from datetime import date

from services.applications.domain.days import add_days
from services.applications.domain.effect import Approval, Changes, Ending
from services.applications.domain.facts import Facts
from services.applications.domain.filing import EndReason
from services.applications.domain.rules import register
from services.applications.domain.rules.rule import Outcome, Rule, failed, needs_proof, passed
from shared.trade.statuses import BusinessType

from .common import APPLICATION_FORM, CHECK, IDENTITY, MATERIALS, REASON_LENGTH
from .kind import About, BusinessKind, Confirming, Field, FieldKind, Step

FILING = Step(
    "filing",
    tuple(
        Field(name, FieldKind.LOCKED)
        for name in ("filed_institution", "filed_from", "filed_to", "filed_scopes", "registered_institution")
    ),
)
ENDING = Step(
    "ending_day",
    (
        Field("ends_on", FieldKind.DATE, years_back=1, years_ahead=11),
        Field("reason", FieldKind.TEXT, required=False, max_length=REASON_LENGTH),
    ),
)


def _filing_holds(facts: Facts) -> Outcome:
    """What is over needs no end."""
    if facts.filing is None:
        return failed("filing_ended_already")
    return passed("filing_holds", until=facts.filing.valid_to.isoformat())


def _ends_within(facts: Facts) -> Outcome:
    """The day on which it ends lies within its term (E69)."""
    day, filing = facts.answers.ends_on, facts.filing
    if day is None or filing is None:
        return needs_proof("filing_end_missing", remedy={"step": "ending_day", "field": "ends_on"})
    if day < filing.valid_from or day > filing.valid_to:
        remedy = {"step": "ending_day", "field": "ends_on"}
        return failed("filing_end_outside", remedy=remedy, until=filing.valid_to.isoformat())
    return passed("filing_end_fits", ends_on=day.isoformat())


FILING_HOLDS = Rule("filing_holds", "多机构取消备案须知", "source", _filing_holds)
ENDS_WITHIN = Rule("filing_end", "多机构取消备案须知", "source", _ends_within)


def end_filing(approval: Approval) -> Changes:
    """It holds no more from the day after its named last one, and never on the day of a later decision."""
    wanted = approval.application.filing_id
    filing = next((one for one in approval.filings if one.id == wanted), None)
    if filing is None:
        raise ValueError("a filing that ended already was to be ended")
    last = date.fromisoformat(approval.application.form["ending_day"]["ends_on"])
    over_from = max(add_days(last, 1), approval.decision.decided_on)
    return Changes(endings=(Ending(filing, over_from, EndReason.WITHDRAWN),))


MULTI_DEL = BusinessKind(
    type=BusinessType.MULTI_DEL,
    number_prefix="QB",
    about=About.FILING,
    confirming=Confirming.FILED,
    has_other_side=True,
    effect=end_filing,
    effect_keys=("multi.del_silence",),
    steps=(Step("personal", IDENTITY), FILING, ENDING, MATERIALS, CHECK),
    materials=(APPLICATION_FORM,),
    rules=(FILING_HOLDS, ENDS_WITHIN, register.ONE_OPEN_APPLICATION),
    documents=("filing_end_receipt",),
    starters=("physician", "institution"),
)

KINDS = (MULTI_DEL,)
