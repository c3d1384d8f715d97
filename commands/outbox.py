"""Looks at what a service announced, and has it published again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from commands.services import chosen
from shared.platform import outbox
from shared.platform.config import load_settings
from shared.platform.engine import Database

app = typer.Typer(add_completion=False, no_args_is_help=True)

Service = Annotated[str, typer.Argument(help="the service that announced")]


@app.command()
def count(service: Service) -> None:
    """How many rows wait for the broker, and how many are kept."""
    database = _database(service)
    with database.transaction(read_only=True) as session:
        waiting, kept = outbox.waiting(session), outbox.kept(session)
    database.close()
    typer.echo(f"{waiting} waiting, {kept} published and kept")


@app.command("publish-again")
def publish_again(
    service: Service,
    type_name: Annotated[str | None, typer.Option("--type", help="only events of this type")] = None,
    aggregate: Annotated[str | None, typer.Option(help="only this record, such as case:<uuid>")] = None,
    since: Annotated[datetime | None, typer.Option(help="only what occurred from then on, in UTC")] = None,
    until: Annotated[datetime | None, typer.Option(help="only what occurred before, in UTC")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="all that is kept")] = False,
) -> None:
    """Have kept events published once more, in their order; who has applied them already skips them."""
    if not everything and not any((type_name, aggregate, since, until)):
        raise typer.BadParameter("say which, or --everything")
    database = _database(service)
    with database.transaction() as session:
        again = outbox.publish_again(
            session, type_name=type_name, aggregate=aggregate, since=_utc(since), until=_utc(until)
        )
        session.commit()
    database.close()
    typer.echo(f"{again} to be published again")


def _database(service: str) -> Database:
    settings = load_settings(chosen([service])[0])
    return Database(settings.service, settings.database_url, pool_size=1)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
