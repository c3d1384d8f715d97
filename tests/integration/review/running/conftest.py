"""A running deployment in which licences may be lost and authorities changed without disturbing other tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from commands.journey.cast import Login, Organisation
from tests.integration.review.running.registry import Registry
from tests.support.deployment import Deployment, deployed
from tests.support.processes import System


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Every service in one process. A fault in its log fails the run."""
    folder = tmp_path_factory.mktemp("review")
    system = System.embedded(folder / "system", CALENDAR_DIR=str(folder / "calendar"))
    with deployed(system, folder, size=300) as running:
        yield running
        faults = running.system.faults()
    assert not faults, f"{len(faults)} faults were logged, the first: {faults[0]}"


@pytest.fixture(autouse=True)
def next_day(deployment: Deployment) -> None:
    """Each test begins on a day of its own: what an earlier one used up of a limit has run out."""
    deployment.advance_days(1)


@pytest.fixture(scope="session")
def registry(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The organisations' files."""
    return Registry(deployment.system, tmp_path_factory.mktemp("registry"))


@pytest.fixture
def clinic(deployment: Deployment, registry: Registry) -> Organisation:
    """A new hospital of 430102 with a clerk, approved by the county."""
    place, login = registry.found(authority="AUTH-430102")
    cast = deployment.cast
    deployment.cast = replace(
        cast,
        institutions=(*cast.institutions, place),
        logins=(*cast.logins, Login(login, registry.PASSWORD, "clerk", place.licence_number)),
    )
    return place
