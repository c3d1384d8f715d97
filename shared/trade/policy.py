"""A province's policy: the knobs in force on a day, from county to nation, with their version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .divisions import ancestors, province_of
from .knobs import KNOBS, Value
from .policy_file import NATIONAL, PolicyFile, PolicyFileError, Rule, read_policy_file

__all__ = ["Policy", "PolicyDay", "PolicyFileError", "PolicyVersion"]

#: The division of what belongs to no province, as exam data writes it.
WHOLE_COUNTRY = "00"


@dataclass(frozen=True)
class PolicyVersion:
    """What a record was decided under: the files' numbers, and a digest of all that is in force that day.

    Two days with the same digest have the same policy, whatever the numbers; an application whose day of receipt has
    another digest than its day of submission is judged again (design §2).
    """

    number: str
    digest: str
    on: date


@dataclass(frozen=True)
class PolicyDay:
    """The policy of a deployment's provinces on one day."""

    on: date
    _rules: Mapping[str, Mapping[str, Value]]
    _numbers: Mapping[str, int]

    def get(self, key: str, division: str = "") -> Value:
        """The value of a knob for a division's code or path: county, then city, then province, then the nation.

        An unknown key is a fault of the program: `KeyError`. A province without a file follows the nation, and so does
        what concerns the whole country (`00`), such as a batch of exam results.
        """
        for level in [*(ancestors(division) if division not in ("", WHOLE_COUNTRY) else []), NATIONAL]:
            rules = self._rules.get(level, {})
            if key in rules:
                return rules[key]
        raise KeyError(key)

    def flag(self, key: str, division: str = "") -> bool:
        """A knob that is true or false."""
        value = self.get(key, division)
        if not isinstance(value, bool):
            raise TypeError(key)
        return value

    def whole(self, key: str, division: str = "") -> int:
        """A knob that is a whole number."""
        value = self.get(key, division)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(key)
        return value

    def text(self, key: str, division: str = "") -> str:
        """A knob that is a text."""
        value = self.get(key, division)
        if not isinstance(value, str):
            raise TypeError(key)
        return value

    def texts(self, key: str, division: str = "") -> list[str]:
        """A knob that is a list of texts."""
        value = self.get(key, division)
        if not isinstance(value, list):
            raise TypeError(key)
        return [str(item) for item in value]

    def values(self, division: str) -> dict[str, Value]:
        """Every knob as it holds in a division: a record keeps them, to be decided again years later."""
        return {key: self.get(key, division) for key in sorted(KNOBS)}

    def version(self, province: str) -> PolicyVersion:
        """The version that this day pins for a province."""
        province = province_of(province)
        numbers = [f"{name}-{self._numbers[name]}" for name in (province, NATIONAL) if name in self._numbers]
        in_force = {
            level: dict(rules)
            for level, rules in self._rules.items()
            if level == NATIONAL or province_of(level) == province
        }
        text = json.dumps(in_force, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return PolicyVersion("/".join(numbers), hashlib.sha256(text.encode()).hexdigest(), self.on)


class Policy:
    """The policy files of a deployment: `national.toml` and one a province (`43.toml`)."""

    def __init__(self, files: Iterable[PolicyFile]) -> None:
        self._files = {file.division: file for file in files}

    @classmethod
    def load(cls, directory: Path, provinces: Iterable[str]) -> Policy:
        """Read the national file and those of the provinces; raises `PolicyFileError` with every fault and its line.

        A province without a file follows the national defaults, so a new one can start before its first decision.
        """
        national = read_policy_file(directory / f"{NATIONAL}.toml")
        missing = sorted(set(KNOBS) - {rule.key for rule in national.rules if rule.is_default})
        if missing:
            raise PolicyFileError([f"{directory / 'national.toml'}: no default for {', '.join(missing)}"])
        paths = [directory / f"{province}.toml" for province in provinces]
        return cls([national, *(read_policy_file(path) for path in paths if path.exists())])

    def at(self, day: date) -> PolicyDay:
        """What is in force on a day (of Asia/Shanghai)."""
        rules: dict[str, dict[str, Value]] = {}
        for file in self._files.values():
            for rule in sorted(file.rules, key=_defaults_first):
                if rule.holds_on(day):
                    rules.setdefault(rule.division, {})[rule.key] = rule.value
        return PolicyDay(day, rules, {name: file.version for name, file in self._files.items()})


def _defaults_first(rule: Rule) -> bool:
    return not rule.is_default
