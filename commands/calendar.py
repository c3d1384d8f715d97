"""Loads the State Council's yearly calendar into a running deployment, and shows which years are known."""

from __future__ import annotations

from pathlib import Path

import typer

from shared.platform.config import SettingsError, load_deployment
from shared.platform.working_days import load_year, working_days

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def calendar() -> None:
    """Statutory working days; beyond the last known year every deadline is provisional."""


@app.command()
def show() -> None:
    """Tell which years are known."""
    known = working_days()
    typer.echo(f"published: {min(known.years)} to {known.published_through}; later deadlines are provisional")


@app.command()
def load(table: Path = typer.Argument(help="TOML with year, holidays and workdays")) -> None:
    """Check a year's table and put it where all services read it; none of them has to be started anew."""
    folder = load_deployment().calendar_dir
    if folder is None:
        raise SettingsError("CALENDAR_DIR", "names the folder that tables are loaded into; it is not set")
    year, content = load_year(table)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{year}.toml.new"
    draft.write_bytes(table.read_bytes())
    draft.replace(folder / f"{year}.toml")
    typer.echo(f"{year}: {len(content.holidays)} days off, {len(content.workdays)} days of weekends worked")
    typer.echo("deadlines that were provisional are counted again by the services within seconds")
