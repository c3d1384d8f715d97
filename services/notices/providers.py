"""How a text message leaves the system: the provider's interface and its implementations."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from shared.platform.config import SettingsError
from shared.platform.crypto import KeyRing
from shared.platform.engine import Database
from shared.platform.tallies import TALLIES

from .repository.local_outbox import LocalOutbox

OUTBOX = "outbox:"
TIMEOUT = 8.0


class SmsFailed(Exception):
    """The provider did not take the message this time; `reason` is a plain word for the work list."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class SmsProvider(Protocol):
    """Takes text messages."""

    def send(self, message_id: UUID, phone: str, text: str) -> None:
        """Send one; `message_id` lets the provider see that it has it already. Raises `SmsFailed`."""


SENDINGS = TALLIES.counts(
    "yizhu_sms",
    "Text messages handed to the provider: taken, refused for good, or failed this time",
    ("service", "outcome"),
)


class CountedSms:
    """A provider whose answers are counted."""

    def __init__(self, provider: SmsProvider) -> None:
        self._provider = provider

    def send(self, message_id: UUID, phone: str, text: str) -> None:
        """Send one, and count how it went."""
        outcome = "failed"
        try:
            self._provider.send(message_id, phone, text)
            outcome = "taken"
        except SmsFailed as failure:
            outcome = "refused" if failure.is_final else "failed"
            raise
        finally:
            SENDINGS.of("notices", outcome).add()


class OutboxSms:
    """Shows messages on the local outbox page instead of sending them; refused in production."""

    def __init__(self, database: Callable[[], Database], ring: KeyRing, now: Callable[[], datetime]) -> None:
        self._database = database
        self._ring = ring
        self._now = now

    def send(self, message_id: UUID, phone: str, text: str) -> None:
        """Write the message into the local outbox."""
        with self._database().transaction() as session:
            LocalOutbox(session, self._ring).add(
                channel="sms", to=phone, text=text, now=self._now(), entry_id=message_id
            )
            session.commit()


class HttpsSms:
    """Posts messages to the deployment's SMS gateway: JSON with `id`, `to` and `text`, a bearer token in the header.

    The gateway treats an `id` that it has seen as sent. 2xx is taken; 400, 404, 409, 413 and 422 are refused for good;
    everything else, and no answer within eight seconds, is tried again.
    """

    REFUSED = frozenset({400, 404, 409, 413, 422})

    def __init__(self, address: str, token: str, *, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname:
            raise SettingsError("SMS_PROVIDER", "is neither outbox: nor https://HOST/PATH of an SMS gateway")
        if not token:
            raise SettingsError("SMS_TOKEN", "is missing; the SMS gateway wants it")
        self._host, self._port = parts.hostname, parts.port or 443
        self._path = parts.path or "/"
        self._token = token
        self._context = context or ssl.create_default_context()

    def send(self, message_id: UUID, phone: str, text: str) -> None:
        """Hand one message over."""
        body = json.dumps({"id": str(message_id), "to": phone, "text": text}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=self._context)
        try:
            connection.request("POST", self._path, body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise SmsFailed("provider_unreachable") from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise SmsFailed(f"provider_answered_{status}", is_final=status in self.REFUSED)
