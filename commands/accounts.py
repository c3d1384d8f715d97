"""Acts of an operator on people's accounts: disabling one after an appeal, a death or a merge."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.accounts_work import accounts_work
from services.accounts.disabling import disable_account
from shared.platform.clock import now

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def accounts() -> None:
    """People's accounts."""


@app.command()
def disable(
    login_name: Annotated[str, typer.Argument(help="login name of the account")],
    reason: Annotated[str, typer.Option(help="why; kept with the account")],
) -> None:
    """Disable an account for good: its sessions end, its phone is free, nothing can be filed with it."""
    with accounts_work() as work, work.unit_of_work() as uow:
        account = disable_account(uow, login_name, reason=reason, now=now())
        uow.commit()
    typer.echo(f"disabled: {account.id}")
