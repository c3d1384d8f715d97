"""`python -m commands outbox snapshot`: the state of what others keep copies of, as an operator has it told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.contracts import accounts
from shared.platform.engine import make_engine
from shared.platform.outbox import schema_of
from shared.platform.platform_tables import outbox
from tests.support.keys import keys_of
from tests.support.processes import ROOT, System

pytestmark = pytest.mark.slow
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Organisations and staff are loaded; no service runs."""
    folder: Path = tmp_path_factory.mktemp("snapshots")
    system = System.embedded(folder / "system")
    system.command("keys", "init")
    system.command("migrate", "accounts")
    files = ("--authorities", EXAMPLES / "authorities.csv", "--institutions", EXAMPLES / "institutions.csv")
    system.command("organisations", "load", *map(str, files))
    system.command("staff", "load", str(EXAMPLES / "staff.csv"))
    yield system
    system.close()


def told(system: System) -> list[dict]:
    """What stands in the outbox of `accounts`, in its order."""
    engine = make_engine(system.database_url("accounts"))
    with engine.connect() as connection:
        found = [json.loads(row) for row in connection.scalars(select(outbox.c.envelope).order_by(outbox.c.position))]
    engine.dispose()
    return found


def test_every_record_is_told_once_with_what_its_last_news_said(system: System):
    """A consumer that starts there has what one has that heard everything."""
    before = told(system)
    said = system.command("outbox", "snapshot", "accounts").stdout
    after = told(system)[len(before) :]
    kinds = {accounts.CONTACT_SNAPSHOT, accounts.STAFF_SNAPSHOT, accounts.ORGANISATION_SNAPSHOT}
    records = Counter(event["aggregate"] for event in after)
    assert set(records) == {event["aggregate"] for event in before}
    assert set(records.values()) == {1}
    for kind in kinds:
        assert f"{kind.name}: {sum(event['type'] == kind.name for event in after)} told" in said
    changed = {
        accounts.CONTACT_CHANGED.name: accounts.CONTACT_CHANGED,
        accounts.STAFF_CHANGED.name: accounts.STAFF_CHANGED,
    }
    last = {event["aggregate"]: event for event in before if event["type"] in changed}
    compared = 0
    with keys_of(system.keys_dir):
        for event in after:
            assert event["sequence"] == 1 + sum(each["aggregate"] == event["aggregate"] for each in before)
            news = last.get(event["aggregate"])
            if news is not None:
                kind = next(kind for kind in kinds if kind.name == event["type"])
                assert schema_of(kind).load(event["data"]) == schema_of(changed[news["type"]]).load(news["data"])
                assert event["province"] == news["province"]
                compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["accounts", "--aggregate", "weather"], 2, "contact, staff, organisation"),
        (["accounts", "--id", "0193a1f0-0000-7000-8000-000000000001"], 2, "--aggregate"),
        (["accounts", "--aggregate", "staff", "--id", "0193a1f0-0000-7000-8000-000000000001"], 1, "staff_unknown"),
        (["review"], 2, "no snapshots"),
        (["weather"], 2, "unknown: weather"),
    ],
)
def test_what_can_not_be_told_is_refused_in_words(system: System, arguments: list[str], status: int, said: str):
    refused = system.command("outbox", "snapshot", *arguments, check=False)
    assert refused.returncode == status
    assert said in " ".join(refused.stderr.replace("│", "").split())
    assert "Traceback" not in refused.stderr


def test_the_in_process_bus_has_no_door_for_one_consumer(system: System):
    refused = system.command(
        "outbox", "publish-again", "accounts", "--everything", "--consumer", "notices", check=False
    )
    assert refused.returncode == 2
    assert "--consumer" in refused.stderr
