"""Disabling a person's account: an operator's act, told to all who keep something of it."""

from __future__ import annotations

from datetime import datetime

from shared.platform.errors import NotFound

from .domain.account import Account, disable
from .news import tell_disabled
from .unit_of_work import AccountsUnitOfWork


def disable_account(uow: AccountsUnitOfWork, login_name: str, *, reason: str, now: datetime) -> Account:
    """Disable the account of a login name and end its sessions; the caller commits. `NotFound("account_unknown")`."""
    credentials = uow.credentials.find(login_name)
    if credentials is None or credentials.kind != "person":
        raise NotFound("account_unknown")
    account = uow.accounts.get(credentials.account_id, lock=True)
    disabled = uow.accounts.save(disable(account, reason=reason, now=now), now=now)
    uow.sessions.end_all(disabled.id, now)
    tell_disabled(uow, disabled)
    return disabled
