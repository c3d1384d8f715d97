"""Who is asking: signed contexts that travel with every message, and the keys that sign and verify them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .clock import now
from .config import Settings, load_deployment
from .crypto import create_missing, write_private
from .errors import Unauthenticated

ACCOUNTS: Final = "accounts"  # the one service that signs for people and visitors (design D11)
LIFETIME: Final = timedelta(minutes=5)
KINDS: Final = ("person", "staff", "visitor", "service", "operator")
# A token is renewed while this much of it is left, so that it outlives the call that it is sent with.
_RENEW_BEFORE: Final = timedelta(minutes=1)
_REMEMBERED: Final = 10_000

PublicKeys = Mapping[str, Mapping[str, Ed25519PublicKey]]


@dataclass(frozen=True)
class Actor:
    """The verified caller. `id` is `kind:name`; `address` is a keyed hash of the client's network address.

    `organisation_scope` says how far the organisation's acts reach, where its kind and division don't say it.
    """

    kind: str
    id: str
    role: str
    account_id: UUID | None = None
    session_id: UUID | None = None
    organisation_id: UUID | None = None
    organisation_kind: str | None = None
    organisation_scope: str | None = None
    division: str = ""
    factors: frozenset[str] = field(default_factory=frozenset)
    captcha: str | None = None
    address: str = ""
    activated: bool = False
    province: str = ""

    @property
    def subject_id(self) -> UUID:
        """The identifier in `id`, for a person or a member of staff."""
        return UUID(self.id.partition(":")[2])


def service_actor(service: str) -> Actor:
    """A service that acts by itself: an event handler, a timer."""
    return Actor(kind="service", id=f"service:{service}", role="service")


def operator_actor(name: str) -> Actor:
    """Somebody at the command line of the deployment."""
    return Actor(kind="operator", id=f"operator:{name}", role="operator")


class IdentitySigner:
    """Signs contexts with one service's key. `accounts` signs for people and visitors; every service for itself."""

    def __init__(self, service: str, key_id: str, key: Ed25519PrivateKey) -> None:
        self._service = service
        self._key_id = key_id
        self._key = key

    @classmethod
    def of(cls, service: str, keys_dir: Path) -> IdentitySigner:
        """The signer with the key at `<keys_dir>/identity/<service>.pem`."""
        path = keys_dir / "identity" / f"{service}.pem"
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path} holds no Ed25519 key")
        return cls(service, _key_id(key.public_key()), key)

    def sign(self, actor: Actor, *, at: datetime | None = None, lifetime: timedelta = LIFETIME) -> str:
        """A token that says `actor` until `lifetime` after `at` (now)."""
        issued = at or now()
        claims = _claims(actor) | {
            "iss": self._service,
            "iat": int(issued.timestamp()),
            "exp": int((issued + lifetime).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._key_id})


class IdentityVerifier:
    """Tells the actor of a token. A verified token is remembered until it expires, as verifying costs 200 µs."""

    def __init__(self, keys: PublicKeys, *, read_again: Callable[[], PublicKeys] | None = None) -> None:
        """`read_again` gives the keys as they are now, for a token signed with one added since the start."""
        self._keys = keys
        self._read_again = read_again
        self._verified: dict[str, tuple[Actor, float]] = {}

    @classmethod
    def of(cls, keys_dir: Path) -> IdentityVerifier:
        """The verifier with the public keys of all services, `KEYS_DIR/identity/public.json`."""
        path = keys_dir / "identity" / "public.json"
        return cls(_public_keys(path), read_again=partial(_public_keys, path))

    def verify(self, token: str) -> Actor:
        """The actor, or `Unauthenticated` with `identity_expired` or `identity_invalid`."""
        moment = now().timestamp()
        remembered = self._verified.get(token)
        if remembered is None:
            remembered = self._check(token)
            self._remember(token, remembered, moment)
        actor, expires = remembered
        if expires <= moment:
            self._verified.pop(token, None)
            raise Unauthenticated("identity_expired")
        return actor

    def _check(self, token: str) -> tuple[Actor, float]:
        try:
            head = jwt.get_unverified_header(token)
            issuer = str(jwt.decode(token, options={"verify_signature": False})["iss"])
            key = self._key(issuer, str(head["kid"]))
            # Time is ours to check: the deployment's clock may be ahead of the machine's.
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                issuer=issuer,
                options={"require": ["iss", "sub", "exp"], "verify_exp": False, "verify_iat": False},
            )
            return _actor(issuer, claims), float(claims["exp"])
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated("identity_invalid") from error

    def _key(self, issuer: str, key_id: str) -> Ed25519PublicKey:
        keys = self._keys[issuer]
        if key_id not in keys and self._read_again is not None:
            self._keys = self._read_again()
            keys = self._keys[issuer]
        return keys[key_id]

    def _remember(self, token: str, verified: tuple[Actor, float], moment: float) -> None:
        if len(self._verified) >= _REMEMBERED:
            self._verified = {old: kept for old, kept in self._verified.items() if kept[1] > moment}
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
        self._verified[token] = verified


@cache
def verifier() -> IdentityVerifier:
    """The deployment's verifier."""
    return IdentityVerifier.of(load_deployment().keys_dir)


@cache
def signer(service: str) -> IdentitySigner:
    """The service's own signer."""
    return IdentitySigner.of(service, load_deployment().keys_dir)


_service_tokens: dict[str, tuple[str, datetime]] = {}


def service_token(settings: Settings) -> str:
    """A token for what the service does by itself, renewed before it expires."""
    service, moment = settings.service, now()
    held = _service_tokens.get(service)
    if held is None or held[1] - moment < _RENEW_BEFORE:
        held = _service_tokens[service] = (
            signer(service).sign(service_actor(service), at=moment),
            moment + LIFETIME,
        )
    return held[0]


