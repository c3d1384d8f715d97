"""Stored files: sealed with a key of their own, found by a keyed hash of their content, never on the bus.

The gateway streams an upload into `incoming/` and hands its reference, digest and size to the owner; the owner adopts
it. A download is a grant of the owner for a minute, which the gateway opens (design D14). The content is sealed once,
under a data key; what changes hands is the wrapped data key alone, so rotation never touches content (design D10).
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from cryptography.hazmat.primitives.hashes import SM3, Hash
from nameko.extensions import DependencyProvider

from .clock import now
from .config import Deployment, settings_of
from .crypto import Box, KeyRing, Unreadable, storage_ring, transport_box, write_private
from .errors import InvalidInput, NotFound, Unavailable
from .file_content import DATA_KEY_BYTES, ContentReader, ContentWriter
from .ids import new_id
from .threads import in_thread

GRANT_LIFETIME: Final = timedelta(seconds=60)
INCOMING_LIFETIME: Final = timedelta(hours=24)
_READ_BYTES: Final = 64 * 1024
_PURPOSE: Final = "file"
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_NAME_LETTERS: Final = frozenset("0123456789abcdef-")


class Readable(Protocol):
    """What an upload is read from; a WSGI input and an open file both are."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; nothing at the end."""


@dataclass(frozen=True)
class Received:
    """An upload that waits to be adopted."""

    reference: str
    digest: str
    size: int


@dataclass(frozen=True)
class StoredFile:
    """A file in its owner's store; the address says nothing about the content to anyone without the owner's key."""

    address: str
    size: int


@dataclass(frozen=True)
class GrantedFile:
    """A download that the owner allowed: what to tell the browser, and the content in pieces."""

    media_type: str
    filename: str
    size: int
    pieces: Iterator[bytes]


@dataclass(frozen=True)
class _Envelope:
    """What is kept beside a sealed content."""

    key: str  # the data key, wrapped by whoever holds the file
    cipher: str
    size: int
    digest: str


class IncomingFiles:
    """The waiting room of uploads; what nobody adopts goes after 24 hours."""

    def __init__(self, deployment: Deployment, box: Box) -> None:
        self._folder = deployment.files_dir / "incoming"
        self._cipher = deployment.crypto_cipher
        self._box = box
        self._swept_at = float("-inf")

    def receive(self, stream: Readable, limit: int) -> Received:
        """Seal the stream into the waiting room; `InvalidInput("file_too_large")` beyond `limit` bytes.

        `Unavailable("files_full")` where the disk has no room, and nothing of it stays there.
        """
        with _needing_room():
            return self._receive(stream, limit)

    def _receive(self, stream: Readable, limit: int) -> Received:
        if time.monotonic() - self._swept_at > 3600:
            self.sweep()
        reference = str(new_id())
        path = _made(self._folder) / reference
        data_key = os.urandom(DATA_KEY_BYTES)
        try:
            with path.open("xb") as file:
                digest, size = _sealed_copy(stream, file, data_key, self._cipher, limit)
            _write_envelope(path, _Envelope(self._box.seal(data_key.hex()), self._cipher, size, digest))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Received(reference, digest, size)

    def read(self, reference: str) -> bytes:
        """The content of an upload, for checks before it is adopted."""
        envelope, key = self._opened(reference)
        return b"".join(_pieces(self._folder / reference, key, envelope.cipher))

    def sweep(self) -> int:
        """Remove what waits for more than 24 hours; how many files went."""
        self._swept_at = time.monotonic()
        oldest = time.time() - INCOMING_LIFETIME.total_seconds()
        stale = [path for path in _made(self._folder).iterdir() if path.stat().st_mtime < oldest]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def take(self, reference: str, destination: Path) -> tuple[str, _Envelope]:
        """Link the sealed content to `destination`; the data key and the envelope it came with."""
        envelope, key = self._opened(reference)
        destination.unlink(missing_ok=True)
        os.link(self._folder / reference, destination)
        return key.hex(), envelope

    def discard(self, reference: str) -> None:
        """Remove an upload; one that is gone already is no error."""
        path = self._folder / _checked_name(reference)
        path.unlink(missing_ok=True)
        _envelope_path(path).unlink(missing_ok=True)

    def _opened(self, reference: str) -> tuple[_Envelope, bytes]:
        envelope = _read_envelope(self._folder / _checked_name(reference), "upload_not_found")
        return envelope, bytes.fromhex(self._box.open(envelope.key))


