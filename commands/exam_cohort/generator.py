"""Puts a cohort together: as many rows as asked for, with a known number of faults in places that the seed chooses."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from services.sync.domain.result_file import COLUMNS

from .defects import KINDS, PAIRED, SINGLE
from .rows import Results, Row

SMALLEST_WITH_FAULTS = 5 * KINDS
"""Below this a cohort is all right: a fault of each kind would be a fifth of it."""
ROWS_A_FAULT = 1000
"""One row in a thousand has each kind of fault, and at least one row of the cohort."""


@dataclass(frozen=True)
class Cohort:
    """The rows of one file, in its order, with what the file was made from."""

    year: int
    round: int
    seed: int
    rows: list[Row]

    def write(self, path: Path) -> None:
        """Write the result file."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(row.values for row in self.rows)

    def numbered(self) -> Iterator[tuple[int, Row]]:
        """Each row with its line in the file; the header is line 1."""
        return enumerate(self.rows, start=2)


def generate(n: int, *, seed: int, year: int, round_: int = 1) -> Cohort:
    """A cohort of exactly `n` rows for round 1; for round 2 those who failed that cohort's round 1 and sit again.

    The same arguments give the same file, byte by byte. Round 2 has no faults and as many rows as there were failures
    without fault, `n` at most.
    """
    # The seed makes the file; nothing here guards a secret.
    random = Random(f"{seed}/{year}/{n}")  # noqa: S311
    results = Results(random, year, 1)
    rows: list[Row] = []
    while len(rows) < n:
        rows += results.next()[: n - len(rows)]
    _damage(rows, random)
    if round_ == 1:
        return Cohort(year, 1, seed, rows)
    again = Results(Random(f"{seed}/{year}/{n}/{round_}"), year, round_)  # noqa: S311
    failed = [row for row in rows if not row.reasons and not row.passed]
    return Cohort(year, round_, seed, [again.sit_again(row) for row in failed])


def _damage(rows: list[Row], random: Random) -> None:
    if len(rows) < SMALLEST_WITH_FAULTS:
        return
    times = max(1, len(rows) // ROWS_A_FAULT)
    # Who sat twice keeps both rows right: a fault in one would be a conflict in the other.
    times_seen = Counter(row.person.resident_id for row in rows)
    free = [position for position, row in enumerate(rows) if times_seen[row.person.resident_id] == 1]
    random.shuffle(free)
    for damage in SINGLE:
        for _ in range(times):
            position = free.pop()
            rows[position] = damage(rows[position], random)
    for pair in PAIRED:
        for _ in range(times):
            first, second = free.pop(), free.pop()
            rows[first], rows[second] = pair(rows[first], rows[second])
