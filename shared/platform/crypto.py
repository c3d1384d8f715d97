"""Field encryption, blind index and the key ring; which key sealed a text stands in the text."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from .config import load_deployment
from .errors import InvalidInput

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
# The first letter of a sealed text; old texts stay readable whichever cipher is set today.
_MARKS: Final = {"sm4-gcm": "s", "aes-gcm": "a"}
_CIPHERS: Final = {mark: cipher for cipher, mark in _MARKS.items()}


class Unreadable(Exception):
    """A sealed text was made with a key that this ring lacks, for another purpose, or was tampered with."""


def keyed_hash(key: bytes, content: bytes) -> bytes:
    """HMAC-SM3, the one keyed hash of the system."""
    mac = HMAC(key, SM3())
    mac.update(content)
    return mac.finalize()


def derived_key(secret: bytes, use: str) -> bytes:
    """An independent 32-byte key for one use of a secret."""
    return keyed_hash(secret, b"yizhu:" + use.encode())


@dataclass(frozen=True)
class Aead:
    """Authenticated encryption of bytes under one key; every message gets a fresh random nonce in front.

    A key is derived for each ring and purpose, which keeps each far below the 2**32 messages that random nonces allow.
    """

    cipher: str
    key: bytes = field(repr=False)

    def seal(self, plain: bytes, bound_to: bytes = b"") -> bytes:
        """Nonce, ciphertext and tag; `bound_to` has to be given again to open it."""
        nonce = os.urandom(NONCE_BYTES)
        if self.cipher == "aes-gcm":
            return nonce + AESGCM(self.key).encrypt(nonce, plain, bound_to)
        encryptor = Cipher(algorithms.SM4(self.key[:16]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        sealed = encryptor.update(plain) + encryptor.finalize()
        return nonce + sealed + encryptor.tag

    def open(self, sealed: bytes, bound_to: bytes = b"") -> bytes:
        """The plain bytes, or `Unreadable`."""
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise Unreadable("too short")
        nonce, body, tag = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-TAG_BYTES], sealed[-TAG_BYTES:]
        try:
            if self.cipher == "aes-gcm":
                return AESGCM(self.key).decrypt(nonce, body + tag, bound_to)
            decryptor = Cipher(algorithms.SM4(self.key[:16]), modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(bound_to)
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as error:
            raise Unreadable("not authentic") from error


@dataclass(frozen=True)
class Secrets:
    """The content of one key file: secrets by id, and the id that new texts are sealed with."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Secrets:
        """The secrets in `path`; a missing or broken file is a fault that names the file, never its content."""
        try:
            content = json.loads(path.read_text(encoding="ascii"))
            keys = {key["id"]: base64.b64decode(key["secret"]) for key in content["keys"]}
            current = content["current"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"key file {path} is missing or broken; run `python -m commands keys init`") from error
        if current not in keys:
            raise Unreadable(f"key file {path} names a current key that it lacks")
        return cls(current, keys)


class KeyRing:
    """Seals and opens the fields of one owner. Keys stay in the ring after rotation, so old texts stay readable."""

    def __init__(
        self, storage: Secrets, index: Secrets, cipher: str, *, read_again: Callable[[], Secrets] | None = None
    ) -> None:
        """`read_again` gives the storage keys as they are now, for a text that names a key added since the start."""
        self._read_again = read_again
        self._storage = storage
        self._index = index
        self._cipher = cipher
        self._aeads: dict[tuple[str, str, str], Aead] = {}
        self._hashes: dict[str, HMAC] = {}

    def seal(self, plain: str, *, purpose: str) -> str:
        """`plain` encrypted for `purpose` (a field's name); the same text gives another result each time."""
        return self._mark(self.seal_bytes(plain.encode(), purpose=purpose))

    def open(self, sealed: str, *, purpose: str) -> str:
        """The text that `seal` was given for the same purpose, or `Unreadable`."""
        mark, key_id, body = _parted(sealed)
        return self._aead(mark, key_id, purpose).open(body, purpose.encode()).decode()

    def index(self, value: str, *, purpose: str) -> str:
        """A keyed hash to search by (blind index, HMAC-SM3): equal texts give equal hashes, in this ring alone."""
        prepared = self._hashes.get(purpose)
        if prepared is None:
            key = derived_key(self._index.keys[self._index.current], f"index:{purpose}")
            prepared = self._hashes[purpose] = HMAC(key, SM3())
        mac = prepared.copy()
        mac.update(value.encode())
        return mac.finalize().hex()

    def seal_bytes(self, plain: bytes, *, purpose: str) -> bytes:
        """Bytes encrypted with the current key, for columns and files that name the key elsewhere or not at all."""
        mark = _MARKS[self._cipher]
        head = f"{mark}{self._storage.current}.".encode()
        return head + self._aead(mark, self._storage.current, purpose).seal(plain, purpose.encode())

    def open_bytes(self, sealed: bytes, *, purpose: str) -> bytes:
        """The bytes that `seal_bytes` was given, or `Unreadable`."""
        head, separator, body = sealed.partition(b".")
        if not separator or not head.isascii():
            raise Unreadable("not a sealed value")
        text = head.decode()
        return self._aead(text[:1], text[1:], purpose).open(body, purpose.encode())

    def _mark(self, sealed: bytes) -> str:
        head, _, body = sealed.partition(b".")
        return f"{head.decode()}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}"

    def _aead(self, mark: str, key_id: str, purpose: str) -> Aead:
        found = self._aeads.get((mark, key_id, purpose))
        if found is not None:
            return found
        if key_id not in self._storage.keys and self._read_again is not None:
            self._storage = self._read_again()
        cipher, secret = _CIPHERS.get(mark), self._storage.keys.get(key_id)
        if cipher is None or secret is None:
            raise Unreadable("sealed with an unknown key or cipher")
        made = self._aeads[mark, key_id, purpose] = Aead(cipher, derived_key(secret, f"{cipher}:{purpose}"))
        return made


