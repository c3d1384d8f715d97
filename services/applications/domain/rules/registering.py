"""What the existing registration has to be like for something to be done with it (`domain.md` §3.1, §3.5, §3.13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.applications.domain.days import add_days, add_years
from services.applications.domain.facts import Facts, Held
from shared.trade.statuses import CancellationGround, RegistrationStatus

from . import refusal
from .rule import Outcome, Result, Rule, failed, human_decision, needs_proof, not_chosen, passed

FRAUD_YEARS = 3


def _in_force(facts: Facts) -> Outcome:
    """In force: not suspended, not left, not ended (医师法 art.13; E48)."""
    subject = facts.subject
    if subject is None:
        return failed("registration_not_chosen")
    if subject.status is RegistrationStatus.ACTIVE:
        return passed("registration_in_force")
    return _not_in_force(subject)


def _registered(facts: Facts) -> Outcome:
    """In force or suspended: both count as registered (§3.14)."""
    if facts.subject is None:
        return failed("registration_not_chosen")
    if facts.subject.status.is_registered:
        return passed("registration_stands", status=facts.subject.status.value)
    return failed("registration_ended_already", status=facts.subject.status.value)


def _may_move(facts: Facts) -> Outcome:
    """In force, or left or moved out less than two years ago; nobody moves while suspended (`change.blockers`, E48)."""
    subject, blockers = facts.subject, facts.policy["change.blockers"]
    if subject is None:
        return failed("registration_not_chosen")
    if subject.status is RegistrationStatus.ACTIVE:
        return passed("registration_in_force")
    if subject.status is RegistrationStatus.SUSPENDED and "SUSPENDED" not in blockers:
        return human_decision("suspended_to_examine", until=_text(subject.until))
    if subject.may_stand_again:
        last = add_years(subject.since, facts.policy["lapse.years"])
        if facts.filed_on <= last or "LEFT_TOO_LONG" not in blockers:
            return passed("left_not_long_ago", since=subject.since.isoformat(), last_day=last.isoformat())
        return failed("left_too_long", remedy={"business": "REG", "sub_kind": "RE"}, since=subject.since.isoformat())
    return _not_in_force(subject)


def _licensed_only(facts: Facts) -> Outcome:
    """An assistant has one practice place only (医师执业注册管理办法 art.17; E38)."""
    if facts.qualification.level.is_assistant:
        return failed("assistant_one_place", remedy={"business": "CHANGE"}, place=_place(facts))
    return passed("licensed_may_add")


def _another_province(facts: Facts) -> Outcome:
    """A second place is another province; inside the same one a further institution is filed (§3.7, P15)."""
    if facts.institution is None or facts.subject is None:
        return not_chosen("institution")
    if facts.institution.province == facts.subject.province:
        return failed("same_province", remedy={"business": "MULTI_ADD"}, province=facts.subject.province)
    return passed("another_province", province=facts.institution.province)


def _same_scope(facts: Facts) -> Outcome:
    """The same scope, or it is understood that the existing registration ends (P15; E41)."""
    if not facts.answers.scopes or facts.subject is None:
        return not_chosen("scope")
    if set(facts.answers.scopes) == set(facts.subject.scopes):
        return passed("same_scope", scopes=list(facts.subject.scopes))
    if facts.answers.old_ends:
        return human_decision("old_registration_will_end", scopes=list(facts.answers.scopes))
    remedy = {"step": "ending", "field": "old_ends"}
    return needs_proof("old_registration_ends_unconfirmed", remedy=remedy, scopes=list(facts.subject.scopes))


def _assistant_stands(facts: Facts) -> Outcome:
    """Who was an assistant and is one no more registers for the first time or anew (医师执业注册管理办法 art.15).

    Where an upgrade fits, the same category at the same main institution, it is one (source page; §3.1, §3.2).
    """
    own, institution = facts.qualification, facts.institution
    if not own.level.is_licensed:
        return failed("licensed_qualification_missing", level=own.level.value)
    assistants = [held for held in facts.held if held.level.is_assistant and held.status.is_registered]
    if not assistants:
        return failed("no_assistant_registration_stands", remedy={"business": "REG", "sub_kind": "FIRST"})
    exact = facts.policy["upgrade.category_match"] == "CODE2"
    for held in assistants:
        same_category = held.category is own.category if exact else held.category.legal is own.category.legal
        if same_category and institution is not None and held.institution_id == institution.id:
            return failed("upgrade_fits", remedy={"business": "UPGRADE"})
    return passed("assistant_registration_chosen")


def _assistant_ends(facts: Facts) -> Outcome:
    """The assistant's registration ends with it, and that has to be said: no silent conversion (§3.2)."""
    if facts.answers.old_ends:
        return passed("old_registration_end_confirmed")
    remedy = {"step": "ending", "field": "old_ends"}
    return needs_proof("assistant_end_unconfirmed", remedy=remedy)


def _registered_before(facts: Facts) -> Outcome:
    """Registered anew is who was registered with this qualification and is no more (医师法 art.19).

    What was left less than two years ago is taken up by a change (医师执业注册管理办法 art.19); who went to the forces
    comes back from there (§3.3).
    """
    own = [held for held in facts.held if held.qualification_id == facts.qualification.id]
    if not own:
        return failed("never_registered_before", remedy={"business": "REG", "sub_kind": "FIRST"})
    standing = [held for held in own if held.status.is_registered]
    if standing:
        return failed("registered_still", remedy={"business": "CHANGE"}, place=standing[0].practice_place)
    years = facts.policy["lapse.years"]
    for held in own:
        if held.may_stand_again and facts.filed_on <= (until := add_years(held.since, years)):
            remedy = {"business": "CHANGE"}
            return failed("registration_left", remedy=remedy, since=held.since.isoformat(), last_day=until.isoformat())
    last = latest_end(facts)
    if last is not None and last.status is RegistrationStatus.TRANSFERRED_MIL:
        return failed("transferred_to_forces", remedy={"business": "MIL_IN"}, since=last.since.isoformat())
    return passed("registered_before", status=last.status.value if last else own[0].status.value)


