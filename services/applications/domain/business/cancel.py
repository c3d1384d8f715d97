"""注销 CANCEL (`domain.md` §3.6, §3.13): a registration ends; the qualification stays.

VOLUNTARY 本人主动申请: applicant, institution, its authority. BY_REPORT: the institution reports within 30 days of
knowing (医师法 art.17), no submission of the physician is needed. EX_OFFICIO: an authority finds a ground. PROPOSED:
two years after a departure filing a nightly job proposes. The physician is told of the last three and may object; an
officer always signs. Effect: cancelled, revoked or withdrawn by its ground; certificate void; filings end; re-entry by
REG/RE.
"""

from __future__ import annotations

from dataclasses import replace

from services.applications.domain.days import add_years
from services.applications.domain.effect import Approval, Change, Changes, ended, endings
from services.applications.domain.facts import Bar, Facts, Held
from services.applications.domain.filing import EndReason
from services.applications.domain.rules import person, register, registering
from services.applications.domain.rules.rule import Outcome, Rule, failed, human_decision, needs_proof, passed
from shared.trade.statuses import BusinessType, CancelKind, CancellationGround, RefusalGround, RegistrationStatus

from .common import APPLICATION_FORM, CHECK, IDENTITY, MATERIALS, PRACTICE_CERTIFICATE, REASON_LENGTH, REGISTRATION
from .kind import PAPERS, About, BusinessKind, Confirming, Field, FieldKind, Material, Step

PREFIX = "ZX"
REPORT_DAYS = 30
"""Days from knowing of a ground to the report (医师法 art.17; 医师执业注册管理办法 art.18)."""
FRAUD_YEARS = 3
"""No new application after a qualification or registration by improper means (医师法 art.54)."""

REPORTED = tuple(
    ground
    for ground in CancellationGround
    if ground not in (CancellationGround.OWN_WISH, CancellationGround.PLACE_ENDED)
)
"""What an institution may report, and an authority find."""

_STATUS = {
    CancellationGround.LICENCE_REVOKED: (RegistrationStatus.REVOKED, Change.REVOKED),
    CancellationGround.QUALIFICATION_WITHDRAWN: (RegistrationStatus.WITHDRAWN, Change.WITHDRAWN),
}

WISH = Step("wish", (Field("reason", FieldKind.TEXT, required=False, max_length=REASON_LENGTH),))
GROUND = Step(
    "ground",
    (
        Field("ground", FieldKind.CHOICE, choices=tuple(ground.value for ground in REPORTED), sensitive=True),
        Field("happened_on", FieldKind.DATE, years_back=80, years_ahead=0, sensitive=True),
        Field("known_on", FieldKind.DATE, years_back=80, years_ahead=0),
        Field("reason", FieldKind.TEXT, required=False, max_length=REASON_LENGTH, sensitive=True),
    ),
)
GROUND_PROOF = Material("grounds_proof", PAPERS, paper_only=True, paper_original=True, sensitive=True)


def _ends_what_stands(held: Held) -> bool:
    """Left and moved-out registrations are ended too: only so do the two years end (X12)."""
    return not held.is_over


def _stands(facts: Facts) -> Outcome:
    """What is over can't be cancelled again."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    if not _ends_what_stands(facts.subject):
        return failed("registration_ended_already", status=facts.subject.status.value)
    return passed("registration_stands", status=facts.subject.status.value)


def _ground_named(facts: Facts) -> Outcome:
    """One of the grounds of the Law; whether it is true, a person decides (医师法 art.17; 个人信息保护法 art.24)."""
    answers = facts.answers
    if answers.ground is None or answers.happened_on is None or answers.known_on is None:
        return needs_proof("cancellation_ground_missing", remedy={"step": "ground", "field": "ground"})
    if answers.happened_on > answers.known_on:
        return failed("known_before_it_happened", remedy={"step": "ground", "field": "known_on"})
    day = answers.happened_on.isoformat()
    return human_decision("cancellation_ground_to_examine", ground=answers.ground.value, happened_on=day)


def _reported_in_time(facts: Facts) -> Outcome:
    """The institution reports within 30 days of knowing; a late report is taken all the same, and told."""
    if facts.answers.known_on is None:
        return needs_proof("cancellation_ground_missing", remedy={"step": "ground", "field": "known_on"})
    days = (facts.filed_on - facts.answers.known_on).days
    if days > REPORT_DAYS:
        return human_decision("reported_late", days=days, most=REPORT_DAYS)
    return passed("reported_in_time", days=days)


def _left_two_years(facts: Facts) -> Outcome:
    """X12: left two years ago, and nobody practises on it again (医师执业注册管理办法 art.19)."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    if not facts.subject.may_stand_again:
        return failed("registration_not_left", status=facts.subject.status.value)
    since = facts.subject.since
    over = add_years(since, facts.policy["lapse.years"])
    if facts.on < over:
        return failed("left_less_than_two_years", remedy={"from": over.isoformat()}, since=since.isoformat())
    return passed("left_two_years", since=since.isoformat())


