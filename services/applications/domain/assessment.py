"""A run of all rules that is kept whole: what it saw, which versions of rules and policy it ran, what it found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .business import BusinessKind
from .facts import Facts
from .rules import Result, RuleOutcome, run, run_again


class Occasion(StrEnum):
    """Why the rules ran."""

    SUBMISSION = "submission"
    SUPPLEMENT = "supplement"
    RECEIPT = "receipt"
    EFFECT = "effect"


@dataclass(frozen=True)
class Pin:
    """The version of policy in force on a day: its number and the digest of its values."""

    number: str
    hash: str
    on: date


@dataclass(frozen=True)
class Assessment:
    """What all rules of a kind found, with everything needed to find it again."""

    occasion: Occasion
    facts: Facts
    policy: Pin
    outcomes: tuple[RuleOutcome, ...]

    @property
    def failed(self) -> list[RuleOutcome]:
        """The conditions that are not met."""
        return [outcome for outcome in self.outcomes if outcome.result is Result.FAILED]

    @property
    def unproved(self) -> list[RuleOutcome]:
        """The conditions that the applicant still has to show or say something for."""
        return [outcome for outcome in self.outcomes if outcome.result is Result.NEEDS_PROOF]

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way but what the form still asks."""
        return not self.failed


def assess(kind: BusinessKind, facts: Facts, policy: Pin, occasion: Occasion) -> Assessment:
    """Run all rules of a kind that are law on the facts' day."""
    return Assessment(occasion, facts, policy, run(kind.rules, facts))


def reassess(kind: BusinessKind, kept: Assessment) -> Assessment:
    """The same run again: the same facts, the same versions; equal to `kept` as long as the code tells the truth."""
    return Assessment(kept.occasion, kept.facts, kept.policy, run_again(kind.rules, kept.outcomes, kept.facts))


_STANDS = (Result.PASSED, Result.HUMAN_DECISION)


def newly_failed(before: Iterable[RuleOutcome], after: Iterable[RuleOutcome]) -> list[str]:
    """The rules that stood before and don't any more: a supplement, never a silent loss (design §2)."""
    stood = {outcome.rule: outcome.result in _STANDS for outcome in before}
    return [outcome.rule for outcome in after if outcome.result not in _STANDS and stood.get(outcome.rule, True)]
