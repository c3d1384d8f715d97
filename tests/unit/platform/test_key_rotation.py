"""Keys are added, put to use and retired while others still have what came before."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.keys import app
from commands.services import SERVICES
from shared.platform.crypto import Secrets, Unreadable, forget_keys, initialise_secrets, storage_ring, transport_box
from shared.platform.errors import Unauthenticated
from shared.platform.identity import (
    forget_identity_keys,
    initialise_identity_keys,
    service_actor,
    signer,
    verifier,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The keys of a whole deployment, where the settings look for them."""
    initialise_secrets(tmp_path / "keys", SERVICES)
    initialise_identity_keys(tmp_path / "keys", SERVICES)
    return tmp_path / "keys"


def run(*arguments: str, status: int = 0) -> str:
    """What the command says."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == status, done.output
    return done.output


def restarted() -> None:
    forget_keys()
    forget_identity_keys()


def test_an_added_transport_key_writes_nothing_until_it_is_activated(folder: Path):
    old = Secrets.read(folder / "transport.json").current
    run("add", "transport")
    restarted()
    assert transport_box().seal("x")[1:].startswith(old)
    run("activate", "transport")
    restarted()
    assert not transport_box().seal("x")[1:].startswith(old)


def test_a_process_from_before_the_rotation_opens_what_came_after_it(folder: Path):
    """The overlap: one process is restarted, its callers and consumers are not."""
    before = transport_box()
    sealed_before = before.seal("before")
    run("rotate", "transport")
    restarted()
    after = transport_box()
    assert before.open(after.seal("after")) == "after"
    assert after.open(sealed_before) == "before"


def test_a_row_of_before_is_read_after_a_rotation_of_storage_keys(folder: Path):
    """Sealed rows are never rewritten (design D10, D20)."""
    ring = storage_ring("accounts")
    row, index = ring.seal("430199", purpose="id_number"), ring.index("430199", purpose="id_number")
    run("rotate", "storage", "accounts")
    restarted()
    assert storage_ring("accounts").open(row, purpose="id_number") == "430199"
    assert storage_ring("accounts").index("430199", purpose="id_number") == index
    new = storage_ring("accounts").seal("430199", purpose="id_number")
    assert new.split(".")[0] != row.split(".")[0]
    assert ring.open(new, purpose="id_number") == "430199"


def test_a_token_of_the_next_key_is_believed_by_who_was_not_restarted(folder: Path):
    """Both keys verify until the old one is retired."""
    believer, old = verifier(), signer("review").sign(service_actor("review"))
    run("rotate", "identity", "review")
    restarted()
    new = signer("review").sign(service_actor("review"))
    assert believer.verify(new) == service_actor("review")
    assert verifier().verify(old) == verifier().verify(new)
    assert "1 retired" in run("retire", "review")
    restarted()
    assert verifier().verify(new) == service_actor("review")
    with pytest.raises(Unauthenticated):
        verifier().verify(old)


def test_an_added_identity_key_signs_nothing_yet_and_is_added_once(folder: Path):
    before = (folder / "identity" / "review.pem").read_bytes()
    assert run("add", "identity", "review") == run("add", "identity", "review")
    assert (folder / "identity" / "review.pem").read_bytes() == before
    assert "0 retired" in run("retire", "review")


def test_index_keys_are_refused_with_the_reason(folder: Path):
    """A row is found by its index alone: under another key a person would be registered twice."""
    before = (folder / "index" / "accounts.json").read_bytes()
    for step in ("add", "activate", "rotate"):
        assert "not rotated" in run(step, "index", "accounts", status=2)
    assert (folder / "index" / "accounts.json").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [("rotate", "storage"), ("rotate", "transport", "review"), ("rotate", "weather"), ("add", "identity")]
)
def test_what_is_not_said_clearly_is_refused(folder: Path, arguments: tuple[str, ...]):
    run(*arguments, status=2)


def test_a_text_under_a_key_that_nobody_has_stays_unreadable(folder: Path):
    with pytest.raises(Unreadable):
        storage_ring("accounts").open("sffffffff.AAAA", purpose="p")


def test_a_trial_is_given_a_chain_to_sign_documents_with_and_production_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A certificate of production is signed with what a licensed authority issued, never with a test chain."""
    assert "signer.pem" in run("init", "--folder", str(tmp_path / "trial"))
    assert "nothing is missing" in run("init", "--folder", str(tmp_path / "trial"))
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert "signer.pem is missing" in run("init", "--folder", str(tmp_path / "real"))
    assert not (tmp_path / "real" / "documents").exists()
