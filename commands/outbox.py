"""Looks at what a service announced, and has it announced again: its kept events, or the state of its records."""

from __future__ import annotations

import getpass
import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from commands.redelivery import redeliver
from commands.services import chosen
from shared.platform import outbox
from shared.platform.config import database_url_of, load_settings
from shared.platform.engine import Database
from shared.platform.errors import DomainError
from shared.platform.snapshots import OpenUnit, SnapshotSource, announce_snapshot, announce_snapshots
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext

app = typer.Typer(add_completion=False, no_args_is_help=True)

Service = Annotated[str, typer.Argument(help="the service that announced")]
_TOLD_EVERY = 10_000


@app.command()
def count(service: Service) -> None:
    """How many rows wait for the broker, and how many are kept."""
    with _database(service) as database, database.transaction(read_only=True) as session:
        waiting, kept = outbox.waiting(session), outbox.kept(session)
    typer.echo(f"{waiting} waiting, {kept} published and kept")


@app.command("publish-again")
def publish_again(
    service: Service,
    type_name: Annotated[str | None, typer.Option("--type", help="only events of this type")] = None,
    aggregate: Annotated[str | None, typer.Option(help="only this record, such as case:<uuid>")] = None,
    since: Annotated[datetime | None, typer.Option(help="only what occurred from then on, in UTC")] = None,
    until: Annotated[datetime | None, typer.Option(help="only what occurred before, in UTC")] = None,
    consumer: Annotated[str | None, typer.Option(help="only for this service, straight into its queues")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="all that is kept")] = False,
) -> None:
    """Have kept events published once more, in their order; who has applied them already skips them."""
    if not everything and not any((type_name, aggregate, since, until)):
        raise typer.BadParameter("say which, or --everything")
    selection = outbox.Selection(type_name, aggregate, _utc(since), _utc(until))
    with _database(service) as database:
        if consumer is not None:
            typer.echo(f"{redeliver(database, chosen([consumer])[0], selection)} delivered again to {consumer}")
            return
        with database.transaction() as session:
            again = outbox.publish_again(session, selection)
            session.commit()
    typer.echo(f"{again} to be published again")


@app.command()
def snapshot(
    service: Service,
    aggregate: Annotated[str | None, typer.Option(help="only this kind of record, such as contact")] = None,
    record: Annotated[UUID | None, typer.Option("--id", help="only this record, of the kind named")] = None,
) -> None:
    """Announce the state of every record, where consumers start that came later than the kept events; repeatable."""
    sources, unit = _snapshots(chosen([service])[0])
    wanted = [source for source in sources if aggregate in (None, source.aggregate)]
    if not wanted:
        known = ", ".join(source.aggregate for source in sources) or "nothing"
        raise typer.BadParameter(f"{service} tells the state of {known}", param_hint="--aggregate")
    if record is not None and aggregate is None:
        raise typer.BadParameter("needs --aggregate", param_hint="--id")
    with _database(service) as database:
        for source in wanted:
            try:
                told = _tell(_units(database, unit), source, record)
            except DomainError as refusal:
                typer.echo(refusal.code, err=True)
                raise typer.Exit(1) from refusal
            typer.echo(f"{source.event_type.name}: {told} told")


def _tell(open_unit: OpenUnit, source: SnapshotSource, record: UUID | None) -> int:
    if record is not None:
        announce_snapshot(open_unit, source, record)
        return 1
    told = 0
    for _ in announce_snapshots(open_unit, source):
        told += 1
        if told % _TOLD_EVERY == 0:
            typer.echo(f"{source.event_type.name}: {told} so far")
    return told


def _snapshots(service: str) -> tuple[tuple[SnapshotSource, ...], type[UnitOfWork]]:
    """What a service tells the state of, and the unit of work that it is read with."""
    if importlib.util.find_spec(f"services.{service}.snapshots") is None:
        raise typer.BadParameter(f"{service} tells no snapshots: nobody keeps a copy of its records")
    module: Any = importlib.import_module(f"services.{service}.snapshots")
    return module.SNAPSHOTS, module.UNIT_OF_WORK


def _units(database: Database, unit: type[UnitOfWork]) -> OpenUnit:
    context = WorkContext(
        database.service, load_settings(database.service).origin, f"operator:{getpass.getuser()}", str(uuid4())
    )
    return lambda *, read_only: unit(database, context, read_only=read_only)


@contextmanager
def _database(service: str) -> Iterator[Database]:
    [owner] = chosen([service])
    database = Database(owner, database_url_of(owner), pool_size=1)
    try:
        yield database
    finally:
        database.close()


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
