"""The two-year lapse: who registers late has to show training (医师执业注册管理办法 art.12; 医师法 art.19)."""

from __future__ import annotations

from typing import Any

from services.applications.domain.days import add_years
from services.applications.domain.facts import Facts
from shared.trade.statuses import CancellationGround

from . import refusal, registering
from .rule import Outcome, Rule, human_decision, needs_proof, passed

TRAINING_PROOF = "training_proof"
ASSESSMENT_PROOF = "assessment_proof"


def _within_two_years(facts: Facts) -> Outcome:
    """Registered within two years of gaining the qualification, to the day; one day later asks for training (E27).

    The day of the latest submission counts: nobody lapses while an office is at work, and a return stops no clock, so
    that a first attempt long ago keeps nobody's two years open.
    """
    years = facts.policy["lapse.years"]
    since = facts.qualification.published_on
    last = add_years(since, years)
    seen: dict[str, Any] = {
        "since": since.isoformat(),
        "last_day": last.isoformat(),
        "filed_on": facts.filed_on.isoformat(),
    }
    if facts.filed_on <= last:
        return passed("registered_in_time", **seen)
    if TRAINING_PROOF in facts.materials:
        return human_decision("training_proof_to_examine", **seen)
    if facts.policy["lapse.clock_start"] == "CERTIFICATE_RECEIPT":
        # The province counts from the day the paper certificate was handed over, which no record here holds.
        if facts.qualification.id not in facts.applicant.paper_certificates:
            return passed("certificate_not_received_yet", **seen)
        return human_decision("certificate_receipt_to_examine", remedy={"material": TRAINING_PROOF}, **seen)
    months = facts.policy["lapse.training_months"]
    return needs_proof("training_proof_needed", remedy={"material": TRAINING_PROOF, "months": months}, **seen)


TWO_YEAR_LAPSE = Rule(
    "two_year_lapse",
    "医师执业注册管理办法 art.12",
    "law °",
    _within_two_years,
    ("lapse.years", "lapse.training_months", "lapse.clock_start"),
)


def _stopped(facts: Facts) -> Outcome:
    """Practice that stopped for two years, or a ground that has ended, asks for a proof before re-entry.

    医师法 art.19 names the assessment, 医师执业注册管理办法 art.12 the training of six months; the province says which
    it takes (`lapse.re_entry_proof`).
    """
    last = registering.latest_end(facts)
    if last is None:
        return passed("practice_not_stopped")
    years = facts.policy["lapse.years"]
    until = add_years(last.since, years)
    seen: dict[str, Any] = {"since": last.since.isoformat(), "last_day": until.isoformat()}
    if facts.filed_on <= until and last.ground not in _ASSESSED_AGAIN:
        return passed("practice_stopped_briefly", **seen)
    return _proved_again(facts, seen)


def _after_service(facts: Facts) -> Outcome:
    """No two years are counted in the forces (§3.4); from leaving them they are (医师执业注册管理办法 art.12).

    Practice that stopped for two years is proved like any other (医师法 art.19): the province says by what.
    """
    left = facts.answers.left_service_on
    if left is None:
        return needs_proof("left_service_missing", remedy={"step": "service", "field": "left_service_on"})
    until = add_years(left, facts.policy["lapse.years"])
    seen: dict[str, Any] = {"since": left.isoformat(), "last_day": until.isoformat()}
    if facts.filed_on <= until:
        return passed("registered_in_time", **seen, filed_on=facts.filed_on.isoformat())
    return _proved_again(facts, seen)


def _ground_ended(facts: Facts) -> Outcome:
    """A ground for refusal that has ended asks for the same proof, of who never was registered too (E53).

    医师法 art.19; 医师执业注册管理办法 art.12. It is asked for once: who was registered since has shown it.
    """
    served = facts.answers.sentence_served_on
    if not facts.answers.criminal_penalty or served is None:
        return passed("no_ground_ended")
    free_from = add_years(served, refusal.SENTENCE_YEARS)
    if facts.on < free_from:
        return passed("no_ground_ended")  # it runs still, which N2 tells
    if any(held.started_on is not None and held.started_on >= free_from for held in facts.held):
        return passed("registered_since")
    return _proved_again(facts, {"since": free_from.isoformat()})


def _proved_again(facts: Facts, seen: dict[str, Any]) -> Outcome:
    """Training or assessment, whichever the province takes (`lapse.re_entry_proof`), for an officer to examine."""
    takes = _TAKES[facts.policy["lapse.re_entry_proof"]]
    if not facts.materials.isdisjoint(takes):
        return human_decision("re_entry_proof_to_examine", **seen)
    months = facts.policy["lapse.training_months"]
    return needs_proof("re_entry_proof_needed", remedy={"material": takes[0], "months": months}, **seen)


_TAKES = {
    "EITHER": (TRAINING_PROOF, ASSESSMENT_PROOF),
    "TRAINING": (TRAINING_PROOF,),
    "ASSESSMENT": (ASSESSMENT_PROOF,),
}
_ASSESSED_AGAIN = (
    CancellationGround.CRIMINAL_PENALTY,
    CancellationGround.LICENCE_REVOKED,
    CancellationGround.ASSESSMENT_FAILED_TWICE,
    CancellationGround.PRACTICE_STOPPED,
    CancellationGround.LEFT_TWO_YEARS,
)

STOPPED_PRACTICE = Rule(
    "stopped_practice",
    "医师法 art.19; 医师执业注册管理办法 art.12",
    "law ✓",
    _stopped,
    ("lapse.years", "lapse.training_months", "lapse.re_entry_proof"),
)
LAPSE_AFTER_SERVICE = Rule(
    "lapse_after_service",
    "医师法 art.19; 医师执业注册管理办法 art.12",
    "law ✓",
    _after_service,
    ("lapse.years", "lapse.training_months", "lapse.re_entry_proof"),
)
GROUND_ENDED = Rule(
    "ended_ground",
    "医师法 art.19; 医师执业注册管理办法 art.12",
    "law ✓",
    _ground_ended,
    ("lapse.training_months", "lapse.re_entry_proof"),
    sensitive=True,
)
