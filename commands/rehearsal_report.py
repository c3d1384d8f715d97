"""What a rehearsal found: a line for each outcome that differs as it comes, sums at the end, all of it as JSON.

Applications are named by their numbers alone. What a rule finds about health, punishments or capacity is for the
applicant and the authority: of such a rule only that it differs is said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from services.applications.domain.rehearsal import Difference, Needs, RehearsedCase
from services.applications.domain.rules import RuleOutcome

NOT_SAID = "(sensitive: only the authority may see what)"
NO_KNOB = "(no knob of the draft: the rule itself changed)"


@dataclass
class Tally:
    """The sums; as large as the law has rules and the draft has knobs, however many cases there are."""

    cases: int = 0
    runs: int = 0
    differing: int = 0
    rules: Counter[tuple[str, ...]] = field(default_factory=Counter)
    rule_cases: Counter[tuple[str, ...]] = field(default_factory=Counter)
    knobs: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    decisive: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    materials: Counter[str] = field(default_factory=Counter)
    promises: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, case: RehearsedCase) -> None:
        """Count one application with its runs."""
        self.cases += 1
        self.runs += len(case.runs)
        self.differing += case.differs
        self.rule_cases.update({_sort_of(difference) for difference in case.differences})
        for run in case.runs:
            self.rules.update(_sort_of(difference) for difference in run.differences)
            made_it = {knob for difference in run.differences for knob in difference.knobs}
            for knob in run.changed:
                values = (knob.key, _json(knob.before), _json(knob.after))
                self.knobs[values] += 1
                self.decisive[values] += knob.key in made_it
        before, after = case.needs
        if changes := material_changes(before, after):
            self.materials[", ".join(changes)] += 1
        if before.decision_days != after.decision_days:
            self.promises[before.decision_days, after.decision_days] += 1

    def lines(self) -> Iterator[str]:
        """The sums as text."""
        yield f"{self.cases} applications, {self.runs} runs of the rules; {self.differing} applications differ"
        yield from _table(
            "outcomes that differ: runs, applications",
            [(*sort, runs, self.rule_cases[sort]) for sort, runs in self.rules.most_common()],
        )
        yield from _table(
            "knobs: runs with another outcome, of runs under another value",
            [
                (key, f"{old} → {new}", self.decisive[key, old, new], runs)
                for (key, old, new), runs in _sorted(self.knobs)
            ],
        )
        yield from _table("needed materials: applications", list(self.materials.most_common()))
        yield from _table(
            "promised working days: applications",
            [(f"{old} → {new}", cases) for (old, new), cases in _sorted(self.promises)],
        )

    def plain(self) -> dict[str, Any]:
        """The sums as JSON."""
        return {
            "applications": self.cases,
            "runs": self.runs,
            "differing": self.differing,
            "rules": [
                {
                    "rule": sort[0],
                    "change": sort[1],
                    "knobs": sort[2],
                    "runs": runs,
                    "applications": self.rule_cases[sort],
                }
                for sort, runs in self.rules.most_common()
            ],
            "knobs": [
                {
                    "key": values[0],
                    "before": json.loads(values[1]),
                    "after": json.loads(values[2]),
                    "runs": runs,
                    "decisive": self.decisive[values],
                }
                for values, runs in _sorted(self.knobs)
            ],
            "materials": [{"change": change, "applications": n} for change, n in self.materials.most_common()],
            "decision_days": [
                {"before": old, "after": new, "applications": n} for (old, new), n in _sorted(self.promises)
            ],
        }


class JsonReport:
    """A file of JSON that is written case by case, and is there whole or not at all."""

    def __init__(self, file: TextIO, head: dict[str, Any]) -> None:
        self._file = file
        self._separator = "\n"
        file.write(f'{_json(head)[:-1]}, "cases": [')

    def add(self, case: RehearsedCase) -> None:
        """One application that differs."""
        self._file.write(self._separator + _json(plain_case(case)))
        self._separator = ",\n"

    def finish(self, tally: Tally) -> None:
        """The sums, at the end."""
        self._file.write(f'\n], "summary": {_json(tally.plain())}}}\n')


@contextmanager
def json_report(path: Path, head: dict[str, Any]) -> Iterator[JsonReport]:
    """Write beside `path`, and put it there when all went well."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            yield JsonReport(file, head)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def difference_lines(case: RehearsedCase) -> Iterator[str]:
    """A line for each outcome of an application that differs."""
    for difference in case.differences:
        yield "  ".join((case.number, difference.occasion.value, *_sort_of(difference)))


def plain_case(case: RehearsedCase) -> dict[str, Any]:
    """An application as JSON."""
    before, after = case.needs
    return {
        "number": case.number,
        "type": case.type,
        "differences": [_plain_difference(difference) for difference in case.differences],
        "materials": material_changes(before, after),
        "decision_days": [before.decision_days, after.decision_days],
    }


def material_changes(before: Needs, after: Needs) -> list[str]:
    """What is asked for besides, and what no longer: `+upload licence_copy`, `-paper health_check`."""
    return [
        f"{sign}{what} {kind}"
        for what, old, new in (("upload", before.uploads, after.uploads), ("paper", before.papers, after.papers))
        for sign, kinds in (("+", new - old), ("-", old - new))
        for kind in sorted(kinds)
    ]


def _sort_of(difference: Difference) -> tuple[str, ...]:
    """Rule, change and knobs: what is counted together."""
    change = f"{_outcome(difference.before)} → {_outcome(difference.after)}"
    if _outcome(difference.before) == _outcome(difference.after):
        change = f"{_outcome(difference.before)}, with another remedy"
    return (
        difference.rule,
        NOT_SAID if difference.is_sensitive else change,
        ", ".join(difference.knobs) or NO_KNOB,
    )


def _outcome(outcome: RuleOutcome) -> str:
    return f"{outcome.result.value} {outcome.code}"


def _plain_difference(difference: Difference) -> dict[str, Any]:
    said: dict[str, Any] = {"sensitive": True}
    if not difference.is_sensitive:
        sides = (("before", difference.before), ("after", difference.after))
        said = {
            name: {"result": outcome.result.value, "code": outcome.code, "remedy": outcome.remedy}
            for name, outcome in sides
        }
    return {
        "occasion": difference.occasion.value,
        "rule": difference.rule,
        "rule_version": difference.before.rule_version,
        **said,
        "knobs": difference.knobs,
    }


def _table(title: str, rows: list[tuple[Any, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield f"{title}:"
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _sorted(counter: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counter.items())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
