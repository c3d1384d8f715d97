"""What became of each line of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared.platform.errors import DomainError, Unavailable


class Outcome(StrEnum):
    """What a line did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class LineReport:
    """One line: what it names, what it did, and why it was refused or what it changed."""

    line: int
    key: str
    outcome: Outcome
    details: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass
class LoadReport:
    """All lines of one file."""

    lines: list[LineReport] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many lines had each outcome."""
        counted = Counter(line.outcome for line in self.lines)
        return {outcome.value: counted[outcome] for outcome in Outcome}

    @property
    def is_clean(self) -> bool:
        """Whether no line was refused."""
        return all(line.outcome is not Outcome.REFUSED for line in self.lines)

    def sort(self) -> None:
        """Put the lines into the order of the file."""
        self.lines.sort(key=lambda line: line.line)


@dataclass(frozen=True)
class Done:
    """What applying one line came to."""

    outcome: Outcome
    details: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def report_line(line: int, key: str, apply: Callable[[], Done]) -> LineReport:
    """Apply one line; its refusal is told and the others go on. A database that is away ends the load."""
    try:
        done = apply()
    except Unavailable:
        raise
    except DomainError as refusal:
        return LineReport(line, key, Outcome.REFUSED, reasons_of(refusal))
    return LineReport(line, key, done.outcome, done.details, done.warnings)


def reasons_of(refusal: DomainError) -> tuple[str, ...]:
    """A refusal as `field: code`, or its code alone."""
    faults: dict[str, Any] = refusal.facts.get("fields") or {}
    return tuple(f"{name}: {code}" for name, codes in faults.items() for code in codes) or (refusal.code,)