class FileStore:
    """One owner's files in a local folder."""

    def __init__(self, service: str, deployment: Deployment, ring: KeyRing, box: Box) -> None:
        self.service = service
        self._folder = deployment.files_dir / service
        self._cipher = deployment.crypto_cipher
        self._ring = ring
        self._box = box
        self.incoming = IncomingFiles(deployment, box)

    def adopt(self, received: Received) -> StoredFile:
        """Take an upload over, after its content was found to be what was handed over; `InvalidInput` if it is not.

        Adopting the same content twice gives the same file. The upload stays until `incoming.discard` or 24 hours, so
        that a command which is tried again still finds it. `Unavailable("files_full")` where the disk has no room.
        """
        with _needing_room():
            return self._adopt(received)

    def _adopt(self, received: Received) -> StoredFile:
        address = self.address_of(received.digest)
        if self._is_there(address):
            return StoredFile(address, received.size)
        path = self._path(address)
        draft = _made(path.parent) / f".{secrets.token_hex(8)}"
        try:
            key, envelope = self.incoming.take(received.reference, draft)
            found = in_thread(_digest_and_size, draft, bytes.fromhex(key), envelope.cipher)
            if found != (received.digest, received.size):
                raise InvalidInput("upload_is_not_what_was_announced")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        self._wrap(path, key, envelope.cipher, received.size, received.digest)
        return StoredFile(address, received.size)

    def address_of(self, digest: str) -> str:
        """Where a content of that digest lies, whether it is there or not."""
        return self._ring.index(digest, purpose=_PURPOSE)

    def remove(self, address: str) -> None:
        """Remove a file that nothing refers to any more; one that is gone already, whole or in part, is no error.

        Whoever calls this keeps an upload of the same content from being adopted meanwhile.
        """
        path = self._path(address)
        # The envelope goes first, as it comes last: without it the content is nothing, and can be written anew.
        _envelope_path(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)

    def read(self, address: str) -> bytes:
        """The whole content; `NotFound` if there is none, `Unreadable` if it was tampered with."""
        envelope, key = self._opened(address)
        content: bytes = in_thread(b"".join, _pieces(self._path(address), key, envelope.cipher))
        return content

    def grant(self, address: str, *, media_type: str, filename: str) -> str:
        """Leave to download one file within 60 seconds, for the gateway alone: it can be opened inside only."""
        envelope, key = self._opened(address)
        facts = {
            "service": self.service,
            "address": address,
            "key": key.hex(),
            "cipher": envelope.cipher,
            "size": envelope.size,
            "media_type": media_type,
            "filename": filename,
            "until": (now() + GRANT_LIFETIME).isoformat(),
        }
        return self._box.seal(json.dumps(facts))

    def _opened(self, address: str) -> tuple[_Envelope, bytes]:
        envelope = _read_envelope(self._path(address), "file_not_found")
        return envelope, bytes.fromhex(self._ring.open(envelope.key, purpose=_PURPOSE))

    def _wrap(self, path: Path, key: str, cipher: str, size: int, digest: str) -> None:
        # The envelope comes last: a file is there when its envelope is.
        _write_envelope(path, _Envelope(self._ring.seal(key, purpose=_PURPOSE), cipher, size, digest))

    def _is_there(self, address: str) -> bool:
        return _envelope_path(self._path(address)).exists()

    def _path(self, address: str) -> Path:
        return self._folder / _checked_name(address)[:2] / address


def open_grant(grant: str, deployment: Deployment, box: Box) -> GrantedFile:
    """The file that an owner granted; `NotFound("grant_expired")` after its minute."""
    facts: dict[str, Any] = json.loads(box.open(grant))
    if datetime.fromisoformat(facts["until"]) <= now():
        raise NotFound("grant_expired")
    address = _checked_name(facts["address"])
    path = deployment.files_dir / _checked_service(facts["service"]) / address[:2] / address
    pieces = _pieces(path, bytes.fromhex(facts["key"]), facts["cipher"])
    return GrantedFile(facts["media_type"], facts["filename"], facts["size"], pieces)


class FileStoreProvider(DependencyProvider):
    """Gives a service its own `FileStore`."""

    def setup(self) -> None:
        """Find folder and keys at start."""
        settings = settings_of(self.container)
        self.store = FileStore(settings.service, settings, storage_ring(settings.service), transport_box())

    def get_dependency(self, worker_ctx: Any) -> FileStore:
        """The same store for every worker."""
        return self.store


@contextmanager
def _needing_room() -> Iterator[None]:
    """A full disk is no fault of the request: the same one succeeds when an operator has made room."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise Unavailable("files_full") from error
        raise


def _sealed_copy(source: Readable, target: BinaryIO, key: bytes, cipher: str, limit: int) -> tuple[str, int]:
    """Copy and seal, at most `limit` bytes; the plain content's digest and size. On disk when it returns."""
    digest, size = Hash(SM3()), 0
    writer = ContentWriter(target, key, cipher)
    while piece := source.read(_READ_BYTES):
        size += len(piece)
        if size > limit:
            raise InvalidInput("file_too_large", limit=limit)
        digest.update(piece)
        writer.write(piece)
    writer.finish()
    target.flush()
    os.fsync(target.fileno())
    return digest.finalize().hex(), size


def _digest_and_size(path: Path, key: bytes, cipher: str) -> tuple[str, int]:
    digest, size = Hash(SM3()), 0
    try:
        for piece in _pieces(path, key, cipher):
            digest.update(piece)
            size += len(piece)
    except Unreadable:
        return "", -1
    return digest.finalize().hex(), size


def _pieces(path: Path, key: bytes, cipher: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from ContentReader(file, key, cipher)


def _envelope_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.key")


def _write_envelope(path: Path, envelope: _Envelope) -> None:
    write_private(_envelope_path(path), json.dumps(asdict(envelope)).encode())


def _read_envelope(path: Path, absent: str) -> _Envelope:
    try:
        return _Envelope(**json.loads(_envelope_path(path).read_bytes()))
    except FileNotFoundError as error:
        raise NotFound(absent) from error


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _checked_name(name: str) -> str:
    """The name, if it can only be one of ours: it comes over the bus and becomes part of a path."""
    if not name or not _NAME_LETTERS.issuperset(name):
        raise NotFound("file_not_found")
    return name


def _checked_service(name: str) -> str:
    if not name.isidentifier():
        raise NotFound("file_not_found")
    return name
