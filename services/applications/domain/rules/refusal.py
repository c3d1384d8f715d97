"""The grounds for refusal 不予注册, N1 to N10 (`domain.md` §3.11): from records, or from the applicant's word.

What only a person can know is declared in the form and looked at by an officer: a declaration never refuses by itself
(个人信息保护法 art.24; E54).
"""

from __future__ import annotations

from datetime import date

from services.applications.domain.days import add_years
from services.applications.domain.facts import Facts
from shared.trade.statuses import CancellationGround, RefusalGround, RegistrationStatus

from .rule import Check, Outcome, Rule, failed, human_decision, needs_proof, passed

REVOKED_YEARS, ASSESSMENT_YEARS, SENTENCE_YEARS = 2, 1, 2
STEP = "personal"


def _capacity(facts: Facts) -> Outcome:
    """N1: no or limited civil capacity (医师法 art.16(1))."""
    return _declared(facts.answers.full_capacity, "full_capacity", fine=True)


def _criminal_penalty(facts: Facts) -> Outcome:
    """N2: less than two years since a sentence was served (医师法 art.16(2)); a person decides (E53)."""
    declared, served = facts.answers.criminal_penalty, facts.answers.sentence_served_on
    if not declared:
        return _declared(declared, "criminal_penalty", fine=False)
    free_from = None if served is None else add_years(served, SENTENCE_YEARS)
    running = free_from is None or facts.on < free_from
    return human_decision(
        "criminal_penalty_declared",
        remedy={"free_from": _text(free_from)},
        declared=True,
        still_running=running,
    )


def _licence_revoked(facts: Facts) -> Outcome:
    """N3: licence revoked 吊销 less than two years ago (医师法 art.16(3))."""
    days = [held.since for held in facts.held if held.status is RegistrationStatus.REVOKED]
    return _waiting_time(facts, "licence_revoked", max(days, default=None), REVOKED_YEARS)


def _assessment_failed(facts: Facts) -> Outcome:
    """N4: cancelled for a failed periodic assessment less than one year ago (医师法 art.16(4))."""
    days = [held.since for held in facts.held if held.ground is CancellationGround.ASSESSMENT_FAILED_TWICE]
    return _waiting_time(facts, "assessment_failed", max(days, default=None), ASSESSMENT_YEARS)


def _other_law(facts: Facts) -> Outcome:
    """N5: another case of laws and administrative regulations (医师法 art.16(5))."""
    return _declared(facts.answers.barred_by_law, "barred_by_law", fine=False)


def _health(facts: Facts) -> Outcome:
    """N6: health unsuitable for practice (医师执业注册管理办法 art.6(4)): never automatic (E54)."""
    return _declared(facts.answers.health_fit, "health_fit", fine=True)


def _recorded(ground: RefusalGround, name: str) -> Check:
    """A ground that an authority has recorded: it bars while it runs, some for life."""

    def check(facts: Facts) -> Outcome:
        running = [bar for bar in facts.bars if bar.ground is ground and (bar.until is None or facts.on <= bar.until)]
        if not running:
            return passed(f"no_{name}")
        for_life = any(bar.until is None for bar in running)
        until = None if for_life else max(bar.until for bar in running if bar.until is not None)
        return failed(name, remedy={} if until is None else {"after": until.isoformat()}, until=_text(until))

    return check


def _declared(answer: bool | None, question: str, *, fine: bool) -> Outcome:
    if answer is None:
        return needs_proof("declaration_missing", remedy={"step": STEP, "field": question}, question=question)
    if answer is fine:
        return passed(f"{question}_declared_fine", question=question)
    return human_decision(f"{question}_to_examine", question=question)


def _waiting_time(facts: Facts, name: str, since: date | None, years: int) -> Outcome:
    if since is None:
        return passed(f"no_{name}")
    free_from = add_years(since, years)
    if facts.on < free_from:
        return failed(f"{name}_recently", remedy={"from": free_from.isoformat()}, since=since.isoformat())
    return passed(f"{name}_long_ago", since=since.isoformat())


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


N1_CAPACITY = Rule("N1_capacity", "医师法 art.16(1)", "law ✓", _capacity, sensitive=True)
N2_CRIMINAL_PENALTY = Rule("N2_criminal_penalty", "医师法 art.16(2)", "law ✓", _criminal_penalty, sensitive=True)
N3_LICENCE_REVOKED = Rule("N3_licence_revoked", "医师法 art.16(3)", "law ✓", _licence_revoked)
N4_ASSESSMENT_FAILED = Rule("N4_assessment_failed", "医师法 art.16(4)", "law ✓", _assessment_failed)
N5_OTHER_LAW = Rule("N5_other_law", "医师法 art.16(5)", "law ✓", _other_law, sensitive=True)
N6_HEALTH = Rule("N6_health", "医师执业注册管理办法 art.6(4)", "law ✓", _health, sensitive=True)
N7_RE_ENTRY = Rule(
    "N7_re_entry_assessment",
    "医师执业注册管理办法 art.6(5)",
    "law ✓",
    _recorded(RefusalGround.RE_ENTRY_ASSESSMENT_FAILED, "re_entry_assessment_failed"),
)
N8_CHEATING = Rule(
    "N8_organised_cheating",
    "医师执业注册管理办法 art.6(6)",
    "law ✓",
    _recorded(RefusalGround.ORGANISED_CHEATING, "organised_cheating"),
)
N9_FORGED = Rule(
    "N9_forged_qualification",
    "医师执业注册管理办法 art.6(7)",
    "law ✓",
    _recorded(RefusalGround.FORGED_QUALIFICATION, "forged_qualification"),
)
N10_BAN = Rule(
    "N10_ban_on_applications",
    "行政许可法 art.78, 79; 医师法 art.54, 58",
    "law ✓",
    _recorded(RefusalGround.BAN_ON_APPLICATIONS, "ban_on_applications"),
)

RULES = (
    N1_CAPACITY,
    N2_CRIMINAL_PENALTY,
    N3_LICENCE_REVOKED,
    N4_ASSESSMENT_FAILED,
    N5_OTHER_LAW,
    N6_HEALTH,
    N7_RE_ENTRY,
    N8_CHEATING,
    N9_FORGED,
    N10_BAN,
)
