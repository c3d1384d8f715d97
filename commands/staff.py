"""Loads staff with their roles and first passwords from a CSV file, with a report line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.accounts_work import accounts_work, print_report
from services.accounts.domain.knobs import AccountKnobs
from services.accounts.loading.files import read_lines
from services.accounts.loading.report import LoadReport
from services.accounts.loading.staff import StaffLoader
from services.accounts.schemas import StaffLine
from shared.platform.clock import now
from shared.platform.config import load_deployment
from shared.platform.working_days import local_date
from shared.trade.policy import Policy

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def staff() -> None:
    """Who acts for an organisation, in which role."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV of staff")],
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="show unchanged lines too")] = False,
) -> None:
    """Load the file; each line is a transaction of its own, and the same file again changes nothing.

    Ends with status 1 if a line was refused.
    """
    report = load_staff(file)
    print_report("staff", report, verbose=verbose)
    if not report.is_clean:
        raise typer.Exit(1)


def load_staff(file: Path) -> LoadReport:
    """Load a file into the database of the settings; the report."""
    deployment, moment = load_deployment(), now()
    policy = Policy.load(deployment.provinces_dir, deployment.provinces).at(local_date(moment))
    knobs = AccountKnobs.of(policy, deployment.provinces[0])
    with accounts_work() as work:
        return StaffLoader(work.unit_of_work, moment, knobs).load(read_lines(file, StaffLine))
