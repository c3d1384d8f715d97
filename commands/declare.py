"""Declares exchanges and queues: the deploy step that comes before any producer starts."""

from __future__ import annotations

import typer

from commands.services import declare_topology
from shared.platform.config import SettingsError, load_deployment

app = typer.Typer(add_completion=False)


@app.command()
def declare() -> None:
    """Declare what all services need on the broker at AMQP_URI; repeating it does no harm."""
    deployment = load_deployment()
    if deployment.is_embedded:
        raise SettingsError("AMQP_URI", "names the in-process bus, which `serve all` declares by itself")
    for service, events in declare_topology(deployment).items():
        typer.echo(f"{service}: {len(events)} event types")
