"""A stored file lives as long as a record refers to it, whatever is uploaded, forgotten or dies in between."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.applications.domain.days import add_days
from services.applications.file_adoption import take_over
from services.applications.file_removal import remove_unless_needed
from services.applications.models import ApplicationRow, FileCheckRow, MaterialRow
from services.applications.repository.stored_files import GRACE, due_checks
from services.applications.unit_of_work import SERVICE, ApplicationsUnitOfWork
from shared.platform.config import load_deployment
from shared.platform.crypto import storage_ring, transport_box
from shared.platform.database import Database, WorkContext
from shared.platform.errors import NotFound
from shared.platform.files import FileStore, Received
from shared.platform.ids import new_id
from shared.platform.timers import each_due
from tests.integration.applications.records import in_register
from tests.integration.applications.test_repository import a_certificate
from tests.unit.applications.factories import NOW, TODAY, a_material, an_application

LIMIT = 1000
CONTENTS = (b"one", b"two", b"three")
DRAFTS, KINDS = 3, ("photo", "employment_proof")


class Death(BaseException):
    """The process dies: nothing of ours catches it, what was not committed is gone."""


class DyingStore(FileStore):
    """A store whose process dies in the middle of a removal: after `steps` of the two files."""

    steps: int | None = None

    def remove(self, address: str) -> None:
        if self.steps is None:
            super().remove(address)
            return
        path = self._path(address)
        for file in (path.with_name(f"{path.name}.key"), path)[: self.steps]:
            file.unlink(missing_ok=True)
        raise Death


@dataclass
class Desk:
    """What the service does with files, each step in transactions as the service has them."""

    database: Database
    store: DyingStore
    folder: Path
    now: datetime = NOW
    drafts: list[UUID] = field(default_factory=list)

    def unit(self, *, read_only: bool = False) -> ApplicationsUnitOfWork:
        context = WorkContext(SERVICE, "test", "operator:test", str(new_id()))
        return ApplicationsUnitOfWork(self.database, context, read_only=read_only)

    def commit(self, work: Callable[[ApplicationsUnitOfWork], Any]) -> None:
        with self.unit() as uow:
            work(uow)
            uow.commit()

    def begin(self) -> None:
        for _ in range(DRAFTS):
            number, person = f"ZC{new_id().hex[-12:]}", new_id()
            draft = an_application(id=new_id(), number=number, person_id=person, materials=(), keeps_until=TODAY)
            self.commit(lambda uow, draft=draft: uow.applications.add(draft))
            self.drafts.append(draft.id)

    def upload(self, draft: int, kind: str, content: bytes, *, dies: str = "") -> None:
        received = self.store.incoming.receive(io.BytesIO(content), LIMIT)
        self.commit(lambda uow: uow.stored_files.look_again([self.store.address_of(received.digest)], self.now))
        if dies == "before adoption":
            return
        self.adopt(draft, kind, received, dies=dies)

    def adopt(self, draft: int, kind: str, received: Received, *, dies: str = "") -> None:
        stored = self.store.adopt(received)
        if dies:
            return
        with self.unit() as uow:
            row = uow.session.get(ApplicationRow, self.drafts[draft])
            if row is None:
                return
            material = a_material(kind, address=stored.address, at=self.now)
            freed = uow.applications.save_material(uow.applications.get(row.id), material)
            uow.stored_files.look_again(freed, self.now)
            uow.commit()

    def submit(self, draft: int) -> None:
        def submitted(uow: ApplicationsUnitOfWork) -> None:
            row = uow.session.get(ApplicationRow, self.drafts[draft])
            if row is not None:
                row.submission = 1

        self.commit(submitted)

    def purge(self, draft: int) -> None:
        with self.unit() as uow:
            freed = uow.applications.remove_draft(self.drafts[draft], add_days(TODAY, 1))
            if freed is not None:
                uow.stored_files.look_again(freed, self.now)
                uow.commit()

    def close(self, draft: int) -> None:
        self.commit(
            lambda uow: uow.stored_files.look_again(uow.applications.forget_materials(self.drafts[draft]), self.now)
        )

    def sweep(self, dies_after: int | None = None) -> None:
        self.store.steps = dies_after

        def handle(uow: ApplicationsUnitOfWork, row: FileCheckRow) -> None:
            remove_unless_needed(uow, self.store, row)

        try:
            each_due(self.unit, "remove", due_checks(self.now), key=FileCheckRow.address, handle=handle)
        except Death:
            pass
        finally:
            self.store.steps = None

    def referred_to(self) -> set[str]:
        with self.unit(read_only=True) as uow:
            return set(uow.session.scalars(select(MaterialRow.address)))

    def on_disk(self) -> set[str]:
        return {path.name.removesuffix(".key") for path in self.folder.rglob("*") if path.is_file()}

    def settle(self) -> None:
        """Everything that was under way is over, and the timer has run."""
        self.now += GRACE + timedelta(seconds=1)
        self.sweep()


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    deployment = replace(load_deployment(), files_dir=tmp_path / "files")
    store = DyingStore(SERVICE, deployment, storage_ring(SERVICE), transport_box())
    return Desk(database, store, deployment.files_dir / SERVICE)


drafts, contents = st.integers(0, DRAFTS - 1), st.sampled_from(CONTENTS)
steps = st.one_of(
    st.tuples(st.just("upload"), drafts, st.sampled_from(KINDS), contents),
    st.tuples(st.just("upload"), drafts, st.sampled_from(KINDS), contents),
    st.tuples(st.just("dying upload"), drafts, contents, st.sampled_from(["before adoption", "before commit"])),
    st.tuples(st.just("submit"), drafts),
    st.tuples(st.just("purge"), drafts),
    st.tuples(st.just("close"), drafts),
    st.tuples(st.just("time"), st.sampled_from([timedelta(minutes=20), GRACE + timedelta(seconds=1)])),
    st.tuples(st.just("sweep"), st.sampled_from([None, None, 0, 1, 2])),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=20))
def test_what_is_referred_to_can_be_read_and_in_the_end_nothing_else_is_there(desk: Desk, history: list[Any]) -> None:
    """Domain §10.1 (PIPL art.6, 19): kept as long as needed, no longer; a crash at any point changes neither."""
    desk.drafts.clear()
    desk.begin()
    acts: dict[str, Callable[..., None]] = {
        "upload": desk.upload,
        "dying upload": lambda draft, content, dies: desk.upload(draft, "photo", content, dies=dies),
        "submit": desk.submit,
        "purge": desk.purge,
        "close": desk.close,
        "time": lambda by: setattr(desk, "now", desk.now + by),
        "sweep": desk.sweep,
    }
    for name, *said in history:
        acts[name](*said)
        for address in desk.referred_to():
            assert desk.store.read(address) in CONTENTS
    desk.settle()
    assert desk.on_disk() == desk.referred_to()
    with desk.unit(read_only=True) as uow:
        assert uow.session.scalars(select(FileCheckRow)).all() == []


def test_an_upload_that_finds_the_file_there_keeps_it_from_being_removed(desk: Desk) -> None:
    """The same content, forgotten long ago and uploaded anew just when its removal is due."""
    desk.begin()
    desk.upload(0, "photo", b"one")
    desk.purge(0)
    desk.now += GRACE + timedelta(seconds=1)
    received = desk.store.incoming.receive(io.BytesIO(b"one"), LIMIT)
    address = desk.store.address_of(received.digest)
    desk.commit(lambda uow: uow.stored_files.look_again([address], desk.now))
    desk.sweep()
    assert desk.store.read(address) == b"one"
    desk.adopt(1, "photo", received)
    desk.settle()
    assert desk.store.read(address) == b"one"


def test_an_upload_after_the_removal_writes_the_file_anew(desk: Desk) -> None:
    """Even where the removal died half-way: the envelope gone, the content not."""
    desk.begin()
    desk.upload(0, "photo", b"one")
    address = next(iter(desk.referred_to()))
    desk.purge(0)
    desk.now += GRACE + timedelta(seconds=1)
    desk.sweep(dies_after=1)
    with pytest.raises(NotFound):
        desk.store.read(address)
    desk.upload(1, "photo", b"one")
    desk.sweep()
    desk.settle()
    assert desk.store.read(address) == b"one"


@pytest.mark.parametrize("dies", [True, False])
def test_a_document_goes_unless_a_certificate_came_to_name_it(desk: Desk, dies: bool) -> None:
    """The process that made it may die between the taking over and the saving; a later one makes another."""
    received = desk.store.incoming.receive(io.BytesIO(b"a signed document"), LIMIT)
    stored = take_over(desk.unit, desk.store, received, desk.now)
    assert desk.store.read(stored.address) == b"a signed document"
    if not dies:
        with desk.unit() as uow:
            registration = in_register(uow)
            certificate = a_certificate(registration.id, registration.person_id, registration.practice_code)
            uow.certificates.add(certificate.with_document({"address": stored.address, "size": stored.size}))
            uow.commit()
    desk.settle()
    assert desk.on_disk() == (set() if dies else {stored.address})


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_two_replicas_never_remove_one_file_at_once(desk: Desk) -> None:
    """Design D18: what one holds is passed over by the other."""
    desk.begin()
    desk.upload(0, "photo", b"one")
    desk.purge(0)
    desk.now += GRACE + timedelta(seconds=1)
    seen: list[int] = []

    def other_replica() -> None:
        seen.append(each_due(desk.unit, "other", due_checks(desk.now), key=FileCheckRow.address, handle=removed))

    def held(uow: ApplicationsUnitOfWork, row: FileCheckRow) -> None:
        other = threading.Thread(target=other_replica)
        other.start()
        other.join(20)
        removed(uow, row)

    def removed(uow: ApplicationsUnitOfWork, row: FileCheckRow) -> None:
        remove_unless_needed(uow, desk.store, row)

    assert each_due(desk.unit, "remove", due_checks(desk.now), key=FileCheckRow.address, handle=held) == 1
    assert seen == [0]
    assert desk.on_disk() == set()
