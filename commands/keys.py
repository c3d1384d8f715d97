"""The keys of a deployment: transport, storage, index and identity; made, added and put to use."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from commands.services import SERVICES, chosen
from services.applications.signer_file import SIGNER
from shared.platform.config import Deployment, SettingsError, load_deployment
from shared.platform.crypto import activate_secret, add_secret, initialise_secrets
from shared.platform.identity import (
    activate_identity_key,
    add_identity_key,
    initialise_identity_keys,
    retire_identity_keys,
)

app = typer.Typer(add_completion=False, no_args_is_help=True)


Told = TypeVar("Told", str, int)


class Kind(Enum):
    """Which keys are meant."""

    TRANSPORT = "transport"
    STORAGE = "storage"
    INDEX = "index"
    IDENTITY = "identity"


KindArgument = Annotated[Kind, typer.Argument(help="which keys")]
Services = Annotated[list[str] | None, typer.Argument(help="services, or all; the transport key is everybody's")]
Folder = Annotated[Path | None, typer.Option(envvar="KEYS_DIR", help="where the keys are kept")]


@app.callback()
def keys() -> None:
    """Create and rotate keys; no key that something may be sealed with is ever taken away."""


@app.command()
def init(folder: Folder = None) -> None:
    """Create the keys that are missing, readable by their owner alone. Keep a copy: nothing opens without them."""
    target = _target(folder)
    written = [*initialise_secrets(target, SERVICES), *initialise_identity_keys(target, SERVICES)]
    written += _document_signer(target)
    for path in written:
        typer.echo(f"created {path}")
    if not written:
        typer.echo(f"{target}: nothing is missing")


@app.command()
def add(kind: KindArgument, services: Services = None, folder: Folder = None) -> None:
    """First step of a rotation: a new key that everybody can read with, and nobody writes with yet."""
    target = _target(folder)
    for name in _owners(kind, services):
        if kind is Kind.IDENTITY:
            key_id = _missing_is_told(target, partial(add_identity_key, target, name))
        else:
            key_id = add_secret(_file(target, kind, name))
        typer.echo(f"{kind.value} {name}: {key_id} added")


@app.command()
def activate(kind: KindArgument, services: Services = None, folder: Folder = None) -> None:
    """Second step: the newest key becomes the writing one, once KEYS_DIR is the same everywhere; restart to use it."""
    target = _target(folder)
    for name in _owners(kind, services):
        if kind is Kind.IDENTITY:
            key_id = _missing_is_told(target, partial(activate_identity_key, target, name))
        else:
            key_id = activate_secret(_file(target, kind, name))
        typer.echo(f"{kind.value} {name}: {key_id} is the writing key after a restart")


@app.command()
def rotate(kind: KindArgument, services: Services = None, folder: Folder = None) -> None:
    """Both steps at once, where all processes see this very KEYS_DIR; old keys stay readable."""
    add(kind, services, folder)
    activate(kind, services, folder)


@app.command()
def retire(services: Services = None, folder: Folder = None) -> None:
    """Refuse tokens of identity keys that are no longer used, five minutes after the restart at the earliest."""
    target = _target(folder)
    for name in _owners(Kind.IDENTITY, services):
        gone = _missing_is_told(target, partial(retire_identity_keys, target, name))
        typer.echo(f"identity {name}: {gone} retired")


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


def _document_signer(target: Path) -> list[Path]:
    """A trial gets a test chain to sign its documents with; production is given one by a licensed authority."""
    path = target / SIGNER
    if os.environ.get("ENVIRONMENT", "") != "production":
        # Its library takes a second to load, which `serve` should not wait for.
        from services.applications.signing import create_trial_chain

        return [path] if create_trial_chain(target) else []
    if not path.is_file():
        typer.echo(f"{path} is missing: put key and chain that sign documents there", err=True)
    return []


def _target(folder: Path | None) -> Path:
    return folder or load_deployment().keys_dir


def _owners(kind: Kind, services: list[str] | None) -> tuple[str, ...]:
    """Whose keys are meant; a blind index can't change its key, since every row would have to be computed anew."""
    if kind is Kind.INDEX:
        raise typer.BadParameter(
            "index keys are not rotated: rows are found by them alone, and under a new key none would be found "
            "(docs/operations.md)"
        )
    if kind is Kind.TRANSPORT:
        if services:
            raise typer.BadParameter("the transport key is the deployment's: name no service")
        return ("deployment",)
    if not services:
        raise typer.BadParameter("say whose: services, or all")
    return chosen(services)


def _file(target: Path, kind: Kind, service: str) -> Path:
    return target / "transport.json" if kind is Kind.TRANSPORT else target / kind.value / f"{service}.json"


def _missing_is_told(target: Path, act: Callable[[], Told]) -> Told:
    try:
        return act()
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        raise SettingsError("KEYS_DIR", f"{target} has no {missing}; `keys init` or `keys add` comes first") from error
