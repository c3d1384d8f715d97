"""What the commands on organisations and staff share: units of work of `accounts` by an operator, and the report."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from services.accounts.loading.report import LoadReport, Outcome
from services.accounts.unit_of_work import SERVICE, AccountsUnitOfWork
from shared.platform.config import load_settings
from shared.platform.database import Database, WorkContext
from shared.platform.errors import DomainError

_COLOURS = {Outcome.CREATED: "green", Outcome.CHANGED: "yellow", Outcome.UNCHANGED: "dim", Outcome.REFUSED: "red"}


@dataclass(frozen=True)
class AccountsWork:
    """Units of work in the name of whoever runs the command."""

    unit_of_work: Callable[[], AccountsUnitOfWork]
    actor: str
    provinces: tuple[str, ...]


@contextmanager
def accounts_work() -> Iterator[AccountsWork]:
    """Open the database of `accounts`; a refusal of the whole command is one line and status 1."""
    settings = load_settings(SERVICE)
    actor = f"operator:{getpass.getuser()}"
    database = Database(SERVICE, settings.database_url, pool_size=1)
    context = WorkContext(SERVICE, settings.origin, actor, str(uuid4()))
    try:
        yield AccountsWork(lambda: AccountsUnitOfWork(database, context), actor, settings.provinces)
    except DomainError as refusal:
        facts = ", ".join(f"{name}: {value}" for name, value in refusal.facts.items() if value)
        typer.echo(f"{refusal.code}{f' ({facts})' if facts else ''}", err=True)
        raise typer.Exit(1) from refusal
    finally:
        database.close()


def print_report(name: str, report: LoadReport, *, verbose: bool) -> None:
    """The lines that did something, and the sums."""
    shown = [line for line in report.lines if verbose or line.outcome is not Outcome.UNCHANGED]
    console = Console()
    if shown:
        table = Table("line", "key", "outcome", "details", title=name, title_justify="left")
        for line in shown:
            details = ", ".join([*line.details, *(f"warning: {warning}" for warning in line.warnings)])
            table.add_row(str(line.line), line.key, f"[{_COLOURS[line.outcome]}]{line.outcome}[/]", details)
        console.print(table)
    typer.echo(f"{name}: " + ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items()))
