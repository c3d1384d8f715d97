"""Reading a policy file: every fault is told with its line, and a file with a fault is not used at all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from .divisions import ancestors
from .knobs import KNOBS, NOT_YET, Value
from .provinces import MAINLAND
from .toml_lines import Section, count_lines, sections

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
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    """Where it stands in its file: the line of each of its keys, and under "" its first."""

    @property
    def is_default(self) -> bool:
        """Whether it is a national default, which holds whenever nothing else does."""
        return self.valid_from is None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def line_of(self, key: str) -> int:
        """The line of one of its keys, else its first."""
        return self.lines.get(key, self.lines.get("", 1))


@dataclass(frozen=True)
class PolicyFile:
    """The checked content of one file; `lines` says where what stands above its rules is to be found."""

    division: str
    version: int
    rules: tuple[Rule, ...]
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)


def read_policy_file(path: Path) -> PolicyFile:
    """Read and check one file by its name, `43.toml`, or raise `PolicyFileError` naming all its faults."""
    return parse_policy(read_text(path, path.name), path.name, expected=path.stem)


def read_text(path: Path, name: str) -> str:
    """The text of a file, or `PolicyFileError` under that name."""
    try:
        return path.read_text("utf-8")
    except OSError as fault:
        raise PolicyFileError([f"{name}: {fault.strerror}"]) from fault
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise PolicyFileError([f"{name}:{line}: not a text in UTF-8"]) from fault


def parse_policy(text: str, filename: str, expected: str | None = None) -> PolicyFile:
    """The content of a file that speaks for `expected`: `national` or a province's two digits.

    A draft may have any name; without `expected` it speaks for whom it says.
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as fault:  # tomllib lets a number of too many digits through as a bare one
        raise PolicyFileError([f"{filename}:{_line_of(fault, text)}: {fault}"]) from fault
    reading = _Reading(text, filename, expected or _own_division(content))
    file = reading.read(content)
    if reading.faults:
        raise PolicyFileError(reading.faults)
    return file


