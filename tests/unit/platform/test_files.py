"""Files: sealed, bounded, adopted once, granted for a minute."""

from __future__ import annotations

import errno
import io
import os
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.clock import clock, movable_clock
from shared.platform.config import forget_settings, load_deployment
from shared.platform.crypto import Unreadable, storage_ring, transport_box
from shared.platform.errors import InvalidInput, NotFound, Unavailable
from shared.platform.file_content import CHUNK_BYTES, ContentReader, ContentWriter
from shared.platform.files import FileStore, IncomingFiles, Received, open_grant

CONTENT = b"\xff\xd8 a photo " * 20_000
LIMIT = 1_000_000
KEY = b"k" * 32


@pytest.fixture
def store(keys, environment, tmp_path) -> FileStore:
    environment.setenv("CLOCK_URI", f"file://{tmp_path}/clock")
    forget_settings()
    clock.cache_clear()
    return FileStore("review", load_deployment(), storage_ring("review"), transport_box())


@pytest.fixture
def incoming(store) -> IncomingFiles:
    return IncomingFiles(load_deployment(), transport_box())


def everything_on_disk() -> bytes:
    return b"".join(path.read_bytes() for path in load_deployment().files_dir.rglob("*") if path.is_file())


@pytest.mark.parametrize("cipher", ["sm4-gcm", "aes-gcm"])
@given(size=st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]), data=st.data())
def test_content_comes_out_as_it_went_in(cipher, size, data):
    content = os.urandom(size)
    target = io.BytesIO()
    writer = ContentWriter(target, KEY, cipher)
    cut = data.draw(st.integers(0, size))
    writer.write(content[:cut])
    writer.write(content[cut:])
    writer.finish()
    assert b"".join(ContentReader(io.BytesIO(target.getvalue()), KEY, cipher)) == content


@pytest.mark.parametrize(
    "tamper",
    [
        lambda sealed: sealed[: CHUNK_BYTES + 16],
        lambda sealed: sealed[CHUNK_BYTES + 16 :],
        lambda sealed: sealed[CHUNK_BYTES + 16 :] + sealed[: CHUNK_BYTES + 16],
        lambda sealed: sealed + sealed[-30:],
        lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:],
        lambda sealed: b"",
    ],
    ids=["cut off", "first lost", "moved", "appended", "changed", "emptied"],
)
def test_content_that_was_tampered_with_is_not_read(tamper):
    target = io.BytesIO()
    writer = ContentWriter(target, KEY, "sm4-gcm")
    writer.write(b"x" * (2 * CHUNK_BYTES))
    writer.finish()
    with pytest.raises(Unreadable):
        b"".join(ContentReader(io.BytesIO(tamper(target.getvalue())), KEY, "sm4-gcm"))


def test_an_upload_is_adopted_and_read(store, incoming):
    received = incoming.receive(io.BytesIO(CONTENT), LIMIT)
    assert received.size == len(CONTENT)
    assert incoming.read(received.reference) == CONTENT
    stored = store.adopt(received)
    assert store.read(stored.address) == CONTENT
    assert store.adopt(received) == stored
    incoming.discard(received.reference)
    assert store.read(stored.address) == CONTENT
    assert b"a photo" not in everything_on_disk()


def test_equal_contents_are_one_file(store, incoming):
    one = store.adopt(incoming.receive(io.BytesIO(CONTENT), LIMIT))
    two = store.adopt(store.incoming.receive(io.BytesIO(CONTENT), LIMIT))
    assert one == two
    assert store.adopt(store.incoming.receive(io.BytesIO(b"other"), LIMIT)).address != one.address


def test_too_much_is_refused_and_leaves_nothing(store, incoming):
    with pytest.raises(InvalidInput, match="file_too_large"):
        incoming.receive(io.BytesIO(CONTENT), 1000)
    assert everything_on_disk() == b""


def test_what_was_announced_has_to_be_what_is_there(store, incoming):
    received = incoming.receive(io.BytesIO(CONTENT), LIMIT)
    for wrong in (
        Received(received.reference, "0" * 64, received.size),
        Received(received.reference, received.digest, 1),
    ):
        with pytest.raises(InvalidInput, match="not_what_was_announced"):
            store.adopt(wrong)


@pytest.mark.parametrize("reference", ["../review/x", "", "/etc/passwd", "0123"])
def test_a_reference_that_is_none_of_ours_is_not_found(store, reference):
    with pytest.raises(NotFound):
        store.adopt(Received(reference, "0" * 64, 1))
    with pytest.raises(NotFound):
        store.read(reference)


def test_an_upload_that_nobody_adopts_goes_after_a_day(store, incoming):
    old = incoming.receive(io.BytesIO(b"old"), LIMIT)
    new = incoming.receive(io.BytesIO(b"new"), LIMIT)
    folder = load_deployment().files_dir / "incoming"
    yesterday = time.time() - 25 * 3600
    for path in folder.glob(f"{old.reference}*"):
        os.utime(path, (yesterday, yesterday))
    assert incoming.sweep() == 2
    assert incoming.read(new.reference) == b"new"
    with pytest.raises(NotFound, match="upload_not_found"):
        incoming.read(old.reference)


def test_a_grant_lasts_for_a_minute(store):
    stored = store.adopt(store.incoming.receive(io.BytesIO(CONTENT), LIMIT))
    grant = store.grant(stored.address, media_type="image/jpeg", filename="photo.jpg")
    granted = open_grant(grant, load_deployment(), transport_box())
    assert (granted.media_type, granted.filename, granted.size) == ("image/jpeg", "photo.jpg", len(CONTENT))
    assert b"".join(granted.pieces) == CONTENT
    assert stored.address not in grant
    movable_clock().advance(timedelta(seconds=61))
    with pytest.raises(NotFound, match="grant_expired"):
        open_grant(grant, load_deployment(), transport_box())


def test_a_grant_that_the_owner_did_not_make_is_refused(store):
    with pytest.raises(InvalidInput):
        open_grant("sxxxx.AAAA", load_deployment(), transport_box())


def test_another_services_keys_do_not_open_a_file(store):
    stored = store.adopt(store.incoming.receive(io.BytesIO(CONTENT), LIMIT))
    stranger = FileStore("review", load_deployment(), storage_ring("accounts"), transport_box())
    with pytest.raises(Unreadable):
        stranger.read(stored.address)


class FailingStream(io.BytesIO):
    """Some of an upload; then the copy fails with this error of the system."""

    def __init__(self, number: int) -> None:
        super().__init__(CONTENT)
        self.number = number

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(self.number, os.strerror(self.number))
        return super().read(size)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_asks_to_come_again_and_keeps_nothing(incoming, number):
    """That of the real one is shown by tests/compose/test_operations.py."""
    with pytest.raises(Unavailable, match="files_full"):
        incoming.receive(FailingStream(number), LIMIT)
    assert everything_on_disk() == b""
    assert incoming.receive(io.BytesIO(CONTENT), LIMIT).size == len(CONTENT)


def test_another_error_of_the_system_stays_one(incoming):
    with pytest.raises(ConnectionResetError):
        incoming.receive(FailingStream(errno.ECONNRESET), LIMIT)