class Box:
    """Seals what crosses the bus under the deployment's transport key, so that a look into the broker shows nothing."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, plain: str) -> str:
        """`plain`, readable by the services of this deployment alone."""
        return self._ring.seal(plain, purpose="transport")

    def open(self, sealed: str) -> str:
        """The text that `seal` was given; anything else is input of the wrong form."""
        try:
            return self._ring.open(sealed, purpose="transport")
        except (Unreadable, UnicodeDecodeError) as error:
            raise InvalidInput("sealed_text_unreadable") from error


@cache
def transport_box() -> Box:
    """The deployment's box, from `KEYS_DIR/transport.json`."""
    deployment = load_deployment()
    path = deployment.keys_dir / "transport.json"
    keys = Secrets.read(path)
    return Box(KeyRing(keys, keys, deployment.crypto_cipher, read_again=partial(Secrets.read, path)))


@cache
def storage_ring(service: str) -> KeyRing:
    """The service's own ring, from `KEYS_DIR/storage/<service>.json` and `KEYS_DIR/index/<service>.json`."""
    deployment = load_deployment()
    path = deployment.keys_dir / "storage" / f"{service}.json"
    return KeyRing(
        Secrets.read(path),
        Secrets.read(deployment.keys_dir / "index" / f"{service}.json"),
        deployment.crypto_cipher,
        read_again=partial(Secrets.read, path),
    )


def forget_keys() -> None:
    """Let the next use read the key files again; for commands and tests that change them."""
    transport_box.cache_clear()
    storage_ring.cache_clear()


def write_secrets(path: Path, secrets_: Secrets) -> None:
    """Write a key file that only its owner can read, whole or not at all."""
    content = {
        "current": secrets_.current,
        "keys": [{"id": key, "secret": base64.b64encode(value).decode()} for key, value in secrets_.keys.items()],
    }
    write_private(path, json.dumps(content, indent=1).encode())


def add_secret(path: Path) -> str:
    """Add a fresh key to a key file; its id. Whoever has the file can read with it, nobody writes with it yet."""
    known = Secrets.read(path)
    key_id = secrets.token_hex(4)
    while key_id in known.keys:
        key_id = secrets.token_hex(4)
    write_secrets(path, Secrets(known.current, {**known.keys, key_id: os.urandom(32)}))
    return key_id


def activate_secret(path: Path, key_id: str | None = None) -> str:
    """Write with this key from now on, with the newest if none is named; its id. All others stay readable."""
    known = Secrets.read(path)
    chosen = next(reversed(list(known.keys))) if key_id is None else key_id
    if chosen not in known.keys:
        raise Unreadable(f"key file {path} has no key {chosen}")
    write_secrets(path, Secrets(chosen, known.keys))
    return chosen


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 600 in a folder of mode 700, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def create_missing(path: Path, make: Callable[[], bytes]) -> bool:
    """Write `make()` where no file is yet; two processes that start together keep the first one's. True if written."""
    if path.exists():
        return False
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    write_private(draft, make())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def new_secrets() -> bytes:
    """The content of a key file with one fresh key."""
    content = {
        "current": (key_id := secrets.token_hex(4)),
        "keys": [{"id": key_id, "secret": base64.b64encode(os.urandom(32)).decode()}],
    }
    return json.dumps(content, indent=1).encode()


def initialise_secrets(keys_dir: Path, services: tuple[str, ...]) -> list[Path]:
    """Create the key files that are missing; what is there stays as it is. The files that were written."""
    paths = [keys_dir / "transport.json"]
    paths += [keys_dir / kind / f"{service}.json" for service in services for kind in ("storage", "index")]
    return [path for path in paths if create_missing(path, new_secrets)]


def _parted(sealed: str) -> tuple[str, str, bytes]:
    head, separator, body = sealed.partition(".")
    if not separator or not head or not body.isascii():
        raise Unreadable("not a sealed value")
    try:
        return head[0], head[1:], base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Unreadable("not a sealed value") from error
