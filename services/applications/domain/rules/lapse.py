"""The two-year lapse: who registers late has to show training (医师执业注册管理办法 art.12; 医师法 art.19)."""

from __future__ import annotations

from typing import Any

from services.applications.domain.days import add_years
from services.applications.domain.facts import Facts

from .rule import Outcome, Rule, human_decision, needs_proof, passed

TRAINING_PROOF = "training_proof"


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
