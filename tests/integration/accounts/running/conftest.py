"""Deployments whose exam results are published, and a second year's that wait behind closed gates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from commands.exam_cohort.generator import generate
from commands.exam_cohort.manifest import write_manifest
from commands.journey.api import wait_for
from tests.support.deployment import Deployment, deployed
from tests.support.postgres import Postgres
from tests.support.processes import System
from tests.support.rabbitmq import rabbitmq

from .world import WAITING_YEAR, Waiting

EVERYWHERE = ["embedded", pytest.param("distributed", marks=[pytest.mark.broker, pytest.mark.postgres])]


@pytest.fixture(scope="session", params=EVERYWHERE)
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres
) -> Iterator[Deployment]:
    """One deployment a kind; tests take candidates of their own. A fault in its log fails the run."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        with deployed(System.embedded(folder / "system"), folder, size=400) as running:
            yield running
            faults = running.system.faults()
    else:
        with rabbitmq() as broker:
            system = System.distributed(broker.uri, postgres_server.server_url, folder / "system")
            with deployed(system, folder, size=400) as running:
                yield running
                faults = running.system.faults()
    assert not faults, f"{len(faults)} faults were logged, the first: {faults[0]}"


@pytest.fixture(scope="session")
def waiting(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    """Results of another year: imported, matched and released, while every region's gate is closed."""
    folder: Path = tmp_path_factory.mktemp("waiting")
    cohort = generate(120, seed=8, year=WAITING_YEAR, round_=1)
    cohort.write(folder / "cohort.csv")
    write_manifest(cohort, folder / "cohort.json")
    examiner = deployment.examiner()
    batch = examiner.deliver_results((folder / "cohort.csv").read_bytes(), WAITING_YEAR, 1)

    def imported() -> bool | None:
        return examiner.api.get(f"/exam-batches/{batch['id']}")["state"] == "UPDATED" or None

    wait_for("the import", imported, within=120)
    # The operator's plan: without one the policy opens the gates a week after the release, while other tests go on.
    later = datetime.combine(deployment.today() + timedelta(days=300), time.min, UTC)
    examiner.api.post("/gates", {"region": "*", "year": WAITING_YEAR, "round": 1, "planned_at": later.isoformat()})
    released = examiner.api.get(f"/exam-batches/{batch['id']}")
    examiner.api.post(f"/exam-batches/{batch['id']}/publication", version=released["version"])
    return Waiting(folder / "cohort.csv", folder / "cohort.json")


@pytest.fixture(autouse=True)
def next_day(deployment: Deployment) -> None:
    """Each test begins on a day of its own: what an earlier one used up of a limit has run out."""
    deployment.advance_days(1)
