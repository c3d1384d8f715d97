"""A `sync` without its bus: real database, real files, real child process; every test on SQLite and on PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from commands.services import SERVICES
from services.sync import deciding, operating
from services.sync.dependencies import CHILD_MODULE
from services.sync.domain.batch import Batch
from services.sync.importing import Importing
from services.sync.publishing import Publishing
from services.sync.repository.people import Person
from services.sync.unit_of_work import SyncUnitOfWork
from shared.platform.children import Children
from shared.platform.config import forget_settings, load_deployment
from shared.platform.crypto import forget_keys, initialise_secrets, storage_ring, transport_box
from shared.platform.database import Database, WorkContext
from shared.platform.files import FileStore
from shared.platform.migrations import upgrade
from shared.trade.policy import Policy
from shared.trade.resident_id import ResidentId
from tests.support.postgres import Postgres
from tests.support.result_files import A_ROW

ROOT = Path(__file__).parents[3]
MIGRATIONS = ROOT / "services/sync/migrations"


class Lab:
    """What a test does with the service: deliver, read, open, publish, ask."""

    def __init__(self, database: Database, children: Children) -> None:
        self.database = database
        self.moment = datetime.now(UTC)
        deployment = load_deployment()
        self.files = FileStore("sync", deployment, storage_ring("sync"), transport_box())
        self.children = children
        self.policy = Policy.load(ROOT / "provinces", ["43"])
        self.importing = Importing(self.unit, self.files, self.children, self.policy, self.now)
        self.publishing = Publishing(self.unit, self.now)

    def now(self) -> datetime:
        return self.moment

    def later(self, **by: float) -> None:
        self.moment += timedelta(**by)

    def unit(self, *, read_only: bool = False) -> SyncUnitOfWork:
        return SyncUnitOfWork(self.database, WorkContext.of_service("sync", "test"), read_only=read_only)

    def deliver(self, content: bytes, *, year: int = 2026, round_: int = 1) -> Batch:
        received = self.files.incoming.receive(io.BytesIO(content), 10**9)
        return self.importing.start(
            year=year, round_=round_, received=received, filename="results.csv", actor="operator:test"
        )

    def read(self, content: bytes, *, year: int = 2026, round_: int = 1) -> Batch:
        """Deliver a file and read it to its end."""
        batch = self.deliver(content, year=year, round_=round_)
        while self.importing.work(1.0):
            pass
        return self.batch(batch)

    def kill_child(self) -> None:
        """End the reading child as the system would when memory runs out."""
        for child in self.children._running:
            child.process.kill()

    def batch(self, batch: Batch) -> Batch:
        with self.unit(read_only=True) as uow:
            return uow.batches.get(batch.id)

    def open_gates(self, *regions: str, year: int = 2026, round_: int = 1) -> None:
        with self.unit() as uow:
            operating.open_gates(uow, regions, year, round_, by="operator:test", now=self.moment)
            uow.commit()

    def release(self, batch: Batch) -> Batch:
        with self.unit() as uow:
            saved = operating.release_batch(uow, batch.id, uow.batches.get(batch.id).version, now=self.moment)
            uow.commit()
        return saved

    def publish(self, batch: Batch) -> Batch:
        """Release a batch and publish whatever can be."""
        self.release(batch)
        while self.publishing.work():
            pass
        return self.batch(batch)

    def undo(self, batch: Batch) -> Batch:
        with self.unit() as uow:
            saved = operating.undo_batch(uow, batch.id, uow.batches.get(batch.id).version)
            uow.commit()
        return saved

    def decide(self, record_id: Any, outcome: str) -> Batch:
        with self.unit() as uow:
            batch = deciding.decide_held(uow, record_id, outcome, decision="核字1号", now=self.moment)
            uow.commit()
        return batch

    def held(self) -> list[Any]:
        with self.unit(read_only=True) as uow:
            return uow.candidates.held_page(None, 1000)

    def person(self, id_number: str = A_ROW["id_number"], name: str = A_ROW["name"]) -> Person | None:
        with self.unit(read_only=True) as uow:
            return uow.people.find(ResidentId.parse(id_number), name)

    def qualifications(self, id_number: str = A_ROW["id_number"], name: str = A_ROW["name"]) -> list[Any]:
        person = self.person(id_number, name)
        with self.unit(read_only=True) as uow:
            return uow.qualifications.of_person(person.id) if person else []

    def news(self) -> list[str]:
        with self.database.engine.connect() as connection:
            return list(connection.execute(text("SELECT type FROM outbox ORDER BY position")).scalars())

    def dump(self) -> str:
        """Everything that stands in the database, as text."""
        found = []
        with self.database.engine.connect() as connection:
            for table in (
                "batches",
                "batch_marks",
                "refused_rows",
                "persons",
                "candidates",
                "qualifications",
                "outbox",
            ):
                found += [str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {table}"))]
        return "\n".join(found)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    """Settings, keys and files of a deployment for the tests of a module, and the child that reads files for them."""
    folder = tmp_path_factory.mktemp("sync")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ENVIRONMENT", "test")
        environment.setenv("KEYS_DIR", str(folder / "keys"))
        environment.setenv("FILES_DIR", str(folder / "files"))
        environment.delenv("CLOCK_URI", raising=False)
        initialise_secrets(folder / "keys", SERVICES)
        forget_settings()
        forget_keys()
        children = Children(CHILD_MODULE)
        yield children
        children.stop()
    forget_settings()
    forget_keys()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def lab(request: pytest.FixtureRequest, tmp_path: Path, reader: Children) -> Iterator[Lab]:
    """An empty, migrated database."""
    if request.param == "sqlite":
        (tmp_path / "db").mkdir()
        url = f"sqlite:///{tmp_path}/db/sync.db"
    else:
        url = request.getfixturevalue("postgres_server").create_database()
    upgrade(MIGRATIONS, url)
    database = Database("sync", url, pool_size=5)
    yield Lab(database, reader)
    database.close()


def states(batch: Batch) -> dict[str, int]:
    """A batch's counts, which always add up to the rows read."""
    assert sum(batch.counts.values()) == batch.done
    return batch.counts
