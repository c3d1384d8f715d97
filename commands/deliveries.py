"""The work list of messages that could not be delivered, and another try for them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from services.notices.repository.deliveries import Deliveries
from shared.platform.clock import now
from shared.platform.config import load_settings
from shared.platform.crypto import storage_ring
from shared.platform.engine import Database
from shared.platform.errors import NotFound

app = typer.Typer(add_completion=False, no_args_is_help=True)
SERVICE = "notices"


@app.callback()
def deliveries() -> None:
    """Messages that the provider didn't take after the last attempt."""


@app.command("list")
def list_failed(limit: Annotated[int, typer.Option(min=1, help="at most so many")] = 100) -> None:
    """Show what was given up, oldest first: id, channel, for whom, attempts, reason."""
    database = _database()
    with database.transaction(read_only=True) as session:
        failed = Deliveries(session, storage_ring(SERVICE)).failed(limit)
    database.close()
    for delivery_id, channel, subject, attempts, reason, finished_at in failed:
        moment = "" if finished_at is None else finished_at.isoformat(timespec="seconds")
        typer.echo(f"{delivery_id}  {channel}  {subject}  {attempts} attempts  {reason}  {moment}")
    typer.echo(f"{len(failed)} given up")


@app.command()
def retry(delivery_id: Annotated[UUID, typer.Argument(help="as `list` shows it")]) -> None:
    """Try one again, from the first attempt on."""
    database = _database()
    try:
        with database.transaction() as session:
            Deliveries(session, storage_ring(SERVICE)).retry(delivery_id, now())
            session.commit()
    except NotFound as unknown:
        typer.echo(f"{delivery_id} is not among those given up", err=True)
        raise typer.Exit(1) from unknown
    finally:
        database.close()
    typer.echo(f"{delivery_id} is tried again")


def _database() -> Database:
    return Database(SERVICE, load_settings(SERVICE).database_url, pool_size=1)
