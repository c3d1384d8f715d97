"""A licence that ends while the system runs: nobody acts, and it is told once, whatever number of replicas there is."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM
from uuid import UUID

import pytest

from tests.support.deployment import EXAMPLES, Deployment
from tests.support.processes import ServiceProcess, eventually, free_port, wait_until

from .world import count, sql

LICENCE = "99900030443010211A1001"
TOLD = "SELECT count(*) FROM outbox WHERE type = 'accounts.licence_status_changed.v1' AND aggregate = :aggregate"


@pytest.fixture
def replica(deployment: Deployment, tmp_path: Path) -> Iterator[None]:
    """A second process of the service where services have processes of their own."""
    if deployment.system.is_embedded:
        yield
        return
    environment = deployment.system.environment | {"ADMIN_PORT": str(free_port())}
    second = ServiceProcess("accounts", environment, tmp_path / "accounts-2.log")
    second.start(["accounts"])
    try:
        wait_until(second.is_ready, 60, lambda: f"the second replica did not get ready:\n{second.tail()}")
        yield
    finally:
        assert second.end(SIGTERM) == 0, second.tail()


def enter(deployment: Deployment, folder: Path, **changes: str) -> str:
    """Load one institution like the example hospital under a licence of its own; the command's report."""
    with (EXAMPLES / "institutions.csv").open(encoding="utf-8", newline="") as file:
        line = next(csv.DictReader(file)) | {"licence_number": LICENCE, "credit_code": "", "name": "湘岳示例医院分院"}
    path = folder / "institution.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, line)
        writer.writeheader()
        writer.writerow(line | changes)
    return deployment.system.command("organisations", "load", "--institutions", str(path), "--verbose").stdout


def status_of(deployment: Deployment) -> str:
    return str(sql(deployment, "SELECT licence_status FROM institutions WHERE licence_number = :n", n=LICENCE)[0][0])


@pytest.mark.usefixtures("replica")
def test_a_licence_past_its_last_day_is_told_once(deployment: Deployment, tmp_path: Path) -> None:
    """E45: suspended from the day after, and the same file again doesn't make it valid; a renewal does."""
    last_day = deployment.today() + timedelta(days=1)
    assert "1 created" in enter(deployment, tmp_path, licence_valid_to=last_day.isoformat())
    ((institution_id,),) = sql(deployment, "SELECT id FROM institutions WHERE licence_number = :n", n=LICENCE)
    told = {"aggregate": f"organisation:{UUID(str(institution_id))}"}

    deployment.advance_days(1)
    assert status_of(deployment) == "valid"
    deployment.advance_days(1)
    eventually(lambda: status_of(deployment) == "suspended", within=90)
    assert "1 unchanged" in enter(deployment, tmp_path, licence_valid_to=last_day.isoformat())
    assert count(deployment, TOLD, **told) == 1

    renewed = (last_day + timedelta(days=3650)).isoformat()
    enter(deployment, tmp_path, licence_valid_to=renewed)
    assert (status_of(deployment), count(deployment, TOLD, **told)) == ("valid", 2)
