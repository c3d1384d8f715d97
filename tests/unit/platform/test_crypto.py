"""Sealed fields, blind index and key files."""

from __future__ import annotations

import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.platform.crypto import (
    KeyRing,
    Secrets,
    Unreadable,
    forget_keys,
    initialise_secrets,
    storage_ring,
    transport_box,
    write_secrets,
)
from shared.platform.errors import InvalidInput
from tests.unit.platform.conftest import SERVICES

ONE, TWO = Secrets("k1", {"k1": b"1" * 32}), Secrets("k2", {"k1": b"1" * 32, "k2": b"2" * 32})
INDEX = Secrets("i1", {"i1": b"i" * 32})
CIPHERS = ("sm4-gcm", "aes-gcm")


@pytest.mark.parametrize("cipher", CIPHERS)
@given(plain=st.text(max_size=200), purpose=st.sampled_from(["id_number", "phone"]))
def test_what_is_sealed_is_opened_again(cipher, plain, purpose):
    ring = KeyRing(ONE, INDEX, cipher)
    sealed = ring.seal(plain, purpose=purpose)
    assert ring.open(sealed, purpose=purpose) == plain
    assert sealed != ring.seal(plain, purpose=purpose)


@pytest.mark.parametrize("cipher", CIPHERS)
@given(content=st.binary(max_size=2000))
def test_bytes_are_sealed_as_well(cipher, content):
    ring = KeyRing(ONE, INDEX, cipher)
    assert ring.open_bytes(ring.seal_bytes(content, purpose="photo"), purpose="photo") == content


@given(plain=st.text(min_size=1, max_size=50), data=st.data())
def test_one_changed_character_makes_it_unreadable(plain, data):
    ring = KeyRing(ONE, INDEX, "sm4-gcm")
    sealed = ring.seal(plain, purpose="phone")
    # The last character of base64 may hold bits that stand for nothing.
    position = data.draw(st.integers(0, len(sealed) - 2))
    other = "A" if sealed[position] != "A" else "B"
    with pytest.raises(Unreadable):
        ring.open(sealed[:position] + other + sealed[position + 1 :], purpose="phone")


def test_a_text_sealed_for_one_purpose_is_not_read_for_another():
    ring = KeyRing(ONE, INDEX, "sm4-gcm")
    with pytest.raises(Unreadable):
        ring.open(ring.seal("430199", purpose="id_number"), purpose="phone")


def test_after_rotation_old_texts_stay_readable_and_new_ones_name_the_new_key():
    old = KeyRing(ONE, INDEX, "sm4-gcm").seal("text", purpose="p")
    ring = KeyRing(TWO, INDEX, "sm4-gcm")
    assert ring.open(old, purpose="p") == "text"
    assert ring.seal("text", purpose="p").startswith("sk2.")
    with pytest.raises(Unreadable):
        KeyRing(ONE, INDEX, "sm4-gcm").open(ring.seal("text", purpose="p"), purpose="p")


def test_texts_of_both_ciphers_are_read_whichever_is_set():
    sealed = KeyRing(ONE, INDEX, "aes-gcm").seal("text", purpose="p")
    assert KeyRing(ONE, INDEX, "sm4-gcm").open(sealed, purpose="p") == "text"


@given(value=st.text(max_size=30), other=st.text(max_size=30))
def test_the_blind_index_is_equal_for_equal_texts_only(value, other):
    ring = KeyRing(ONE, INDEX, "sm4-gcm")
    assert ring.index(value, purpose="id") == KeyRing(TWO, INDEX, "aes-gcm").index(value, purpose="id")
    assert (ring.index(value, purpose="id") == ring.index(other, purpose="id")) == (value == other)
    assert ring.index(value, purpose="id") != ring.index(value, purpose="phone")


def test_two_services_have_different_indexes(keys):
    assert storage_ring("accounts").index("x", purpose="id") != storage_ring("review").index("x", purpose="id")
    with pytest.raises(Unreadable):
        storage_ring("review").open(storage_ring("accounts").seal("x", purpose="p"), purpose="p")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.text(max_size=60))
def test_the_transport_box_refuses_what_it_did_not_seal(keys, junk):
    with pytest.raises(InvalidInput):
        transport_box().open(junk)


def test_the_box_opens_what_it_sealed_with_a_rare_character(keys):
    assert transport_box().open(transport_box().seal("王𬭎")) == "王𬭎"


def test_missing_keys_are_named_without_their_content(tmp_path):
    with pytest.raises(Unreadable, match=r"transport\.json.*keys init"):
        transport_box()


def test_creating_keys_again_changes_nothing(keys):
    sealed = transport_box().seal("text")
    assert initialise_secrets(keys, SERVICES) == []
    forget_keys()
    assert transport_box().open(sealed) == "text"
    for path in keys.rglob("*.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [path for path in keys.rglob("*") if path.name.startswith(".") or path.suffix == ".new"]


def test_only_what_is_missing_is_created(keys):
    (keys / "storage" / "review.json").unlink()
    assert initialise_secrets(keys, SERVICES) == [keys / "storage" / "review.json"]


def test_secrets_survive_their_file(tmp_path):
    write_secrets(tmp_path / "k.json", TWO)
    assert Secrets.read(tmp_path / "k.json") == TWO


def test_a_secret_is_never_shown():
    assert "1111" not in repr(ONE)
