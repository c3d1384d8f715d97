"""Visitors: their contexts, and the captchas that stand before what anybody may ask."""

from __future__ import annotations

from typing import Any

from shared.contracts import accounts as contracts
from shared.contracts import notices
from shared.platform.bus import rpc
from shared.platform.identity import Actor
from shared.platform.ids import new_id

from ..captcha_media import render
from ..domain.captchas import LIFE, comparable, new_answer
from .base import AccountsWork

_MINUTE, _HOUR = 60, 3_600


class Visitors(AccountsWork):
    """Contexts without a login, and captchas."""

    @rpc(contracts.VISITOR_CONTEXT, action="context.visitor")
    def visitor_context(self, command: dict[str, Any]) -> dict[str, Any]:
        """A context for a client that nobody is signed in at, known by the keyed hash of its address alone."""
        self.actor.require(None)
        return self._context(self._visitor(self._address_hash(command["address"])), self.clock.now())

    @rpc(contracts.NEW_CAPTCHA, action="captcha.new")
    def new_captcha(self, command: dict[str, Any]) -> dict[str, Any]:
        """A captcha of five minutes; in a trial deployment the local outbox page shows its answer as well.

        Limited by address; the spoken one, which takes far longer to make, more strictly.
        """
        knobs = self.knobs.at(self.clock.now(), self._province_of())
        if command["audio"]:
            self._count_for_address("spoken captcha", knobs.spoken_captchas_hour, _HOUR)
        self._count_for_address("captcha", knobs.captchas_minute, _MINUTE)
        answer = new_answer(audio=command["audio"])
        media_type, media = render(answer, audio=command["audio"])
        captcha_id, expires_at = new_id(), self.clock.now() + LIFE
        with self.unit_of_work() as uow:
            uow.one_time.add_captcha(captcha_id, comparable(answer), expires_at)
            uow.commit()
        if not self.settings.is_production:
            self.bus.call(notices.SHOW_CODE, captcha_id=captcha_id, answer=answer, as_service=True)
        return {"id": captcha_id, "media_type": media_type, "media": media, "expires_at": expires_at}

    @rpc(contracts.PASS_CAPTCHA, action="captcha.pass")
    def pass_captcha(self, command: dict[str, Any]) -> dict[str, Any]:
        """Exchange a right answer for a context that says so; whoever demands it lets each captcha serve once."""
        now = self.clock.now()
        with self.unit_of_work() as uow:
            self._use_captcha(uow, command, now)
            uow.commit()
        return self._context(self._visitor(self.actor.address, captcha=str(command["captcha_id"])), now)

    def _visitor(self, address: str, captcha: str | None = None) -> Actor:
        # The address, not chance, makes the id: a retry in a fresh context is the same visitor's (design D12).
        return Actor(
            kind="visitor",
            id=f"visitor:{address or 'unknown'}",
            role="visitor",
            captcha=captcha,
            address=address,
            province=self._province_of(),
        )