def _re_entry(facts: Facts) -> Outcome:
    """What the way it ended means for coming back (§3.13): never, after years, or as a person finds."""
    last = latest_end(facts)
    if last is None:
        return passed("no_end_stands_against")
    if last.ground is CancellationGround.ORGANISED_CHEATING:
        return failed("re_entry_never", ground=last.ground.value)
    if last.status is RegistrationStatus.WITHDRAWN:
        # The last of the three years is inside of them, as with the ban that was recorded (N10).
        free_from = add_days(add_years(last.since, FRAUD_YEARS), 1)
        if facts.on < free_from:
            return failed("re_entry_too_early", remedy={"from": free_from.isoformat()}, since=last.since.isoformat())
    if last.ground in _LOOKED_AT:
        return human_decision("re_entry_to_examine", ground=last.ground.value, since=last.since.isoformat())
    return passed("no_end_stands_against", since=last.since.isoformat())


def _no_other_report(facts: Facts) -> Outcome:
    """Whatever is under way, a ground for cancellation is looked at; what is reported twice is one case."""
    if facts.open_applications:
        return failed("open_application", numbers=list(facts.open_applications))
    return passed("no_open_application")


def _reason_day(facts: Facts) -> Outcome:
    """The day on which the doctor leaves is named."""
    if facts.answers.ends_on is None:
        return needs_proof("leaving_day_missing", remedy={"step": "leaving", "field": "ends_on"})
    return passed("leaving_day_named", ends_on=facts.answers.ends_on.isoformat())


def latest_end(facts: Facts) -> Held | None:
    """The last of the qualification's registrations that ended or was left; None where none did."""
    over = [
        held for held in facts.held if held.qualification_id == facts.qualification.id and not held.status.is_registered
    ]
    return max(over, key=lambda held: held.since, default=None)


_LOOKED_AT = (
    CancellationGround.DEATH,  # only who was declared missing comes back
    CancellationGround.CRIMINAL_PENALTY,
    CancellationGround.HEALTH,
    CancellationGround.CERTIFICATE_MISUSED,
)


def _not_in_force(subject: Held) -> Outcome:
    if subject.status is RegistrationStatus.SUSPENDED:
        remedy = {} if subject.until is None else {"after": subject.until.isoformat()}
        return failed("registration_suspended", remedy=remedy, until=_text(subject.until))
    if subject.status is RegistrationStatus.LEFT_FILED:
        return failed("registration_left", remedy={"business": "CHANGE"}, since=subject.since.isoformat())
    return failed("registration_ended_already", status=subject.status.value)


def _place(facts: Facts) -> str:
    return facts.subject.practice_place if facts.subject else ""


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


SUBJECT_IN_FORCE = Rule("registration_in_force", "医师法 art.13", "law ✓", _in_force)
SUBJECT_REGISTERED = Rule("registration_stands", "医师法 art.13", "law ✓", _registered)
SUBJECT_MAY_MOVE = Rule(
    "registration_may_move",
    "医师执业注册管理办法 art.19, 20; change.blockers",
    "law ✓; assumption",
    _may_move,
    ("change.blockers", "lapse.years"),
)
LICENSED_ONLY = Rule("licensed_only", "医师执业注册管理办法 art.17", "law ✓", _licensed_only)
ANOTHER_PROVINCE = Rule("another_province", "医师执业注册管理办法 art.17", "law ✓", _another_province)
SAME_SCOPE = Rule("same_scope", "增加注册须知", "P15", _same_scope)
ASSISTANT_STANDS = Rule(
    "assistant_stands", "医师执业注册管理办法 art.15", "law °", _assistant_stands, ("upgrade.category_match",)
)
ASSISTANT_ENDS = Rule("assistant_ends", "助理医师升执业医师", "source", _assistant_ends)
REGISTERED_BEFORE = Rule(
    "registered_before", "医师法 art.19; 医师执业注册管理办法 art.19", "law ✓", _registered_before, ("lapse.years",)
)
RE_ENTRY_GROUND = Rule("re_entry_ground", "医师法 art.16, 19; 医师执业注册管理办法 art.18", "law ✓", _re_entry)
NO_OTHER_REPORT = Rule("one_report", "医师法 art.17", "law ✓", _no_other_report)
REASON_DAY = Rule("leaving_day", "地方变更到军队", "source", _reason_day)


def _by_blockers(rule: Rule) -> Rule:
    """The rule as it speaks of a change: where `change.blockers` doesn't name it, an officer looks instead."""

    def check(facts: Facts) -> Outcome:
        found = rule.check(facts)
        if found.result is not Result.FAILED or "REFUSAL_GROUND" in facts.policy["change.blockers"]:
            return found
        return human_decision(found.code, remedy=found.remedy, **found.seen)

    return replace(rule, check=check, policy_keys=(*rule.policy_keys, "change.blockers"))


RECORDED_GROUNDS = tuple(
    _by_blockers(rule)
    for rule in (
        refusal.N3_LICENCE_REVOKED,
        refusal.N4_ASSESSMENT_FAILED,
        refusal.N7_RE_ENTRY,
        refusal.N8_CHEATING,
        refusal.N9_FORGED,
        refusal.N10_BAN,
    )
)
"""The grounds that stand in the register's own records; nobody who changes is asked again for declarations."""
