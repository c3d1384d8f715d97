"""Shows and moves the clock of a trial deployment, so that deadlines can be seen to pass."""

from __future__ import annotations

import re
from datetime import timedelta

import typer

from shared.platform.clock import movable_clock, now

app = typer.Typer(add_completion=False, no_args_is_help=True)
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@app.callback()
def clock() -> None:
    """The deployment's clock; production runs on the real one."""


@app.command()
def show() -> None:
    """Tell the deployment's time."""
    typer.echo(now().isoformat(timespec="seconds"))


@app.command()
def advance(by: str = typer.Argument(help="how far: 3d, 12h, 30m or 10s")) -> None:
    """Move the clocks of all services forward together."""
    moved = movable_clock()
    offset = moved.advance(span(by))
    typer.echo(f"{moved.now().isoformat(timespec='seconds')} ({offset} ahead)")


def span(text: str) -> timedelta:
    """A length of time written as a number and its unit."""
    found = re.fullmatch(r"(\d{1,5})([dhms])", text)
    if found is None or int(found[1]) == 0:
        raise typer.BadParameter("write it as 3d, 12h, 30m or 10s")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
