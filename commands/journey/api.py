"""A small client of the HTTP API: bearer token, idempotency keys, entity tags, problem details as exceptions."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import requests

from shared.platform.working_days import local_date

T = TypeVar("T")


class ApiProblem(Exception):
    """The API refused; `code` is stable, `detail` the sentence for people."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", ""))
        self.detail = str(body.get("detail", ""))
        self.body = body
        super().__init__(f"{status} {self.code}: {self.detail}")


class Api:
    """One caller of the API. A visitor until `token` is set."""

    def __init__(self, base_url: str, *, timeout: float = 15.0) -> None:
        self.base_url = base_url.rstrip("/")
        self.token: str | None = None
        self.timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path: str, **query: Any) -> Any:
        """Read a resource; arguments without a value are left out."""
        return self.request("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """A changing request with a JSON body."""
        return self.request("POST", path, json=body or {}, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        version: int | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Any:
        """Send a request below `/api/v1`; the JSON answer, bytes where it is none, None where it is empty.

        `key` is the idempotency key (made up for every change), `version` goes into `If-Match`. `ApiProblem` when the
        API refuses, `requests` exceptions when it can't be reached.
        """
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            sent["Idempotency-Key"] = key or secrets.token_urlsafe(16)
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        response = self._session.request(
            method, f"{self.base_url}/api/v1{path}", headers=sent, timeout=self.timeout, **options
        )
        if response.status_code >= requests.codes.bad_request:
            raise ApiProblem(response.status_code, _json(response))
        if not response.content:
            return None
        return response.json() if "json" in response.headers.get("Content-Type", "") else response.content


def _json(response: requests.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {"detail": response.text[:200]}
    return body if isinstance(body, dict) else {}


def day_of(api: Api) -> date:
    """The legal day of a deployment, which counts days in China's time."""
    return local_date(datetime.fromisoformat(str(api.get("/demo/clock")["now"])))


class TooLate(Exception):
    """What was waited for did not happen in time."""


def wait_for(what: str, attempt: Callable[[], T | None], *, within: float = 30.0, every: float = 0.05) -> T:
    """Ask again until `attempt` gives something; `TooLate` after `within` seconds."""
    end = time.monotonic() + within
    while True:
        found = attempt()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise TooLate(what)
        time.sleep(every)
