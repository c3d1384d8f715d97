"""What every family of entry points works with, and the few steps they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from shared.platform.authorisation import ActorProvider
from shared.platform.bus import BusClient
from shared.platform.clock import ClockProvider
from shared.platform.crypto import storage_ring
from shared.platform.database import UnitOfWorkProvider
from shared.platform.errors import TooManyAttempts
from shared.platform.identity import LIFETIME, Actor, signer
from shared.platform.rate_limits import Limit, RateLimiterProvider
from shared.platform.settings_provider import SettingsProvider
from shared.trade.provinces import ALL

from ..authority import AUTHORITY
from ..dependencies import KnobsProvider
from ..domain.account import Account
from ..domain.captchas import captcha_failed, comparable
from ..domain.identity import Person
from ..unit_of_work import SERVICE, AccountsUnitOfWork


class AccountsWork:
    """The dependencies of the service, and what its families have in common."""

    actor = ActorProvider(AUTHORITY)
    clock = ClockProvider()
    settings = SettingsProvider()
    bus = BusClient()
    unit_of_work = UnitOfWorkProvider(AccountsUnitOfWork)
    knobs = KnobsProvider()
    rate_limits = RateLimiterProvider()

    def _use_captcha(self, uow: AccountsUnitOfWork, command: dict[str, Any], now: datetime) -> None:
        """Use the captcha of a command up; the refusal of a wrong one keeps that it was used (E03, E07)."""
        answer = comparable(command["captcha_answer"])
        if not uow.one_time.use_captcha(command["captcha_id"], answer, now):
            uow.commit(refused=True)
            raise captcha_failed()

    def _take_places(self, keys: list[str], limits: list[Limit]) -> list[int]:
        """Count one attempt under each key, or none where one of them is at its limit (`TooManyAttempts`)."""
        taken: list[int] = []
        try:
            for key in keys:
                taken.append(self.rate_limits.hit(key, limits))
        except TooManyAttempts:
            self.rate_limits.give_back(taken)
            raise
        return taken

    def _count_for_address(self, what: str, count: int, seconds: int) -> None:
        """Count one attempt for the caller's network address, or refuse it: `count` of its kind in `seconds`.

        Everybody behind one address shares the limit, so the policy sets it for a large hospital. Nothing is counted
        where one machine plays everybody (ADDRESS_LIMITS, never in production).
        """
        if self.settings.limits_addresses:
            with _told_of_the_address():
                self.rate_limits.hit(self._key_of_address(what), [Limit(count, seconds)])

    def _refuse_spent_address(self, what: str, count: int, seconds: int) -> None:
        """Refuse as `_count_for_address` would, and count nothing."""
        if self.settings.limits_addresses:
            with _told_of_the_address():
                self.rate_limits.check(self._key_of_address(what), [Limit(count, seconds)])

    def _key_of_address(self, what: str) -> str:
        # The signed context tells the address, never the payload.
        return f"{what} from {self.actor.address or 'unknown'}"

    def _province_of(self, id_number: str = "") -> str:
        """The province of a new record: that of the ID if this deployment serves it, else the deployment's first."""
        provinces: tuple[str, ...] = self.settings.provinces
        own = id_number[:2]
        return own if own in ALL and own in provinces else provinces[0]

    def _address_hash(self, address: str) -> str:
        """The keyed hash that stands for a client's network address everywhere (design D11)."""
        return storage_ring(SERVICE).index(address.strip(), purpose="address")[:32]

    def _context(self, actor: Actor, now: datetime) -> dict[str, Any]:
        """A signed caller context and when it ends."""
        return {"token": signer(SERVICE).sign(actor, at=now), "expires_at": now + LIFETIME}

    def _own(self, uow: AccountsUnitOfWork, *, lock: bool = False) -> tuple[Account, Person]:
        """The caller's own account and person."""
        account_id: UUID = self.actor.account_id
        account = uow.accounts.get(account_id, lock=lock)
        self.actor.require(account)
        return account, uow.persons.get(account.person_id)


@contextmanager
def _told_of_the_address() -> Iterator[None]:
    """Say that it is the address, which others may share, that has tried too often, and for how many minutes."""
    try:
        yield
    except TooManyAttempts as spent:
        wait = int(spent.facts["retry_after"])
        raise TooManyAttempts("too_many_from_address", retry_after=wait, minutes=ceil(wait / 60)) from None