def operator_token(service: str, name: str) -> str:
    """A token for a command line that acts with `service`'s key as `operator:<name>`."""
    return signer(service).sign(operator_actor(name))


def forget_identity_keys() -> None:
    """Let the next use read the key files again; for commands and tests that change them."""
    verifier.cache_clear()
    signer.cache_clear()
    _service_tokens.clear()


def initialise_identity_keys(keys_dir: Path, services: tuple[str, ...]) -> list[Path]:
    """Create the signing keys that are missing and publish all public halves; the files that were written.

    Public keys that stand in `public.json` already stay there, so that a replaced key's tokens run out in peace.
    """
    folder = keys_dir / "identity"
    written = [path for service in services if create_missing(path := folder / f"{service}.pem", _new_private_key)]
    public = folder / "public.json"
    known = json.loads(public.read_text(encoding="ascii")) if public.exists() else {}
    wanted = {service: dict(keys) for service, keys in known.items()}
    for service in services:
        key = serialization.load_pem_private_key((folder / f"{service}.pem").read_bytes(), password=None).public_key()
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"the key of {service} is no Ed25519 key")
        wanted.setdefault(service, {})[_key_id(key)] = base64.b64encode(key.public_bytes_raw()).decode()
    if wanted != known:
        write_private(public, json.dumps(wanted, indent=1, sort_keys=True).encode())
        written.append(public)
    return written


def add_identity_key(keys_dir: Path, service: str) -> str:
    """Make the service's next signing key and publish its public half; its id. It signs nothing until activated."""
    create_missing(_next_key(keys_dir, service), _new_private_key)
    return _publish(keys_dir, service, _next_key(keys_dir, service))


def activate_identity_key(keys_dir: Path, service: str) -> str:
    """Let the service sign with its next key from its next start on; its id. `FileNotFoundError` if there is none."""
    key_id = _publish(keys_dir, service, _next_key(keys_dir, service))
    _next_key(keys_dir, service).replace(keys_dir / "identity" / f"{service}.pem")
    return key_id


def retire_identity_keys(keys_dir: Path, service: str) -> int:
    """Forget the public halves of keys that the service no longer signs with; how many. Restart all services then."""
    folder = keys_dir / "identity"
    files = (folder / f"{service}.pem", _next_key(keys_dir, service))
    kept = {_key_id(_public_half(path)) for path in files if path.exists()}
    public = json.loads((folder / "public.json").read_text(encoding="ascii"))
    gone = [key_id for key_id in public[service] if key_id not in kept]
    for key_id in gone:
        del public[service][key_id]
    write_private(folder / "public.json", json.dumps(public, indent=1, sort_keys=True).encode())
    return len(gone)


def _next_key(keys_dir: Path, service: str) -> Path:
    return keys_dir / "identity" / f"{service}.next.pem"


def _public_half(path: Path) -> Ed25519PublicKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None).public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{path} holds no Ed25519 key")
    return key


def _publish(keys_dir: Path, service: str, path: Path) -> str:
    """Add the public half of a key to `public.json`, beside those that are there."""
    public, key = keys_dir / "identity" / "public.json", _public_half(path)
    known = json.loads(public.read_text(encoding="ascii"))
    known.setdefault(service, {})[_key_id(key)] = base64.b64encode(key.public_bytes_raw()).decode()
    write_private(public, json.dumps(known, indent=1, sort_keys=True).encode())
    return _key_id(key)


def _new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _key_id(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw()[:6].hex()


def _public_keys(path: Path) -> dict[str, dict[str, Ed25519PublicKey]]:
    content = json.loads(path.read_text(encoding="ascii"))
    return {
        service: {kid: Ed25519PublicKey.from_public_bytes(base64.b64decode(raw)) for kid, raw in keys.items()}
        for service, keys in content.items()
    }


def _claims(actor: Actor) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "sub": actor.id,
        "role": actor.role,
        "acc": _text(actor.account_id),
        "sid": _text(actor.session_id),
        "org": _text(actor.organisation_id),
        "okd": actor.organisation_kind,
        "osc": actor.organisation_scope,
        "div": actor.division,
        "fac": sorted(actor.factors),
        "cap": actor.captcha,
        "adr": actor.address,
        "act": actor.activated,
        "prv": actor.province,
    }
    return {name: value for name, value in claims.items() if value}


def _actor(issuer: str, claims: Mapping[str, Any]) -> Actor:
    """The actor that `issuer` may speak for: nobody but `accounts` speaks for people and visitors."""
    kind, _, name = str(claims["sub"]).partition(":")
    if kind not in KINDS or not name or (kind == "service" and name != issuer):
        raise ValueError("subject")
    if kind in ("service", "operator"):
        own = service_actor(name) if kind == "service" else operator_actor(name)
        return replace(own, address=str(claims.get("adr", "")))
    if issuer != ACCOUNTS or claims["role"] in ("service", "operator"):
        raise ValueError("issuer")
    return Actor(
        kind=kind,
        id=str(claims["sub"]),
        role=str(claims["role"]),
        account_id=_uuid(claims.get("acc")),
        session_id=_uuid(claims.get("sid")),
        organisation_id=_uuid(claims.get("org")),
        organisation_kind=claims.get("okd"),
        organisation_scope=claims.get("osc"),
        division=str(claims.get("div", "")),
        factors=frozenset(claims.get("fac", ())),
        captcha=claims.get("cap"),
        address=str(claims.get("adr", "")),
        activated=bool(claims.get("act", False)),
        province=str(claims.get("prv", "")),
    )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _uuid(value: Any) -> UUID | None:
    return None if value is None else UUID(value)
