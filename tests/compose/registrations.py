"""A registration as separate acts, and what must be true of it in all databases whatever happened meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from commands.journey.api import wait_for
from commands.services import SERVICES
from tests.compose.containers import Province
from tests.support.deployment import Deployment

WITH_DATABASE = tuple(service for service in SERVICES if service != "gateway")


def acts(deployment: Deployment, doctor: Any) -> list[Callable[[], object]]:
    """From the open account to the certificate's document."""
    place = deployment.hospital()
    number = lambda: doctor.application["number"]  # noqa: E731  # read when the act runs
    return [
        doctor.log_in,
        doctor.be_recognised,
        doctor.bind_phone,
        doctor.activate,
        doctor.start,
        lambda: doctor.fill_in(deployment.institution_id(place), ["C01"], deployment.today()),
        doctor.upload,
        doctor.submit,
        lambda: deployment.clerk(place).decide(number(), "confirm", step="confirm"),
        lambda: deployment.officer("window", place).receive_paper(number()),
        lambda: deployment.officer("window", place).decide(number(), "accept", step="accept"),
        lambda: deployment.officer("officer", place).decide(number(), "approve", step="decide"),
        lambda: doctor.wait_until("CERT_ISSUED", "EFFECTIVE", within=120),
        lambda: doctor.certificate(within=180),
    ]


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
        found = {}
        for service in WITH_DATABASE:
            found[f"{service}: in the outbox"] = _count(province, service, "outbox WHERE published_at IS NULL")
            found[f"{service}: in the inbox"] = _count(province, service, "inbox WHERE status <> 'APPLIED'")
            found[f"{service}: failed items"] = _count(province, service, "failed_item")
        return {name: count for name, count in found.items() if count}

    wait_for("all news to arrive", lambda: None if unsettled() else True, within=90, every=1.0)


def _count(province: Province, service: str, what: str) -> int:
    return int(province.rows(service, f"SELECT count(*) AS n FROM {what}")[0]["n"])