STANDS = Rule("registration_stands", "医师法 art.17", "law ✓", _stands)
GROUND_NAMED = Rule(
    "cancellation_ground", "医师法 art.17; 医师执业注册管理办法 art.18", "law ✓", _ground_named, sensitive=True
)
LEFT_TWO_YEARS = Rule("left_two_years", "医师执业注册管理办法 art.19", "law ✓", _left_two_years, ("lapse.years",))
REPORTED_IN_TIME = Rule("reported_in_time", "医师法 art.17", "law ✓", _reported_in_time)


def cancel_by_wish(approval: Approval) -> Changes:
    """X10: the registration ends with the decision, and what is filed on it."""
    return _cancelled(approval, CancellationGround.OWN_WISH)


def cancel_by_ground(approval: Approval) -> Changes:
    """By the ground that was examined; organised cheating bars for life (N8), a withdrawal for three years (N10)."""
    return _cancelled(approval, CancellationGround(approval.application.form["ground"]["ground"]))


def _cancelled(approval: Approval, ground: CancellationGround) -> Changes:
    status, change = _STATUS.get(ground, (RegistrationStatus.CANCELLED, Change.CANCELLED))
    return Changes(
        turns=(ended(approval, approval.about, status, change, ground),),
        endings=endings(approval, approval.about, EndReason.REGISTRATION_ENDED),
        bars=_bars(approval, ground),
    )


def _bars(approval: Approval, ground: CancellationGround) -> tuple[Bar, ...]:
    decision = approval.decision
    if ground is CancellationGround.ORGANISED_CHEATING:
        return (Bar(RefusalGround.ORGANISED_CHEATING, decision.decided_on, None, decision.number),)
    if ground is CancellationGround.QUALIFICATION_WITHDRAWN:
        until = add_years(decision.decided_on, FRAUD_YEARS)
        return (Bar(RefusalGround.BAN_ON_APPLICATIONS, decision.decided_on, until, decision.number),)
    return ()


VOLUNTARY = BusinessKind(
    type=BusinessType.CANCEL,
    sub_kind=CancelKind.VOLUNTARY.value,
    number_prefix=PREFIX,
    about=About.REGISTRATION,
    admits=_ends_what_stands,
    confirming=Confirming.MAIN,
    effect=cancel_by_wish,
    steps=(Step("personal", IDENTITY), REGISTRATION, WISH, MATERIALS, CHECK),
    materials=(APPLICATION_FORM, PRACTICE_CERTIFICATE),
    rules=(person.ACCOUNT_ACTIVATED, STANDS, register.ONE_OPEN_APPLICATION),
    documents=("cancellation",),
)
BY_REPORT = replace(
    VOLUNTARY,
    sub_kind=CancelKind.BY_REPORT.value,
    effect=cancel_by_ground,
    steps=(REGISTRATION, GROUND, MATERIALS, CHECK),
    materials=(GROUND_PROOF,),
    rules=(STANDS, GROUND_NAMED, REPORTED_IN_TIME, registering.NO_OTHER_REPORT),
    starters=("institution",),
)
EX_OFFICIO = replace(
    BY_REPORT,
    sub_kind=CancelKind.EX_OFFICIO.value,
    rules=(STANDS, GROUND_NAMED, registering.NO_OTHER_REPORT),
    starters=("authority",),
)
PROPOSED = replace(
    EX_OFFICIO,
    sub_kind=CancelKind.PROPOSED.value,
    rules=(STANDS, LEFT_TWO_YEARS, GROUND_NAMED, registering.NO_OTHER_REPORT),
    starters=("system",),
)

KINDS = (VOLUNTARY, BY_REPORT, EX_OFFICIO, PROPOSED)
