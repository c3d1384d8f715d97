"""Brings the services' databases to the newest schema; a deploy step, and safe to repeat."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from commands.services import SERVICES, chosen
from shared.platform.config import database_url_of
from shared.platform.migrations import create_database_if_missing, current, upgrade

app = typer.Typer(add_completion=False)


def migrations_folder(service: str) -> Path | None:
    """Where a service keeps its versions; None for one without a database."""
    spec = importlib.util.find_spec(f"services.{service}")
    if spec is None or spec.submodule_search_locations is None:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "migrations"
    return folder if (folder / "env.py").is_file() else None


def migrate_service(service: str) -> str | None:
    """Create the service's database if it is missing and bring it to the newest version, which is returned."""
    folder = migrations_folder(service)
    if folder is None:
        return None
    url = database_url_of(service)
    create_database_if_missing(url)
    upgrade(folder, url)
    return current(url)


@app.command()
def migrate(services: Annotated[list[str] | None, typer.Argument(help="services, or all")] = None) -> None:
    """Upgrade the named services' databases, all by default."""
    for service in chosen(services or SERVICES):
        version = migrate_service(service)
        if version is not None:
            typer.echo(f"{service}: {version}")
