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


def initialise_trial_keys(deployment: Deployment, services: tuple[str, ...] = SERVICES) -> None:
    """A trial deployment makes its keys at its first start; production has its own made and kept on purpose.

    Nothing is written where what these services need is there: in a container they see no others, and can't write.
    """
    if deployment.is_production:
        raise SettingsError("KEYS_DIR", "production keys are created by `python -m commands keys init` alone")
    if all((deployment.keys_dir / name).is_file() for service in services for name in key_files(service)):
        return
    initialise_secrets(deployment.keys_dir, SERVICES)
    initialise_identity_keys(deployment.keys_dir, SERVICES)


def key_files(service: str) -> tuple[str, ...]:
    """What a service needs of `KEYS_DIR`: the transport key, its own, and everybody's public ones."""
    return (
        "transport.json",
        f"storage/{service}.json",
        f"index/{service}.json",
        f"identity/{service}.pem",
        "identity/public.json",
    )
