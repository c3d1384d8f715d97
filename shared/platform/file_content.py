"""A file's content as sealed chunks: read and written piece by piece, no piece can be dropped, moved or cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .crypto import TAG_BYTES, Unreadable

DATA_KEY_BYTES: Final = 32
CHUNK_BYTES: Final = 64 * 1024


def _nonce(position: int, *, last: bool) -> bytes:
    # A data key seals one file only, so counting makes every nonce unique; the last chunk's own mark shows a cut.
    return position.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _seal(cipher: str, key: bytes, nonce: bytes, plain: bytes) -> bytes:
    if cipher == "aes-gcm":
        return AESGCM(key).encrypt(nonce, plain, None)
    encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    sealed = encryptor.update(plain) + encryptor.finalize()
    return sealed + encryptor.tag


def _open(cipher: str, key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    try:
        if cipher == "aes-gcm":
            return AESGCM(key).decrypt(nonce, sealed, None)
        decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise Unreadable("file content is not authentic") from error


class ContentWriter:
    """Seals what is written to it into `target`; `finish` writes the last chunk."""

    def __init__(self, target: BinaryIO, key: bytes, cipher: str) -> None:
        self._target, self._key, self._cipher = target, key, cipher
        self._waiting = bytearray()
        self._position = 0

    def write(self, piece: bytes) -> None:
        """Take any number of bytes."""
        self._waiting += piece
        while len(self._waiting) > CHUNK_BYTES:
            chunk = bytes(self._waiting[:CHUNK_BYTES])
            del self._waiting[:CHUNK_BYTES]
            self._put(chunk, last=False)

    def finish(self) -> None:
        """Write what is left as the last chunk, an empty one for an empty file."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(_seal(self._cipher, self._key, _nonce(self._position, last=last), chunk))
        self._position += 1


class ContentReader:
    """The plain chunks of what a `ContentWriter` wrote, in order; `Unreadable` at the first that is not authentic."""

    def __init__(self, source: BinaryIO, key: bytes, cipher: str) -> None:
        self._source, self._key, self._cipher = source, key, cipher

    def __iter__(self) -> Iterator[bytes]:
        sealed = self._source.read(CHUNK_BYTES + TAG_BYTES)
        position = 0
        while True:
            following = self._source.read(CHUNK_BYTES + TAG_BYTES)
            nonce = _nonce(position, last=not following)
            yield _open(self._cipher, self._key, nonce, sealed)
            if not following:
                return
            sealed, position = following, position + 1
