"""Would a past case have come out otherwise under another policy? The same facts and rule versions, judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .assessment import Assessment, Occasion, reassess
from .business import BusinessKind
from .rules import RuleOutcome

PolicyValues = Mapping[str, Any]


@dataclass(frozen=True)
class Changed:
    """What a knob was when the rules ran, and what the draft says."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """A rule that finds something else; `knobs` are those that it reads and the draft changes.

    None of them: then the rule itself no longer tells what it told, and the draft is not the cause.
    """

    occasion: Occasion
    before: RuleOutcome
    after: RuleOutcome
    knobs: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The rule's name."""
        return self.before.rule

    @property
    def is_sensitive(self) -> bool:
        """Whether what it finds is for the applicant and the authority alone (个人信息保护法 art.28)."""
        return self.before.sensitive or self.after.sensitive


@dataclass(frozen=True)
class Needs:
    """What an applicant has to bring, and within how many working days a decision is promised."""

    uploads: frozenset[str]
    papers: frozenset[str]
    decision_days: int

    @classmethod
    def of(cls, kind: BusinessKind, run: Assessment, policy: PolicyValues) -> Needs:
        """What a run of the rules under a policy asks for."""
        needed = kind.needed_materials(policy, run.outcomes)
        return cls(
            frozenset(item.kind for item in needed if item.required),
            frozenset(kind.paper_materials(policy, run.facts.materials)),
            policy["sla.decision_days"],
        )


@dataclass(frozen=True)
class Rehearsed:
    """One run of the rules, rehearsed: what the draft changes, and what comes of it."""

    occasion: Occasion
    changed: tuple[Changed, ...]
    differences: tuple[Difference, ...]
    needs_before: Needs
    needs_after: Needs


@dataclass(frozen=True)
class RehearsedCase:
    """An application with all of its runs that were rehearsed, the oldest first."""

    number: str
    type: str
    runs: tuple[Rehearsed, ...] = field(default_factory=tuple)

    @property
    def differences(self) -> list[Difference]:
        """Everything that any of its runs finds otherwise."""
        return [difference for run in self.runs for difference in run.differences]

    @property
    def needs(self) -> tuple[Needs, Needs]:
        """What its latest run asks for, before and after."""
        latest = self.runs[-1]
        return latest.needs_before, latest.needs_after

    @property
    def differs(self) -> bool:
        """Whether its applicant or its officers would notice anything."""
        before, after = self.needs
        return bool(self.differences) or before != after


def rehearse(kind: BusinessKind, kept: Assessment, known: PolicyValues, draft: PolicyValues) -> Rehearsed:
    """Run the very rule versions of a kept run again, on its own facts, under the values of a draft.

    `known` are the deployment's values of that day: they stand in for what the record lacks, since knobs that came
    later are not in it. What the draft doesn't name stays as it was.
    """
    before = {**known, **kept.facts.policy}
    after = {**before, **draft}
    again = reassess(kind, replace(kept, facts=replace(kept.facts, policy=after)))
    changed = tuple(Changed(key, before[key], after[key]) for key in sorted(before) if before[key] != after[key])
    read = {(rule.name, rule.version): frozenset(rule.policy_keys) for rule in kind.rules}
    differences = tuple(
        Difference(
            kept.occasion,
            one,
            other,
            tuple(knob.key for knob in changed if knob.key in read[one.rule, one.rule_version]),
        )
        for one, other in zip(kept.outcomes, again.outcomes, strict=True)
        if (one.result, one.code, one.remedy) != (other.result, other.code, other.remedy)
    )
    return Rehearsed(kept.occasion, changed, differences, Needs.of(kind, kept, before), Needs.of(kind, again, after))
