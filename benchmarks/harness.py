"""What every benchmark shares: rows with a floor, a target and a verdict, printed as a table and written as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measure. `ratio` is value to floor; `target` is text for people, `met` its verdict, None without a target."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


def against_floor(
    name: str, value: float, unit: str, floor: float, at_least: float | None = None, *, ratio: float | None = None
) -> Row:
    """A rate beside the floor's, with the least ratio that is wanted; `ratio` if it is not just one to the other."""
    if ratio is None:
        ratio = value / floor if floor else 0.0
    target = "" if at_least is None else f"≥ {at_least:.0%} of the floor"
    return Row(name, value, unit, floor, ratio, target, None if at_least is None else ratio >= at_least)


def ratio_by_round(values: Sequence[float], floors: Sequence[float]) -> float:
    """The median of the rounds' ratios: what else the machine does in one round slows both."""
    return middle([value / floor for value, floor in zip(values, floors, strict=True)])


def at_least(name: str, value: float, unit: str, least: float) -> Row:
    """A measure that must not be below a bound."""
    return Row(name, value, unit, target=f"≥ {least:g}", met=value >= least)


def at_most(name: str, value: float, unit: str, most: float) -> Row:
    """A measure that must not be above a bound."""
    return Row(name, value, unit, target=f"≤ {most:g}", met=value <= most)


def middle(values: Sequence[float]) -> float:
    """The median of the rounds."""
    return median(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def report(title: str, rows: Iterable[Row], json_file: Path | None = None) -> bool:
    """Print the table, write the JSON if asked, and tell whether every target was met."""
    rows = list(rows)
    table = Table(title=title)
    table.add_column("measure")
    for heading in ("value", "floor", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("target")
    table.add_column("met")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.value:,.1f} {row.unit}" if row.value < 100 else f"{row.value:,.0f} {row.unit}",
            "" if row.floor is None else f"{row.floor:,.0f}",
            "" if row.ratio is None else f"{row.ratio:.0%}",
            row.target,
            "" if row.met is None else ("yes" if row.met else "NO"),
        )
    console = Console(width=120)
    console.print(table)
    load, cores = os.getloadavg()[1], os.cpu_count() or 1
    if load > 2 * cores:
        console.print(f"The machine was busy with other work (load {load:.1f} on {cores} cores): measure again.")
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1), encoding="utf-8")
    return all(row.met is not False for row in rows)
