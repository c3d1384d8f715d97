"""Backs a running deployment up, restores it, and settles what a single restored database no longer knows."""

from __future__ import annotations

import getpass
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from commands.backups import comparing
from commands.backups.catching_up import catch_up
from commands.backups.places import database, keepers
from commands.backups.restoring import check_restore, restore_databases, restore_files
from commands.backups.writing import write_backup
from shared.platform import closures
from shared.platform.closures import Settlement
from shared.platform.errors import DomainError
from shared.platform.postgres_backup import BackupFailed

app = typer.Typer(add_completion=False, no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="the backup's folder")]
Owner = Annotated[str, typer.Argument(help="the service whose database was restored")]


@app.command()
def write(
    folder: Folder,
    for_group: Annotated[bool, typer.Option("--for-group", help="one's group may read and remove it too")] = False,
) -> None:
    """Write all databases, as of one moment, and the files to a new folder; the services go on. Keys are kept apart."""
    # A container that is stopped gets this signal; nothing unfinished is to stay behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with _refusals():
        manifest = write_backup(folder, for_group=for_group)
    rows = sum(table.rows for part in manifest.services.values() for table in part.tables.values())
    typer.echo(f"{len(manifest.services)} databases with {rows} rows, {manifest.files} files, as of "
               f"{manifest.taken_at:%Y-%m-%d %H:%M:%S}Z; KEYS_DIR is not in it")  # fmt: skip


@app.command()
def check(
    folder: Folder,
    service: Annotated[list[str] | None, typer.Option(help="only this service's database")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="the databases may hold something")] = False,
) -> None:
    """Whether `restore` would begin, but for services that run: the backup is whole, and there is room for it."""
    chosen = keepers(service)
    with _refusals():
        manifest = check_restore(folder, chosen, replace=replace)
    typer.echo(f"{', '.join(chosen)}: as of {manifest.taken_at:%Y-%m-%d %H:%M:%S}Z can be restored")


@app.command()
def restore(
    folder: Folder,
    service: Annotated[list[str] | None, typer.Option(help="only this service's database and files")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="give up what the databases hold now")] = False,
) -> None:
    """Restore into empty databases of stopped services, deliver what consumers lack, close what owners lost."""
    chosen = keepers(service)
    with _refusals():
        restore_databases(folder, chosen, replace=replace, tell=typer.echo)
        restore_files(folder, chosen if service else None, tell=typer.echo)
    for name in chosen:
        _compare(name, close=True)
    for name in chosen:
        _catch_up(name)


@app.command("catch-up")
def catch_up_(
    services: Annotated[list[str] | None, typer.Argument(help="consumers; all, if none is named")] = None,
) -> None:
    """Deliver to consumers what their cursors lack, from the owners' kept events; part of `restore`, repeatable."""
    for name in keepers(services):
        _catch_up(name)


@app.command()
def compare(
    service: Owner,
    close: Annotated[bool, typer.Option("--close", help="close them; the service has to be stopped")] = False,
) -> None:
    """List the records that consumers know further than their owner, and those that wait to be settled."""
    keepers([service])
    _compare(service, close=close)
    with database(service) as own, own.transaction(read_only=True) as session:
        waiting = closures.unsettled(session)
    for each in waiting:
        typer.echo(f"{each.aggregate}  closed since {each.closed_at:%Y-%m-%d %H:%M}Z  own #{each.own_sequence}  "
                   f"{each.known_to}")  # fmt: skip
    typer.echo(f"{len(waiting)} wait to be settled")


@app.command()
def settle(
    service: Owner,
    aggregate: Annotated[str, typer.Argument(help="the record, such as case:<uuid>")],
    settlement: Annotated[
        Settlement, typer.Option("--as", help="resumed: it goes on from its state; abandoned: closed for ever")
    ],
    reason: Annotated[str, typer.Option(help="why; kept with it")],
) -> None:
    """Settle one closed record, after looking into it; who and why is kept."""
    keepers([service])
    with _refusals():
        passed = comparing.settle(
            service, aggregate, settlement, operator=f"operator:{getpass.getuser()}", reason=reason
        )
    for name in passed:
        typer.echo(f"{name} goes on behind the lost events")
    typer.echo(f"{aggregate} {settlement.value}")


def _compare(service: str, *, close: bool) -> None:
    found = comparing.known_further(service)
    for item in found:
        known = ", ".join(f"{name} #{sequence}" for name, sequence in sorted(item.known.items()))
        typer.echo(f"{service}: {item.aggregate}  own #{item.own_sequence}  {known}")
    if close:
        comparing.close(service, found)
    typer.echo(f"{service}: {len(found)} records known further elsewhere" + (", closed" if found and close else ""))
    unread = comparing.unread(service)
    if unread is None:
        typer.echo(f"{service}: the broker does not answer; what waits there is not compared")
    for queue, count in (unread or {}).items():
        typer.echo(f"{service}: {count} messages wait in {queue}; compare again when they are read")


def _catch_up(consumer: str) -> None:
    for owner in catch_up(consumer):
        typer.echo(f"{consumer}: {owner.delivered} events of {owner.owner} delivered again")
        if owner.beyond:
            typer.echo(f"{consumer}: {len(owner.beyond)} records of {owner.owner} begin beyond what is kept: "
                       f"`outbox snapshot {owner.owner}`")  # fmt: skip


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal is one line and status 1."""
    try:
        yield
    except BackupFailed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(1) from failed
    except DomainError as refused:
        typer.echo(refused.code, err=True)
        raise typer.Exit(1) from refused
