"""A year's calendar that is published while the service runs: no release, no restart (design D16)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from commands.journey.api import wait_for
from shared.platform.working_days import WorkingDays, YearTable, published_years
from tests.support.deployment import Deployment

LIBRARY = WorkingDays(published_years())


def table_of(year: int) -> YearTable:
    """A calendar unlike the expected one: the first two weeks of January are off."""
    return YearTable(frozenset(date(year, 1, day) for day in range(1, 15)), frozenset())


def test_provisional_deadlines_are_counted_again_once_when_the_year_is_published(
    deployment: Deployment, tmp_path: Path
) -> None:
    """行政许可法 art.82: what was counted on the expected days moves with the published ones, and stays then."""
    year = max(LIBRARY.published_through + 1, deployment.today().year + 1)
    deployment.advance_days(max(0, (date(year - 1, 12, 20) - deployment.today()).days))
    doctor = deployment.accepted()
    officer = deployment.officer()
    case_id = officer.task_of(doctor.application["number"])["case_id"]

    def decision() -> dict[str, Any]:
        case = officer.api.get(f"/cases/{case_id}")
        clock: dict[str, Any] = next(item for item in case["clocks"] if item["name"] == "decision")
        return clock | {"version": case["version"]}

    before = decision()
    assert before["provisional"]
    years = range(LIBRARY.published_through + 1, year + 1)
    for each in years:
        file = tmp_path / f"{each}.toml"
        days = ", ".join(day.isoformat() for day in sorted(table_of(each).holidays))
        file.write_text(f"year = {each}\nholidays = [{days}]\nworkdays = []\n", encoding="utf-8")
        deployment.system.command("calendar", "load", str(file))

    def settled() -> dict[str, Any] | None:
        now = decision()
        return None if now["provisional"] else now

    after = wait_for("the deadline on the published calendar", settled)
    published = WorkingDays(published_years() | {each: table_of(each) for each in years})
    started_on, due_on = (date.fromisoformat(before[name]) for name in ("started_on", "due_on"))
    expected = published.add(started_on, LIBRARY.between(started_on, due_on))
    assert (after["due_on"], expected.provisional) == (expected.date.isoformat(), False)
    assert after["due_on"] > before["due_on"]
    wait_for("the applicant's own view", lambda: doctor.timeline()["act_until"] == after["due_on"] or None)
    entries = [item["action"] for item in doctor.timeline()["entries"]]
    assert entries.count("recompute_deadlines") == 1
    assert decision()["version"] == after["version"]  # once: the timer finds nothing more to count
