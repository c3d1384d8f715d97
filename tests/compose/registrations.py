"""What must be true of a registration in all databases, whatever happened meanwhile."""

from __future__ import annotations

from collections import Counter
from typing import Any

from commands.journey.api import wait_for
from commands.services import SERVICES
from tests.compose.containers import Province

WITH_DATABASE = tuple(service for service in SERVICES if service != "gateway")
UNSETTLED = """
SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS outbox,
       (SELECT count(*) FROM inbox WHERE status <> 'APPLIED') AS inbox,
       (SELECT count(*) FROM failed_item) AS failed_items
"""


def assert_registered_exactly_once(province: Province, doctor: Any) -> None:
    """One registration, one certificate, one case, and each message once, in the databases themselves."""
    application = doctor.application["id"]
    wait_for(
        "the message of the registration",
        lambda: next((True for item in doctor.messages() if item["template"] == "approved"), None),
        within=90,
    )
    registrations = f"registrations WHERE application_id = '{application}'"
    assert _count(province, "applications", registrations) == 1
    certificates = f"certificates WHERE registration_id IN (SELECT id FROM {registrations})"
    assert _count(province, "applications", certificates) == 1
    assert _count(province, "review", f"cases WHERE application_id = '{application}'") == 1
    told = province.rows("notices", f"SELECT recipient, template FROM messages WHERE application_id = '{application}'")
    times = Counter((row["recipient"], row["template"]) for row in told)
    assert times
    assert set(times.values()) == {1}, times


def assert_nothing_waits(province: Province) -> None:
    """Every event has left its outbox and was applied once by each follower; nothing is parked or given up."""

    def unsettled() -> dict[str, int]:
        found = {
            f"{service}: {place}": count
            for service in WITH_DATABASE
            for place, count in province.rows(service, UNSETTLED)[0].items()
        }
        return {name: count for name, count in found.items() if count}

    wait_for("all news to arrive", lambda: None if unsettled() else True, within=90, every=1.0)


def _count(province: Province, service: str, what: str) -> int:
    return int(province.rows(service, f"SELECT count(*) AS n FROM {what}")[0]["n"])
