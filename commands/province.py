"""Writes and checks the folder from which docker-compose runs a province: settings, secrets, policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.deploying import rolling
from commands.deploying.folder import GATEWAYS, ROOT, SERVERS, DeploymentFolder, Plan
from shared.platform.config import ENVIRONMENTS

app = typer.Typer(add_completion=False, no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="two-digit code of the province, such as 43")]
Into = Annotated[Path | None, typer.Option("--into", help="another folder than deploy/CODE")]


@app.callback()
def province() -> None:
    """A province as a set of containers."""


@app.command()
def write(
    context: typer.Context,
    code: Code,
    into: Into = None,
    environment: Annotated[str, typer.Option(help="production, demo or test")] = "production",
    port: Annotated[str, typer.Option(help="where the gateway is published: a port, or a range")] = "",
    public_url: Annotated[str, typer.Option(help="where people reach the gateway")] = "",
    sms_provider: Annotated[str, typer.Option(help="the deployment's SMS gateway")] = "",
    servers: Annotated[str, typer.Option(help="one database server for all services, or one for each")] = "one",
    gateways: Annotated[str, typer.Option(help="published themselves, or proxied: several behind one port")] = GATEWAYS[
        0
    ],
) -> None:
    """Write the folder of a province; what exists of its settings, secrets and policy is never touched.

    Run it again after an upgrade, and after a password, key or token in the folder was changed: what the containers are
    shown is made anew. The options count for a new folder only; what the folder says otherwise is refused.
    """
    _require(len(code) == 2 and code.isdecimal(), "the province's code has two digits")
    policy = ROOT / "provinces" / f"{code}.toml"
    _require(policy.is_file(), f"the province's policy is missing: {policy}")
    _require(environment in ENVIRONMENTS, f"--environment is one of {', '.join(ENVIRONMENTS)}")
    _require(servers in SERVERS, f"--servers is one of {', '.join(SERVERS)}")
    _require(gateways in GATEWAYS, f"--gateways is one of {', '.join(GATEWAYS)}")
    folder = _folder(code, into)
    plan = Plan(code, environment, port, public_url, sms_provider, servers, gateways)
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    otherwise = folder.kept_otherwise(plan, given)
    _require(not otherwise, "\n".join(otherwise))
    for path in folder.write(plan):
        typer.echo(f"created {path}")
    if folder.policy_differs(code):
        typer.echo(f"{folder.path / 'provinces' / code}.toml is kept; the release's provinces/{code}.toml differs")
    for problem in folder.shortcomings():
        typer.echo(f"to do: {problem}")


@app.command()
def check(code: Code, into: Into = None) -> None:
    """Tell what has to be filled in before the province can start; status 1 if there is anything."""
    folder = _folder(code, into)
    _require((folder.path / "compose.env").is_file(), f"{folder.path} is missing; run `make province P={code}` first")
    problems = folder.shortcomings()
    for problem in problems:
        typer.echo(f"to do: {problem}", err=True)
    if problems:
        raise typer.Exit(1)


@app.command()
def upgrade(
    code: Code,
    image: Annotated[str, typer.Option(help="the services' image that shall run")],
    into: Into = None,
) -> None:
    """Replace a running province's containers one after another by those of another image, while people work.

    The image of the release before brings them back in the same way; the schema stays, and suits both.
    """
    folder = _folder(code, into)
    _require((folder.path / "compose.env").is_file(), f"{folder.path} is missing; run `make province P={code}` first")
    try:
        rolling.upgrade(folder.path, image, tell=typer.echo)
    except rolling.UpgradeFailed as failed:
        typer.echo(str(failed), err=True)
        raise typer.Exit(1) from failed


def _folder(code: str, into: Path | None) -> DeploymentFolder:
    return DeploymentFolder((into or ROOT / "deploy" / code).resolve())


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        typer.echo(complaint, err=True)
        raise typer.Exit(2)
