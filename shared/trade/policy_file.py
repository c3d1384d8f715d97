"""Reading a policy file: every fault is told with its line, and a file with a fault is not used at all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .divisions import ancestors
from .knobs import KNOBS, NOT_YET, Value
from .provinces import MAINLAND

NATIONAL = "national"
_TOP_KEYS = {"division", "version", "defaults", "rule"}
_RULE_KEYS = {"key", "value", "division", "valid_from", "valid_to", "decision", "author"}


class PolicyFileError(Exception):
    """A policy file can't be used; `faults` are lines of the form `43.toml:12: what is wrong`."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Rule:
    """One value of one knob, where and while it holds; `valid_to` is its last day."""

    division: str
    key: str
    value: Value
    valid_from: date | None = None
    valid_to: date | None = None
    decision: str = ""
    author: str = ""

    @property
    def is_default(self) -> bool:
        """Whether it is a national default, which holds whenever nothing else does."""
        return self.valid_from is None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True)
class PolicyFile:
    """The checked content of one file."""

    division: str
    version: int
    rules: tuple[Rule, ...]


def read_policy_file(path: Path) -> PolicyFile:
    """Read and check one file, or raise `PolicyFileError` naming all its faults."""
    try:
        text = path.read_text("utf-8")
    except OSError as fault:
        raise PolicyFileError([f"{path.name}: {fault.strerror}"]) from fault
    return parse_policy(text, path.name, expected=path.stem)


def parse_policy(text: str, filename: str, expected: str) -> PolicyFile:
    """The content of a file whose name says that it speaks for `expected`: `national` or a province's two digits."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        line = re.search(r"line (\d+)", str(fault))
        raise PolicyFileError([f"{filename}:{line[1] if line else 1}: {fault}"]) from fault
    reading = _Reading(text, filename, expected)
    file = reading.read(content)
    if reading.faults:
        raise PolicyFileError(reading.faults)
    return file


class _Reading:
    def __init__(self, text: str, filename: str, expected: str) -> None:
        self.filename = filename
        self.expected = expected
        self.lines = text.splitlines()
        self.rule_lines = [number for number, line in enumerate(self.lines, 1) if line.strip() == "[[rule]]"]
        self.faults: list[str] = []

    def read(self, content: dict[str, Any]) -> PolicyFile:
        for key in sorted(set(content) - _TOP_KEYS):
            self._fault(self._line_of(key), f"unknown key {key!r}")
        division, version = content.get("division"), content.get("version")
        if division != self.expected or (division != NATIONAL and division not in MAINLAND):
            self._fault(self._line_of("division"), f'division must be "{self.expected}"')
        if type(version) is not int or version < 1:
            self._fault(self._line_of("version"), "version must be a whole number from 1")
        rules = [*self._defaults(content.get("defaults", {})), *self._rules(content.get("rule", []))]
        self._refuse_overlaps([rule for rule in rules if not rule[1].is_default])
        return PolicyFile(self.expected, version if type(version) is int else 0, tuple(rule for _, rule in rules))

    def _defaults(self, defaults: object) -> Iterator[tuple[int, Rule]]:
        if not isinstance(defaults, dict):
            self._fault(self._line_of("defaults"), "defaults must be a table")
            return
        if defaults and self.expected != NATIONAL:
            self._fault(self._line_of("defaults"), "only the national file has defaults; use [[rule]]")
        for key, value in defaults.items():
            line = self._line_of(f'"{key}"')
            if self._is_sound(line, key, value):
                yield line, Rule(NATIONAL, key, value)

    def _rules(self, rules: object) -> Iterator[tuple[int, Rule]]:
        if not isinstance(rules, list) or len(rules) != len(self.rule_lines):
            self._fault(self._line_of("rule"), "rules must each begin with a line [[rule]]")
            return
        for start, rule in zip(self.rule_lines, rules, strict=True):
            read = self._rule(start, rule)
            if read is not None:
                yield start, read

    def _rule(self, start: int, rule: dict[str, Any]) -> Rule | None:
        before = len(self.faults)
        for key in sorted(set(rule) - _RULE_KEYS):
            self._fault(self._line_of(key, start), f"unknown key {key!r}")
        division = rule.get("division", self.expected)
        if not isinstance(division, str) or not self._is_inside(division):
            self._fault(self._line_of("division", start), f"division must lie in {self.expected}")
        self._is_sound(self._line_of("value", start), rule.get("key"), rule.get("value"))
        first, last = rule.get("valid_from"), rule.get("valid_to")
        for name, day in (("valid_from", first), ("valid_to", last)):
            # A moment is a date too, and can't be compared with one.
            if (day is not None or name == "valid_from") and type(day) is not date:
                self._fault(self._line_of(name, start), f"{name} must be a date")
        if type(first) is date and type(last) is date and last < first:
            self._fault(self._line_of("valid_to", start), "valid_to lies before valid_from")
        decision, author = rule.get("decision", ""), rule.get("author", "")
        if not isinstance(decision, str) or not decision:
            self._fault(self._line_of("decision", start), "decision must say what the rule rests on")
        if len(self.faults) > before:
            return None
        return Rule(division, rule["key"], rule["value"], first, last, decision, str(author))

    def _is_inside(self, division: str) -> bool:
        if division == self.expected:
            return True
        if self.expected == NATIONAL or re.fullmatch(r"\d{4}|\d{6}", division) is None:
            return False
        return division[:2] == self.expected and ancestors(division)[0] == division

    def _is_sound(self, line: int, key: object, value: object) -> bool:
        knob = KNOBS.get(key) if isinstance(key, str) else None
        if isinstance(key, str) and key in NOT_YET:
            self._fault(line, f"{key} would change nothing: {NOT_YET[key]}; leave it out")
        elif knob is None:
            self._fault(line, f"unknown policy key {key!r}")
        elif self.expected != NATIONAL and not knob.provincial:
            self._fault(line, f"{key} is set nationally only")
        elif not knob.accepts(value):
            self._fault(line, f"{key} must be {knob.form}")
        else:
            return True
        return False

    def _refuse_overlaps(self, rules: list[tuple[int, Rule]]) -> None:
        """Two values of one knob for one division on one day would make the order of the file decide."""
        for position, (_, one) in enumerate(rules):
            for line, other in rules[position + 1 :]:
                if (one.division, one.key) == (other.division, other.key) and _overlap(one, other):
                    self._fault(line, f"{other.key} is already set for {other.division} in that time")

    def _line_of(self, word: str, start: int = 1) -> int:
        """The line of a key, from a rule's first line to before the next rule; else where the rule begins."""
        end = next((line for line in self.rule_lines if line > start), len(self.lines) + 1) if start > 1 else None
        for number in range(start, end or len(self.lines) + 1):
            if re.match(rf"\s*\[?{re.escape(word)}(?!\w)", self.lines[number - 1]):
                return number
        return start

    def _fault(self, line: int, text: str) -> None:
        self.faults.append(f"{self.filename}:{line}: {text}")


def _overlap(one: Rule, other: Rule) -> bool:
    return (one.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
        one.valid_to or date.max
    )
