"""Looks at what could not be applied, and brings it back in order: the dead letters of a service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

import orjson
import typer
from sqlalchemy.orm import Session

from commands.services import chosen
from shared.platform import dead_letters
from shared.platform.config import load_settings
from shared.platform.engine import Database
from shared.platform.errors import DomainError

app = typer.Typer(add_completion=False, no_args_is_help=True)

Service = Annotated[str, typer.Argument(help="the service whose inbox it is")]


@app.command("list")
def list_(
    service: Service,
    limit: Annotated[int, typer.Option(help="at most so many of each kind")] = 100,
    parked: Annotated[bool, typer.Option("--parked", help="also events that are still being retried")] = False,
) -> None:
    """List dead events, dead timed items, and aggregates that wait for an event that never came; the oldest first."""
    with _session(service, read_only=True) as session:
        events = dead_letters.dead_events(session, limit, parked_too=parked)
        items = dead_letters.dead_items(session, limit)
        gaps = dead_letters.gaps(session, limit=limit)
    for event in events:
        typer.echo(
            f"{event.id}  {event.status}  {event.type}  {event.stream} #{event.sequence}  {event.attempts} attempts  "
            f"{event.held_up} held up  since {event.received_at:%Y-%m-%d %H:%M}Z  {event.error}"
        )
    for item in items:
        typer.echo(
            f"{item.task} {item.item}  {item.attempts} attempts  "
            f"since {item.first_failed_at:%Y-%m-%d %H:%M}Z  {item.error}"
        )
    for gap in gaps:
        typer.echo(
            f"{gap.stream} #{gap.missing} never came  {gap.held_up} held up  since {gap.since:%Y-%m-%d %H:%M}Z  "
            "(outbox publish-again at its owner)"
        )
    typer.echo(f"{len(events)} events, {len(items)} items, {len(gaps)} gaps")


@app.command()
def show(service: Service, event_id: UUID) -> None:
    """Show an event as it came; personal data in it is sealed."""
    with _session(service, read_only=True) as session:
        content = dead_letters.content_of(session, event_id)
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())


@app.command()
def replay(
    service: Service,
    event_id: Annotated[UUID | None, typer.Argument(help="one event")] = None,
    every: Annotated[bool, typer.Option("--all", help="every dead event")] = False,
) -> None:
    """Let dead events be tried again; the running service takes them up, and those behind them, in order."""
    if (event_id is None) is not every:
        raise typer.BadParameter("name one event, or --all")
    with _session(service) as session:
        if event_id is not None:
            dead_letters.replay(session, event_id)
            count = 1
        else:
            count = dead_letters.replay_all(session)
        session.commit()
    typer.echo(f"{count} to be tried again")


@app.command("replay-item")
def replay_item(service: Service, task: str, item: str) -> None:
    """Let a dead item of timed work be tried anew at the next run of its timer."""
    with _session(service) as session:
        dead_letters.replay_item(session, task, item)
        session.commit()
    typer.echo("1 to be tried again")


@app.command()
def discard(
    service: Service, event_id: UUID, reason: Annotated[str, typer.Option(help="why it is given up; kept with it")]
) -> None:
    """Give a dead event up for good, so that those behind it go on."""
    with _session(service) as session:
        dead_letters.discard(session, event_id, reason)
        session.commit()
    typer.echo("given up")


@contextmanager
def _session(service: str, *, read_only: bool = False) -> Iterator[Session]:
    settings = load_settings(chosen([service])[0])
    database = Database(settings.service, settings.database_url, pool_size=1)
    try:
        with database.transaction(read_only=read_only) as session:
            yield session
    except DomainError as refused:
        typer.echo(refused.code, err=True)
        raise typer.Exit(1) from refused
    finally:
        database.close()
