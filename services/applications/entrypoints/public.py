"""What everybody may ask: is this person a registered doctor, is this certificate good (医师法 art.21; E70)."""

from __future__ import annotations

from typing import Any

from shared.contracts import applications as contracts
from shared.platform.bus import rpc
from shared.platform.errors import InvalidInput, PermissionDenied
from shared.platform.rate_limits import Limit
from shared.trade.names import PersonName

from .. import views
from ..domain.certificate import Verdict, read_check_code, verdict
from .base import ApplicationsWork

MOST_FOUND = 50
SEARCHES = (Limit(10, 60), Limit(60, 3600), Limit(200, 86_400))
CHECKS = (Limit(30, 60), Limit(300, 3600))


class PublicWork(ApplicationsWork):
    """Look-ups without a login."""

    @rpc(contracts.SEARCH_PHYSICIANS, action="public.search")
    def search_physicians(self, command: dict[str, Any]) -> dict[str, Any]:
        """Everybody of exactly this name in a province (E01), after a captcha that serves once and within limits."""
        now, today = self._now()
        name = _name(command["name"])
        if not self.actor.captcha:
            raise PermissionDenied("captcha_required")
        self.limits.hit(f"search:{self._client()}", SEARCHES)
        with self.unit_of_work() as uow:
            uow.captchas.use(self.actor.captcha, now)
            uow.commit()
        wanted = command["institution"].strip()
        with self.unit_of_work(read_only=True) as uow:
            found = uow.register.named(command["province"], name, institution=wanted, limit=MOST_FOUND + 1)
        shown = self.policy.on(today).texts("public_lookup.fields", command["province"])
        items = [views.public_physician(registration, holder, shown) for registration, holder in found[:MOST_FOUND]]
        return {"items": items, "more": len(found) > MOST_FOUND, "checked_at": now}

    @rpc(contracts.CHECK_CERTIFICATE, action="public.check")
    def check_certificate(self, command: dict[str, Any]) -> dict[str, Any]:
        """Whether the certificate with this check code is good today; a code that isn't one is as unknown as any."""
        now, today = self._now()
        self.limits.hit(f"check:{self._client()}", CHECKS)
        unknown = {"verdict": Verdict.UNKNOWN.value, "physician": None, "issued_on": None, "checked_at": now}
        try:
            check_code = read_check_code(command["check_code"])
        except InvalidInput:
            return unknown
        with self.unit_of_work(read_only=True) as uow:
            certificate = uow.certificates.by_check_code(check_code)
            if certificate is None:
                return unknown
            registration = uow.register.get(certificate.registration_id)
            holder = uow.register.holder(registration.id)
        shown = self.policy.on(today).texts("public_lookup.fields", registration.province)
        return {
            "verdict": verdict(certificate, registration).value,
            "physician": views.public_physician(registration, holder, shown),
            "issued_on": certificate.issued_on,
            "checked_at": now,
        }

    def _client(self) -> str:
        """Who is counted: the keyed hash of the client's address, else the caller."""
        client: str = self.actor.address or self.actor.id
        return client


def _name(text: str) -> str:
    """The exact full name, without wildcards; a text that can't be a name is a wrong field."""
    try:
        return PersonName.parse(text).value
    except InvalidInput as wrong:
        raise InvalidInput("invalid_input", fields={"name": [wrong.code]}) from wrong
