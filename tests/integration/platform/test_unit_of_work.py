"""One transaction: all of it or nothing, one at a time a green thread, nothing waited for inside (design D5)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import String, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.platform.bus.guard import require_waiting_allowed
from shared.platform.engine import Database, database_away
from shared.platform.errors import Conflict, Unavailable
from shared.platform.events import Envelope
from shared.platform.ids import new_id
from shared.platform.outbox import News
from shared.platform.platform_tables import outbox
from shared.platform.rows import COLUMN_TYPES, new_metadata, save_versioned
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import CHANGED, SEEN
from tests.support.postgres import Postgres


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
CONTEXT = WorkContext.of_service("review", "test", correlation_id="c-1", causation_id="m-1")


class NoteRow(Base):
    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(40), unique=True)
    written_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]


class NotesUnit(UnitOfWork):
    def open(self) -> None:
        self.opened = True


@pytest.fixture
def notes(database: Database) -> Database:
    Base.metadata.create_all(database.engine)
    return database


def a_note(**values: Any) -> NoteRow:
    given = {"id": new_id(), "version": 1, "title": "甲", "written_at": datetime.now(UTC), "facts": {}} | values
    return NoteRow(**given)


def titles(database: Database) -> list[str]:
    with UnitOfWork(database, CONTEXT, read_only=True) as uow:
        return sorted(uow.session.scalars(select(NoteRow.title)))


def test_leaving_without_commit_undoes_change_and_news(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.session.add(a_note())
        uow.announce(CHANGED, aggregate_id=new_id(), data={"number": 1}, province="43")
    with pytest.raises(Conflict):
        _write_and_refuse(notes)
    assert titles(notes) == []
    with UnitOfWork(notes, CONTEXT, read_only=True) as uow:
        assert uow.session.execute(select(outbox)).all() == []


def _write_and_refuse(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.session.add(a_note())
        raise Conflict("case_changed")


def test_a_commit_keeps_change_and_news_and_wakes_the_relay(notes: Database) -> None:
    woken: list[bool] = []
    notes.when_announced(lambda: woken.append(True))
    with NotesUnit(notes, CONTEXT) as uow:
        assert uow.opened
        uow.session.add(a_note())
        uow.commit()
    assert woken == []
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.announce(CHANGED, aggregate_id=new_id(), data={"number": 1}, province="43")
        uow.commit()
    assert woken == [True]
    assert titles(notes) == ["甲"]


def test_one_unit_commits_once(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.commit()
        with pytest.raises(RuntimeError, match="commits once"):
            uow.commit()
        with pytest.raises(RuntimeError, match="commits once"):
            uow.announce(CHANGED, aggregate_id=new_id(), data={"number": 1}, province="43")


def test_a_unit_that_reads_can_not_write(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT, read_only=True) as uow:
        with pytest.raises(RuntimeError, match="only reads"):
            uow.commit()
        with pytest.raises(DBAPIError):
            uow.session.execute(text("DELETE FROM note"))


def test_a_second_unit_inside_the_first_is_refused(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT), pytest.raises(RuntimeError, match="open already"):
        UnitOfWork(notes, CONTEXT).__enter__()
    assert titles(notes) == []


def test_a_unit_of_work_never_waits(notes: Database) -> None:
    require_waiting_allowed("a call")
    with UnitOfWork(notes, CONTEXT), pytest.raises(RuntimeError, match="inside a unit of work"):
        require_waiting_allowed("a call")
    with pytest.raises(Conflict), UnitOfWork(notes, CONTEXT):
        raise Conflict("case_changed")
    require_waiting_allowed("a call")


def test_a_savepoint_undoes_only_its_own(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.session.add(a_note(title="甲"))
        uow.session.flush()
        with pytest.raises(IntegrityError), uow.savepoint():
            uow.session.execute(insert(NoteRow).values(id=new_id(), version=1, title="甲", written_at=NOW, facts={}))
        uow.session.add(a_note(title="乙"))
        uow.commit()
    assert titles(notes) == ["乙", "甲"]


def test_only_the_holder_commits(notes: Database) -> None:
    with UnitOfWork(notes, CONTEXT) as uow:
        with uow.held_by("the inbox"), pytest.raises(RuntimeError, match="the inbox commits"):
            uow.commit()
        uow.commit()


def test_moments_are_aware_and_facts_keep_their_form(notes: Database) -> None:
    china = timezone(timedelta(hours=8))
    row = a_note(written_at=datetime(2026, 11, 23, 8, 30, tzinfo=china), facts={"名": ["𠮷", 1, None]})
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.session.add(row)
        uow.commit()
    with UnitOfWork(notes, CONTEXT, read_only=True) as uow:
        read = uow.session.get_one(NoteRow, row.id)
        assert read.written_at == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
        assert read.written_at.utcoffset() == timedelta()
        assert read.facts == {"名": ["𠮷", 1, None]}
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.session.add(a_note(written_at=datetime(2026, 11, 23), title="乙"))  # noqa: DTZ001 - that is the point
        with pytest.raises(StatementError, match="without a time zone"):
            uow.commit()


def test_a_save_by_an_old_version_is_a_conflict(notes: Database) -> None:
    row = a_note()
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.session.add(row)
        uow.commit()
    with UnitOfWork(notes, CONTEXT) as uow:
        assert save_versioned(uow.session, NoteRow, row.id, 1, {"title": "乙"}, "note_changed") == 2
        uow.commit()
    with pytest.raises(Conflict, match="note_changed"), UnitOfWork(notes, CONTEXT) as uow:
        save_versioned(uow.session, NoteRow, row.id, 1, {"title": "丙"}, "note_changed")
    assert titles(notes) == ["乙"]


def test_writers_of_one_process_take_turns_and_lose_nothing(notes: Database) -> None:
    failures: list[BaseException] = []
    case = new_id()

    def write(number: int) -> None:
        try:
            with UnitOfWork(notes, CONTEXT) as uow:
                uow.session.add(a_note(title=str(number)))
                uow.announce(CHANGED, aggregate_id=case, data={"number": number}, province="43")
                uow.commit()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with UnitOfWork(notes, CONTEXT, read_only=True) as uow:
        rows = uow.session.execute(select(outbox.c.sequence).order_by(outbox.c.position)).scalars().all()
    assert rows == list(range(1, 21))  # dense, and in the order of the positions


def test_news_carries_its_context_and_is_of_its_types_form(notes: Database) -> None:
    case = new_id()
    with UnitOfWork(notes, CONTEXT) as uow:
        uow.announce(CHANGED, aggregate_id=case, data={"number": 7}, province="43")
        uow.announce(CHANGED, aggregate_id=case, data={"number": 8}, province="43")
        with pytest.raises(TypeError, match="number"):
            uow.announce(CHANGED, aggregate_id=case, data={}, province="43")
        with pytest.raises(TypeError, match="colour"):
            uow.announce(CHANGED, aggregate_id=case, data={"number": 1, "colour": "red"}, province="43")
        with pytest.raises(ValueError, match="its owner does"):
            uow.announce(SEEN, aggregate_id=case, data={"number": 1}, province="43")
        with pytest.raises(ValueError, match="twice"):
            uow.announce_all(CHANGED, [News(case, {"number": 1}, "43"), News(case, {"number": 2}, "43")])
        uow.commit()
    with UnitOfWork(notes, CONTEXT, read_only=True) as uow:
        rows = uow.session.scalars(select(outbox.c.envelope).order_by(outbox.c.position)).all()
    first, second = (Envelope.read(row) for row in rows)
    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.type, first.aggregate, first.aggregate_id) == (CHANGED.name, f"case:{case}", case)
    assert (first.actor, first.correlation_id, first.causation_id) == ("service:review", "c-1", "m-1")
    assert (first.origin, first.province, first.data) == ("test", "43", {"number": 7})
    assert first.id < second.id


def test_a_database_that_is_away_is_unavailable_and_a_wrong_statement_is_not(notes: Database) -> None:
    with pytest.raises(DBAPIError) as wrong, UnitOfWork(notes, CONTEXT) as uow:
        uow.session.execute(text("SELECT * FROM no_such_table"))
    assert not database_away(wrong.value)
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    away = Database("review", nowhere, pool_size=1)
    with pytest.raises(Unavailable), UnitOfWork(away, CONTEXT) as uow:
        uow.session.execute(text("SELECT 1"))
    away.close()


@pytest.mark.postgres
@pytest.mark.parametrize("read_only", [True, False])
def test_a_server_that_goes_away_after_the_last_statement_takes_nobody_with_it(
    postgres_server: Postgres, read_only: bool
) -> None:
    """What was read stays read: there is nothing to undo that the server has not undone, and the next unit works."""
    url = postgres_server.create_database()
    database, operators = Database("review", url, pool_size=1), Database("review", url, pool_size=1)
    with UnitOfWork(database, CONTEXT, read_only=read_only) as uow:
        backend = uow.session.scalar(text("SELECT pg_backend_pid()"))
        with operators.engine.connect() as operator:
            assert operator.scalar(text(f"SELECT pg_terminate_backend({backend}, 5000)"))
    with UnitOfWork(database, CONTEXT, read_only=read_only) as uow:
        assert uow.session.scalar(text("SELECT pg_backend_pid()")) != backend
    assert database.engine.pool.status().count("Current Checked out connections: 0") == 1
    database.close()
    operators.close()


def test_an_error_shows_no_parameters(notes: Database) -> None:
    """What was written may be personal data, and an exception's text reaches logs."""
    secret = "430199199001011234"
    with UnitOfWork(notes, CONTEXT) as uow:
        nameless = insert(NoteRow).values(id=new_id(), version=None, title=secret, written_at=NOW, facts={})
        with pytest.raises(IntegrityError) as caught:
            uow.session.execute(nameless)
    told_by_us, _, _ = str(caught.value).partition("DETAIL")
    assert secret not in told_by_us
