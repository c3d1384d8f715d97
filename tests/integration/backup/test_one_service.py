"""One service's database alone from an older backup: caught up as a consumer, compared and closed as an owner."""

from __future__ import annotations

import pytest

from commands.backups.places import KEEPERS, followed
from commands.journey.api import ApiProblem, wait_for
from tests.integration.backup.conftest import cursors, given_out, rows
from tests.integration.backup.journeys import assert_happened_exactly_once, assert_registered_once, case_state, finish

pytestmark = [pytest.mark.broker, pytest.mark.postgres, pytest.mark.slow]


def applied(system, service, own):
    """Whether a service has applied all news that it follows."""
    kinds = {
        f"{owner}/{event.aggregate}" for owner in KEEPERS if owner != service for event in followed(service, owner)
    }
    mine = cursors(system, service)
    return all(mine.get(stream, 0) == own[stream] for stream in own if stream.partition(":")[0] in kinds)


def quiet(system):
    """Wait until every service has applied all news that it follows."""

    def settled():
        own = given_out(system)
        return all(applied(system, service, own) for service in KEEPERS) or None

    wait_for("the news to be applied", settled, within=30)


def test_a_consumer_is_caught_up_from_what_the_owners_keep(running, tmp_path):
    """Notices, from a backup taken before a whole journey: afterwards it has every message of it, each once."""
    system = running.system
    doctor = running.drafted()
    quiet(system)
    system.command("backup", "write", str(tmp_path / "backup"))
    finish(running, doctor)
    quiet(system)
    own = given_out(system)
    written = "SELECT recipient, template, application_id FROM messages ORDER BY 1, 2, 3"
    messages = rows(system, "notices", written)

    in_use = system.command(
        "backup", "restore", str(tmp_path / "backup"), "--service", "notices", "--replace", check=False
    )
    assert in_use.returncode == 1
    assert "stop the service first" in in_use.stderr
    system.stop("notices")
    system.command("backup", "restore", str(tmp_path / "backup"), "--service", "notices", "--replace")
    assert rows(system, "notices", written) != messages
    system.start("notices")
    wait_for("notices to be caught up", lambda: applied(system, "notices", own) or None, within=60)
    assert rows(system, "notices", written) == messages


def test_an_owner_keeps_exactly_what_others_know_further_closed_until_it_is_settled(running, tmp_path):
    """Review, from a backup taken before one of two cases went on: that one is refused, the other is decided."""
    system = running.system
    moved, untouched = running.submitted(), running.submitted()
    for doctor in (moved, untouched):
        wait_for("the case", lambda doctor=doctor: case_state(system, doctor) == "ORG_REVIEW" or None)
    quiet(system)
    system.command("backup", "write", str(tmp_path / "backup"))
    number = moved.reload()["number"]
    running.clerk().decide(number, "confirm", step="confirm")
    moved.wait_until("ORG_CONFIRMED", "RELEASE")
    quiet(system)

    system.stop("review")
    system.command("backup", "restore", str(tmp_path / "backup"), "--service", "review", "--replace")
    [case_id] = [
        row[0]
        for row in rows(system, "review", "SELECT id FROM cases WHERE application_id = %s", moved.application["id"])
    ]
    closed = rows(system, "review", "SELECT aggregate FROM closed_aggregate WHERE closed")
    assert closed == [(f"case:{case_id}",)]
    assert f"case:{case_id}  own #" in system.command("backup", "compare", "review").stdout

    system.start("review")
    with pytest.raises(ApiProblem) as refusal:
        running.clerk().decide(number, "confirm", step="confirm")
    assert (refusal.value.status, refusal.value.code) == (409, "aggregate_closed")
    finish(running, untouched)
    assert_happened_exactly_once(running, untouched)

    settle = ("backup", "settle", "review", f"case:{case_id}", "--as", "resumed", "--reason")
    assert system.command(*settle, " ", check=False).returncode == 1
    system.command(*settle, "材料已与医疗机构核对")
    assert rows(system, "review", "SELECT settled_as, reason FROM closed_aggregate") == [
        ("resumed", "材料已与医疗机构核对")
    ]
    assert "0 wait to be settled" in system.command("backup", "compare", "review").stdout
    finish(running, moved)
    assert_registered_once(moved)  # the step that was lost and repeated has been told twice, as it was taken twice
