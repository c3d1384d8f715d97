"""The commands on dead letters and on the outbox, as an operator uses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from commands import dead_letters, outbox
from shared.platform.clock import clock, movable_clock
from shared.platform.config import forget_settings
from shared.platform.inbox_rules import BACK_OFF, MAX_ATTEMPTS
from tests.integration.platform.world import World


@pytest.fixture
def world(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two services' SQLite files; the first case's first event is dead, with one behind it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{deployment}/db")
    monkeypatch.setenv("CLOCK_URI", f"file://{deployment}/clock")
    forget_settings()
    clock.cache_clear()
    world = World(f"sqlite:///{deployment}/db/review.db", f"sqlite:///{deployment}/db/accounts.db")
    world.errors[str(world.cases[0]), 1] = MAX_ATTEMPTS
    for _ in range(2):
        world.produce(0)
    world.relay_once()
    while world.broker.queue:
        world.deliver(0)
    for wait in BACK_OFF:
        movable_clock().advance(wait + timedelta(seconds=1))
        world.retry()
    yield world
    world.close()
    clock.cache_clear()


def of_dead_letters(*arguments: str) -> Result:
    return CliRunner().invoke(dead_letters.app, list(arguments))


def of_outbox(*arguments: str) -> Result:
    return CliRunner().invoke(outbox.app, list(arguments))


def dead_id(world: World) -> str:
    listed = of_dead_letters("list", "accounts")
    assert listed.exit_code == 0, listed.output
    return listed.output.split()[0]


def test_a_dead_letter_is_listed_shown_and_replayed(world: World) -> None:
    listed = of_dead_letters("list", "accounts").output
    assert f"review/case:{world.cases[0]} #1" in listed
    assert "1 held up" in listed
    assert "1 events, 0 items, 0 gaps" in listed
    shown = of_dead_letters("show", "accounts", dead_id(world))
    assert '"type": "review.changed.v1"' in shown.output
    replayed = of_dead_letters("replay", "accounts", "--all")
    assert replayed.output == "1 to be tried again\n"
    world.retry()
    assert world.applied()[world.cases[0]] == [1, 2]
    assert "0 events, 0 items, 0 gaps" in of_dead_letters("list", "accounts").output


def test_one_letter_is_replayed_by_its_id(world: World) -> None:
    assert of_dead_letters("replay", "accounts", dead_id(world)).exit_code == 0
    world.retry()
    assert world.applied()[world.cases[0]] == [1, 2]


def test_a_letter_is_given_up_with_a_reason(world: World) -> None:
    letter = dead_id(world)
    assert of_dead_letters("discard", "accounts", letter).exit_code != 0
    assert of_dead_letters("discard", "accounts", letter, "--reason", "removed by hand").exit_code == 0
    world.retry()
    assert world.applied()[world.cases[0]] == [2]


def test_what_is_not_there_is_said_in_one_line(world: World) -> None:
    nothing = "01a20a5b-c676-7723-a105-cb8c2d55d6a6"
    for arguments in (["show", "accounts", nothing], ["replay", "accounts", nothing]):
        refused = of_dead_letters(*arguments)
        assert refused.exit_code == 1
        assert refused.output.strip() in {"event_not_kept", "event_not_dead"}
    assert of_dead_letters("replay", "accounts").exit_code == 2


def test_kept_events_are_published_again_and_harm_nobody(world: World) -> None:
    assert of_dead_letters("replay", "accounts", "--all").exit_code == 0
    world.retry()
    assert of_outbox("count", "review").output == "0 waiting, 2 published and kept\n"
    assert of_outbox("publish-again", "review").exit_code == 2
    again = of_outbox("publish-again", "review", "--aggregate", f"case:{world.cases[0]}")
    assert again.output == "2 to be published again\n"
    assert of_outbox("count", "review").output == "2 waiting, 0 published and kept\n"
    world.relay_once()
    assert len(world.broker.queue) == 2
    while world.broker.queue:
        world.deliver(0)
    assert world.applied()[world.cases[0]] == [1, 2]
    assert of_outbox("publish-again", "review", "--everything").output == "2 to be published again\n"
