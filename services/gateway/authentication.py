"""Who sent the request: a session (cookie on pages, bearer token on the API) or a visitor; `accounts` signs for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, g, redirect, request, url_for

from shared.contracts import accounts
from shared.platform.bus.headers import CallContext
from shared.platform.clock import now
from shared.platform.errors import PermissionDenied, Unauthenticated

from . import cookies, csrf
from .client_address import client_address
from .page_access import note_roles

#: How long the gateway reuses a context before it asks for another, in seconds: short enough that an activation or the
#: end of a session elsewhere is noticed, long enough that a page's many calls share one.
REUSE = 20
_KEPT = 10_000

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Session:
    """Whoever is on the other side: `kind` is person, staff or visitor."""

    kind: str
    role: str
    token: str
    secret: str | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody has logged in."""
        return self.kind != "visitor"


class ContextCache:
    """Caller contexts by session or visitor address, for `REUSE` seconds, bounded in number."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Session]] = {}
        self._lock = Lock()

    def get(self, key: str) -> Session | None:
        """The session of `key`, unless it has grown old."""
        found = self._kept.get(key)
        return found[1] if found and found[0] > now().timestamp() else None

    def keep(self, key: str, session: Session) -> None:
        """Remember a session; the oldest make room."""
        with self._lock:
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (now().timestamp() + REUSE, session)

    def forget(self, key: str) -> None:
        """Ask `accounts` again at the next request."""
        self._kept.pop(key, None)


def current_session() -> Session:
    """Whoever sent the request; a session that has ended raises `Unauthenticated("session_ended")` on the API, and is a
    visitor with its cookie dropped on pages."""
    if "session" not in g:
        g.session = _session_of_request()
    session: Session = g.session
    return session


def context_token() -> str:
    """The signed context to send along with a call."""
    return current_session().token


def forget_context() -> None:
    """The account changed: the next request asks for a fresh context."""
    session = current_session()
    _cache().forget(_key(session.secret) if session.secret else client_address())


def sign_in(response: Response, session_view: dict[str, Any]) -> None:
    """Give the browser its session cookie, and new form tokens: what was known before the login serves no more."""
    cookies.give(response, cookies.SESSION, session_view["session_token"])
    csrf.renew()


def sign_out(response: Response) -> None:
    """Take the session cookie back."""
    _cache().forget(_key(cookies.read(cookies.SESSION)))
    cookies.take_back(response, cookies.SESSION)


def close_session() -> None:
    """End the current session in `accounts`; nothing to do for a visitor."""
    session = current_session()
    if session.secret:
        _bus(session.token).call(accounts.CLOSE_SESSION, {"session_token": session.secret})
        _cache().forget(_key(session.secret))


def needs_person(view: View) -> View:
    """Let persons (个人端) in; visitors are sent to the login page and come back afterwards."""
    return _needs(view, lambda session: session.kind == "person", "pages.login", frozenset({"physician"}))


def needs_role(*roles: str, login: str = "pages.staff_login") -> Callable[[View], View]:
    """Let these roles in; visitors are sent to a login page, the staff's unless told otherwise."""
    return lambda view: _needs(view, lambda session: session.role in roles, login, frozenset(roles))


def _needs(view: View, fits: Callable[[Session], bool], login: str, roles: frozenset[str]) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        session = current_session()
        if not session.is_signed_in:
            # A form that was sent too late leads back to the page it stood on.
            form_page = urlsplit(request.referrer or "")
            here = request.full_path.rstrip("?") if request.method == "GET" else form_page.path
            return redirect(f"{url_for(login)}?{urlencode({'next': here})}" if here else url_for(login), 303)
        if not fits(session):
            raise PermissionDenied("role_not_allowed")
        return view(*args, **kwargs)

    note_roles(guarded, roles)
    return guarded  # type: ignore[return-value]  # wraps() keeps the signature; mypy cannot see it


def _session_of_request() -> Session:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise Unauthenticated("session_ended")
        return _renewed(secret.strip())
    secret = cookies.read(cookies.SESSION) if not request.path.startswith("/api/") else ""
    if secret:
        try:
            return _renewed(secret)
        except Unauthenticated:
            g.drop_session_cookie = True
    return _visitor()


def _renewed(secret: str) -> Session:
    kept = _cache().get(_key(secret))
    if kept is not None:
        return kept
    asked = {"session_token": secret, "address": client_address()}
    answer = _bus().call(accounts.RENEW_CONTEXT, asked, as_service=True)
    session = Session(answer["kind"], answer["role"], answer["token"], secret)
    _cache().keep(_key(secret), session)
    return session


def _visitor() -> Session:
    address = client_address()
    kept = _cache().get(address)
    if kept is not None:
        return kept
    answer = _bus().call(accounts.VISITOR_CONTEXT, {"address": address}, as_service=True)
    session = Session("visitor", "visitor", answer["token"])
    _cache().keep(address, session)
    return session


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _bus(identity: str | None = None) -> Any:
    return current_app.extensions["yizhu.bus"].bus_for(CallContext(identity=identity))


def _cache() -> ContextCache:
    cache: ContextCache = current_app.extensions["yizhu.contexts"]
    return cache
