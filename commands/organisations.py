"""Loads authorities and institutions from CSV files, with a report line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.accounts_work import accounts_work, print_report
from services.accounts.loading.files import read_lines
from services.accounts.loading.organisations import OrganisationLoader
from services.accounts.loading.report import LoadReport
from services.accounts.schemas import AuthorityLine, InstitutionLine
from shared.platform.clock import now

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def organisations() -> None:
    """Authorities in their tree, and institutions with their licences."""


@app.command()
def load(
    authorities: Annotated[Path | None, typer.Option(help="CSV of authorities")] = None,
    institutions: Annotated[Path | None, typer.Option(help="CSV of institutions")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="show unchanged lines too")] = False,
) -> None:
    """Load the files; each line is a transaction of its own, and the same file again changes nothing.

    Ends with status 1 if a line was refused.
    """
    reports = load_organisations(authorities, institutions)
    for name, report in reports.items():
        print_report(name, report, verbose=verbose)
    if not all(report.is_clean for report in reports.values()):
        raise typer.Exit(1)


def load_organisations(authorities: Path | None, institutions: Path | None) -> dict[str, LoadReport]:
    """Load one or both files into the database of the settings; the report of each."""
    reports: dict[str, LoadReport] = {}
    with accounts_work() as work:
        loader = OrganisationLoader(work.unit_of_work, now(), work.actor, work.provinces)
        if authorities is not None:
            reports["authorities"] = loader.load_authorities(read_lines(authorities, AuthorityLine))
        if institutions is not None:
            reports["institutions"] = loader.load_institutions(read_lines(institutions, InstitutionLine))
    return reports