class _Reading:
    def __init__(self, text: str, filename: str, expected: str) -> None:
        self.filename = filename
        self.expected = expected
        self.sections = sections(text)
        self.rule_sections = [section for section in self.sections if section.is_array and section.name == "rule"]
        self.faults: list[str] = []

    def read(self, content: dict[str, Any]) -> PolicyFile:
        for key in sorted(set(content) - _TOP_KEYS):
            self._fault(self._top(key), f"unknown key {key!r}")
        division, version = content.get("division"), content.get("version")
        if division != self.expected or (division != NATIONAL and division not in MAINLAND):
            self._fault(self._top("division"), f"division must be {_named(self.expected)}")
        if type(version) is not int or version < 1:
            self._fault(self._top("version"), "version must be a whole number from 1")
        rules = [*self._defaults(content.get("defaults", {})), *self._rules(content.get("rule", []))]
        self._refuse_overlaps([rule for rule in rules if not rule.is_default])
        lines = {key: self._top(key) for key in _TOP_KEYS}
        return PolicyFile(self.expected, version if type(version) is int else 0, tuple(rules), lines)

    def _defaults(self, defaults: object) -> Iterator[Rule]:
        if not isinstance(defaults, dict):
            self._fault(self._top("defaults"), "defaults must be a table")
            return
        if defaults and self.expected != NATIONAL:
            self._fault(self._top("defaults"), "only the national file has defaults; use [[rule]]")
        table = next((section for section in self.sections if section.name == "defaults"), self.sections[0])
        for key, value in defaults.items():
            line = table.keys.get(key, self._top("defaults"))
            if self._is_sound(line, line, key, value):
                yield Rule(NATIONAL, key, value, lines={"": line})

    def _rules(self, rules: object) -> Iterator[Rule]:
        if not isinstance(rules, list) or len(rules) != len(self.rule_sections):
            self._fault(self._top("rule"), "rules must each begin with a line [[rule]]")
            return
        for section, rule in zip(self.rule_sections, rules, strict=True):
            read = self._rule(section, rule)
            if read is not None:
                yield read

    def _rule(self, section: Section, rule: dict[str, Any]) -> Rule | None:
        before = len(self.faults)
        for key in sorted(set(rule) - _RULE_KEYS):
            self._fault(section.line_of(key), f"unknown key {key!r}")
        division = rule.get("division", self.expected)
        if not isinstance(division, str) or not self._is_inside(division):
            self._fault(section.line_of("division"), f"division must lie in {self.expected}")
        elif division != self.expected and (knob := KNOBS.get(str(rule.get("key")))) and not knob.local:
            self._fault(section.line_of("division"), f"{knob.key} is set for a whole province only")
        self._is_sound(section.line_of("key"), section.line_of("value"), rule.get("key"), rule.get("value"))
        first, last = rule.get("valid_from"), rule.get("valid_to")
        for name, day in (("valid_from", first), ("valid_to", last)):
            # A moment is a date too, and can't be compared with one.
            if (day is not None or name == "valid_from") and type(day) is not date:
                self._fault(section.line_of(name), f"{name} must be a date")
        if type(first) is date and type(last) is date and last < first:
            self._fault(section.line_of("valid_to"), "valid_to lies before valid_from")
        decision, author = rule.get("decision", ""), rule.get("author", "")
        if not isinstance(decision, str) or not decision.strip():
            self._fault(section.line_of("decision"), "decision must say what the rule rests on")
        if not isinstance(author, str):
            self._fault(section.line_of("author"), "author must be a text")
        if len(self.faults) > before:
            return None
        lines = {"": section.line, **section.keys}
        return Rule(division, rule["key"], rule["value"], first, last, decision, author, lines)

    def _is_inside(self, division: str) -> bool:
        if division == self.expected:
            return True
        if self.expected == NATIONAL or re.fullmatch(r"\d{4}|\d{6}", division, re.ASCII) is None:
            return False
        return division[:2] == self.expected in MAINLAND and ancestors(division)[0] == division

    def _is_sound(self, key_line: int, value_line: int, key: object, value: object) -> bool:
        knob = KNOBS.get(key) if isinstance(key, str) else None
        if isinstance(key, str) and key in NOT_YET:
            self._fault(key_line, f"{key} would change nothing: {NOT_YET[key]}; leave it out")
        elif knob is None:
            self._fault(key_line, "key is missing" if key is None else f"unknown policy key {key!r}")
        elif self.expected != NATIONAL and not knob.provincial:
            self._fault(key_line, f"{key} is set nationally only")
        elif not knob.accepts(value):
            self._fault(value_line, f"{key} must be {knob.form}")
        else:
            return True
        return False

    def _refuse_overlaps(self, rules: list[Rule]) -> None:
        """Two values of one knob for one division on one day would make the order of the file decide."""
        for position, one in enumerate(rules):
            for other in rules[position + 1 :]:
                if (one.division, one.key) == (other.division, other.key) and _overlap(one, other):
                    self._fault(other.line_of(""), f"{other.key} is already set for {other.division} in that time")

    def _top(self, key: str) -> int:
        """The line of a key above all rules, else of the first header of that name, else the first line."""
        if key in self.sections[0].keys:
            return self.sections[0].keys[key]
        headers = (section for section in self.sections[1:] if section.name.split(".")[0].strip(" \"'") == key)
        return next((section.line for section in headers), 1)

    def _fault(self, line: int, text: str) -> None:
        self.faults.append(f"{self.filename}:{line}: {text}")


def _own_division(content: Mapping[str, Any]) -> str:
    """The division that a draft names; "" where it names none that there is."""
    division = content.get("division")
    return division if isinstance(division, str) and (division == NATIONAL or division in MAINLAND) else ""


def _named(expected: str) -> str:
    return f'"{expected}"' if expected else f'"{NATIONAL}" or the two digits of a province'


def _line_of(fault: Exception, text: str) -> int:
    """The line that `tomllib` names in its own words."""
    if "(at end of document)" in str(fault):
        return count_lines(text)
    named = re.search(r"\(at line (\d+), column \d+\)$", str(fault))
    return min(int(named[1]), count_lines(text)) if named else _first_line_that_breaks(text)


def _first_line_that_breaks(text: str) -> int:
    """The line at which `tomllib` gives up without naming one: too many digits, too many brackets."""
    lines = text.split("\n")
    for number in range(1, len(lines)):
        try:
            tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue  # an end in the middle of something
        except (ValueError, RecursionError):
            return number
    return count_lines(text)


def _overlap(one: Rule, other: Rule) -> bool:
    return (one.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
        one.valid_to or date.max
    )
