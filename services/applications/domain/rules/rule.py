"""A legal condition as a named value, and what running it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from services.applications.domain.facts import Facts

IN_FORCE = date(2022, 3, 1)
"""The day the 医师法 came into force, and with it every rule below unless it says otherwise."""


class Result(StrEnum):
    """What a rule may find; a machine never refuses, it blocks, asks for a proof or calls a person."""

    PASSED = "passed"
    FAILED = "failed"
    NEEDS_PROOF = "needs_proof"
    HUMAN_DECISION = "human_decision"


@dataclass(frozen=True)
class Outcome:
    """What a rule saw (`seen`) and what would change it (`remedy`); plain values, never personal data."""

    result: Result
    code: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    remedy: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[Facts], Outcome]


@dataclass(frozen=True)
class Rule:
    """One condition with its legal basis, the days it is law, and the knobs of policy it reads.

    A changed rule is a new value with the next `version`; the old one stays, so that old decisions can be re-run.
    `sensitive` says that it speaks of capacity, punishments or health: what it finds is for the applicant and the
    authority alone (个人信息保护法 art.28).
    """

    name: str
    article: str
    source: str
    check: Check
    policy_keys: tuple[str, ...] = ()
    version: int = 1
    valid_from: date = IN_FORCE
    valid_to: date | None = None
    sensitive: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether the rule is law on a day; `valid_to` is its last."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class RuleOutcome:
    """An outcome with the rule it came from: what is kept, shown and told; sensitive unless its rule said otherwise."""

    rule: str
    result: Result
    code: str
    article: str
    rule_version: int
    source: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    remedy: Mapping[str, Any] = field(default_factory=dict)
    sensitive: bool = True


def run(rules: Iterable[Rule], facts: Facts) -> tuple[RuleOutcome, ...]:
    """Run every rule that is law on the facts' day; none stops or hides another."""
    return tuple(_run_one(rule, facts) for rule in rules if rule.holds_on(facts.on))


def run_again(rules: Iterable[Rule], outcomes: Iterable[RuleOutcome], facts: Facts) -> tuple[RuleOutcome, ...]:
    """Run the very versions that gave `outcomes`; a version that is gone is a fault of the program: `KeyError`."""
    by_version = {(rule.name, rule.version): rule for rule in rules}
    return tuple(_run_one(by_version[outcome.rule, outcome.rule_version], facts) for outcome in outcomes)


def _run_one(rule: Rule, facts: Facts) -> RuleOutcome:
    found = rule.check(facts)
    return RuleOutcome(
        rule.name,
        found.result,
        found.code,
        rule.article,
        rule.version,
        rule.source,
        found.seen,
        found.remedy,
        rule.sensitive,
    )


def passed(code: str, **seen: Any) -> Outcome:
    """The condition is met."""
    return Outcome(Result.PASSED, code, seen)


def failed(code: str, *, remedy: Mapping[str, Any] | None = None, **seen: Any) -> Outcome:
    """The condition is not met; the application can't proceed until `remedy` is done."""
    return Outcome(Result.FAILED, code, seen, remedy or {})


def needs_proof(code: str, *, remedy: Mapping[str, Any], **seen: Any) -> Outcome:
    """The applicant has to say or show something; `remedy` names the step, field or material."""
    return Outcome(Result.NEEDS_PROOF, code, seen, remedy)


def human_decision(code: str, *, remedy: Mapping[str, Any] | None = None, **seen: Any) -> Outcome:
    """An officer has to look; no automatic refusal (个人信息保护法 art.24)."""
    return Outcome(Result.HUMAN_DECISION, code, seen, remedy or {})


def not_chosen(step: str) -> Outcome:
    """The form has not got so far that the rule could say anything."""
    return needs_proof(f"{step}_not_chosen", remedy={"step": step})
