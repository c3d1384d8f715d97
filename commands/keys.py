"""The keys of a deployment: transport, storage, index and identity."""

from __future__ import annotations

from pathlib import Path

import typer

from commands.services import SERVICES
from shared.platform.config import Deployment, SettingsError, load_deployment
from shared.platform.crypto import initialise_secrets
from shared.platform.identity import initialise_identity_keys

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Create keys; what exists is never touched."""


@app.command()
def init(folder: Path | None = typer.Option(None, envvar="KEYS_DIR", help="where the keys are kept")) -> None:
    """Create the keys that are missing, readable by their owner alone. Keep a copy: nothing opens without them."""
    target = folder or load_deployment().keys_dir
    written = [*initialise_secrets(target, SERVICES), *initialise_identity_keys(target, SERVICES)]
    for path in written:
        typer.echo(f"created {path}")
    if not written:
        typer.echo(f"{target}: nothing is missing")


def initialise_trial_keys(deployment: Deployment) -> None:
    """A trial deployment makes its keys at its first start; production has its own made and kept on purpose."""
    if deployment.is_production:
        raise SettingsError("KEYS_DIR", "production keys are created by `python -m commands keys init` alone")
    initialise_secrets(deployment.keys_dir, SERVICES)
    initialise_identity_keys(deployment.keys_dir, SERVICES)
