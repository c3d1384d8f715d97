"""What a client does while a part of the system is away: the same request with the same key, until it is done."""

from __future__ import annotations

import secrets
import time
from typing import Any

import requests

from commands.journey.api import Api, ApiProblem

#: No caller waits longer than this for one answer, in seconds: the deadline of a call, and the way through the gateway.
DEADLINE = 12.0
PATIENCE = 90.0
AWAY = (requests.ConnectionError, requests.Timeout)


class PatientApi(Api):
    """Repeats what could not be answered; notes how long each single answer took."""

    longest = 0.0

    def request(self, method: str, path: str, *, key: str | None = None, **options: Any) -> Any:
        """The answer, once there is one; the last refusal or error when patience ends."""
        key = key or secrets.token_urlsafe(16)
        end = time.monotonic() + PATIENCE
        while True:
            began = time.monotonic()
            try:
                return super().request(method, path, key=key, **options)
            except ApiProblem as problem:
                if problem.status != requests.codes.unavailable or time.monotonic() > end:
                    raise
            except AWAY:
                if time.monotonic() > end:
                    raise
            finally:
                PatientApi.longest = max(PatientApi.longest, time.monotonic() - began)
            time.sleep(0.2)
