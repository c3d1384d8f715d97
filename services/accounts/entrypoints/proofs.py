"""What every proof of a qualification goes through: limits per ID and address, one neutral refusal, an alert."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.contracts import sync
from shared.platform.rate_limits import Limit

from ..domain.account import Account, calls_for_alert, fail_proof
from ..domain.identity import Person
from ..domain.knobs import AccountKnobs
from ..domain.proofs import proof_not_found
from ..news import tell_proof_failed
from .base import AccountsWork

_HOUR, _DAY = 3_600, 86_400


@dataclass
class Attempt:
    """One proof under way."""

    succeeded: bool = False


class ProofWork(AccountsWork):
    """Shared by the self-service update, activation and the paper certificate."""

    @contextmanager
    def _counted_try(self, account: Account, knobs: AccountKnobs) -> Iterator[Attempt]:
        """Let a proof be tried within the limits of `activation.rate_limit`, and refuse it neutrally if it fails.

        A place is taken before the look-up, so that tries made at once are all counted, and given back when the proof
        holds or nobody could tell: only failures use the limits up.
        """
        limits = [Limit(knobs.proof_tries_hour, _HOUR), Limit(knobs.proof_tries_day, _DAY)]
        keys = [f"proof of {account.person_id}", f"proof from {self.actor.address}"]
        taken = self._take_places(keys, limits)
        attempt = Attempt()
        try:
            yield attempt
        except Exception:
            self.rate_limits.give_back(taken)
            raise
        if attempt.succeeded:
            self.rate_limits.give_back(taken)
            return
        self._note_failure(account.id, knobs)
        raise proof_not_found()

    def _note_failure(self, account_id: UUID, knobs: AccountKnobs) -> None:
        with self.unit_of_work() as uow:
            failed = fail_proof(uow.accounts.get(account_id, lock=True))
            failed = uow.accounts.save(failed, now=self.clock.now())
            if calls_for_alert(failed, knobs.alert_after):
                tell_proof_failed(uow, failed)
            uow.commit(refused=True)

    def _key(self, person: Person) -> dict[str, Any]:
        """Who is asked about: the ID is the key, and the name must agree (domain §6.3)."""
        return {"name": person.identity.name.value, "id_number": person.identity.number.value}

    def _qualifications(self, ids: Any) -> list[dict[str, Any]]:
        """The qualifications as their owner knows them now."""
        wanted = list(ids)
        if not wanted:
            return []
        found: list[dict[str, Any]] = self.bus.call(sync.QUALIFICATIONS, ids=wanted, as_service=True)["qualifications"]
        return found
