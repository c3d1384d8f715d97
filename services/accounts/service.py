"""The `accounts` service: who may act. Each family of entry points has its own module."""

from __future__ import annotations

from .entrypoints.activation import Activation
from .entrypoints.events import Events
from .entrypoints.licences import Licences
from .entrypoints.look_ups import LookUps
from .entrypoints.own_account import OwnAccount
from .entrypoints.sessions import SessionEntrypoints
from .entrypoints.sign_up import SignUp
from .entrypoints.visitors import Visitors
from .unit_of_work import SERVICE


class AccountsService(Visitors, SignUp, SessionEntrypoints, OwnAccount, Activation, LookUps, Events, Licences):
    """Sign-up, login, contexts, recognition, activation, organisations and staff."""

    name = SERVICE
