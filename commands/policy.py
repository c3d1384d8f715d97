"""Checks policy files, tells what is in force, and rehearses a draft on past cases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from shared.platform.errors import DomainError, InvalidInput
from shared.platform.working_days import local_date
from shared.trade.divisions import ancestors
from shared.trade.policy import Policy, PolicyDay
from shared.trade.policy_check import Check, check_file, in_force
from shared.trade.policy_file import NATIONAL, PolicyFile, PolicyFileError, Rule

app = typer.Typer(add_completion=False, no_args_is_help=True)

DAY = "%Y-%m-%d"


@app.callback()
def policy() -> None:
    """What a province does otherwise than the nation, and what that would have changed."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="policy files: national.toml, 43.toml, a draft of any name")],
    against: Annotated[Path | None, typer.Option(help="the file before: other rules need a larger version")] = None,
    show: Annotated[bool, typer.Option("--show", help="also what is in force")] = False,
    on: Annotated[datetime | None, typer.Option(formats=[DAY], help="with --show: that day, not today")] = None,
    division: Annotated[str, typer.Option(help="with --show: only what holds there, such as 4301 or 430102")] = "",
) -> None:
    """Check policy files: every fault is one line, FILE:LINE: what is wrong; status 1 if there is any.

    Needs no settings and no database. A warning alone is no fault.
    """
    if against is not None and len(files) != 1:
        raise typer.BadParameter("compares one file", param_hint="--against")
    day = local_date(datetime.now(UTC)) if on is None else on.date()
    checks = [check_file(path, against) for path in files]
    for path, found in zip(files, checks, strict=True):
        _tell(path, found)
        if show and found.file is not None:
            _show(path, found.file, day, division)
    if any(found.faults for found in checks):
        raise typer.Exit(1)


@app.command()
def rehearse(
    draft: Annotated[Path, typer.Argument(help="the draft of a province's file or of the national one, of any name")],
    since: Annotated[datetime | None, typer.Option(formats=[DAY], help="only runs of that day and later")] = None,
    until: Annotated[datetime | None, typer.Option(formats=[DAY], help="only runs of that day and earlier")] = None,
    province: Annotated[str, typer.Option(help="only applications of this province")] = "",
    as_of: Annotated[
        datetime | None, typer.Option(formats=[DAY], help="judge all by that day of the draft, not by their own")
    ] = None,
    report: Annotated[Path | None, typer.Option("--json", help="also write everything there")] = None,
) -> None:
    """Judge past cases again under a draft: every outcome that would differ, with the knob that makes it so.

    Runs beside `applications` on its database and changes nothing: kept facts and kept versions of the rules, and the
    draft in place of the file in force. A run is judged by the day of its own policy; what begins later needs --as-of.
    """
    found = check_file(draft)
    if found.file is None or found.faults:
        _tell(draft, found)
        raise typer.Exit(1)
    # Services are imported by who needs their database: a check stays a matter of files.
    from commands import rehearsal

    try:
        rehearsal.run(found.file, draft, province, _day(since), _day(until), _day(as_of), report)
    except (PolicyFileError, DomainError) as refused:
        typer.echo(str(refused) if isinstance(refused, PolicyFileError) else refused.code, err=True)
        raise typer.Exit(1) from refused


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _tell(path: Path, found: Check) -> None:
    for line in sorted([*found.faults, *found.warnings], key=lambda fault: _line_of(fault, path)):
        typer.echo(line, err=True)
    if found.file is not None and not found.faults:
        typer.echo(f"{path}: version {found.file.version}, {len(found.file.rules)} rules, no fault")


def _line_of(fault: str, path: Path) -> int:
    line, _, _ = fault.removeprefix(f"{path}:").partition(":")
    return int(line) if line.isdecimal() else 0


def _show(path: Path, file: PolicyFile, day: date, division: str) -> None:
    rules = in_force(file, day, _inside(file, division))
    where = f" in {division}" if division else ""
    typer.echo(f"{path}: in force on {day}{where}" + ("" if rules else ": nothing; the national defaults hold"))
    nation = None if file.division == NATIONAL else _nation(path, day)
    rows = [_row(rule, nation) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(f"  {'  '.join(cells)}".rstrip())


def _row(rule: Rule, nation: PolicyDay | None) -> tuple[str, ...]:
    """Place, knob, time, value, and what the nation says instead."""
    since = "default" if rule.valid_from is None else f"since {rule.valid_from}"
    until = "" if rule.valid_to is None else f"until {rule.valid_to}"
    instead = "" if nation is None else f"instead of {_text(nation.get(rule.key))}"
    return rule.division, rule.key, since, until, _text(rule.value), instead


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _nation(path: Path, day: date) -> PolicyDay | None:
    """What the national file beside a province's says, where there is a sound one."""
    beside = path.with_name(f"{NATIONAL}.toml")
    if not beside.is_file():
        return None
    found = check_file(beside)
    return None if found.file is None or found.faults else Policy([found.file]).at(day)


def _inside(file: PolicyFile, division: str) -> str:
    """The division, if the file says anything of it: what the nation says holds everywhere, and for no place alone."""
    if not division:
        return ""
    try:
        province = ancestors(division)[-1]
    except InvalidInput as unknown:
        raise typer.BadParameter(f"{division} is no division", param_hint="--division") from unknown
    if file.division == NATIONAL:
        return ""
    if province != file.division:
        raise typer.BadParameter(f"{division} does not lie in {file.division}", param_hint="--division")
    return division
