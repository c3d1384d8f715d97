"""The schema of `applications`: one head, equal to the models, and its own guards on both databases (design D20)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from services.applications.domain.facts import Bar
from services.applications.domain.register import Entry, Revision, opened, revise
from services.applications.models import AssessmentRow, BarRow, Base, EntryRow, RegistrationRow
from services.applications.unit_of_work import ApplicationsUnitOfWork
from shared.platform.append_only import refusal_of
from shared.platform.database import Database
from shared.platform.ids import new_id
from shared.platform.migrations import differences, heads
from shared.trade.statuses import RefusalGround, RegistrationStatus
from tests.integration.applications.conftest import MIGRATIONS, UnitOfWorkMaker
from tests.integration.applications.records import a_registration, in_register
from tests.unit.applications.factories import NOW, a_standing, an_application, an_assessment


def test_a_clean_run_from_empty_gives_what_the_models_say(database: Database):
    """No column, index or constraint stands in one place only."""
    assert len(heads(MIGRATIONS)) == 1
    assert differences(Base.metadata, database.engine) == []


@pytest.mark.parametrize(
    "statement",
    [
        update(EntryRow).values(status="CANCELLED"),
        update(EntryRow).values(valid_to=date(2030, 1, 1)),
        delete(EntryRow),
        update(AssessmentRow).values(outcomes=[]),
        delete(AssessmentRow),
        update(BarRow).values(until=date(2020, 1, 1)),
        delete(BarRow),
    ],
    ids=str,
)
def test_what_is_history_is_never_rewritten(unit_of_work: UnitOfWorkMaker, statement):
    """The database refuses, whoever asks: history, kept decisions, bans."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        application = an_application()
        uow.assessments.add(application, an_assessment(), at=NOW)
        uow.bars.add(
            registration.person_id, Bar(RefusalGround.BAN_ON_APPLICATIONS, date(2026, 1, 1), None), recorded_at=NOW
        )
        uow.commit()
    with unit_of_work() as uow, pytest.raises(IntegrityError) as refused:
        uow.session.execute(statement)
    assert refusal_of(refused.value) == "append_only"


def test_the_end_of_an_entrys_knowledge_is_written_once(unit_of_work: UnitOfWorkMaker):
    """known_to: from nothing to a moment, then never again."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        uow.session.execute(update(EntryRow).values(known_to=NOW))
        uow.commit()
    with unit_of_work() as uow, pytest.raises(IntegrityError):
        uow.session.execute(update(EntryRow).values(known_to=NOW + timedelta(days=1)))
    assert registration.version == 1


def test_two_entries_never_hold_on_one_day(unit_of_work: UnitOfWorkMaker):
    """One active main institution a registration (医师执业注册管理办法 art.10), guarded by the database."""
    with unit_of_work() as uow:
        registration = in_register(uow)
        uow.commit()
    second = opened(
        registration.id, new_id(), a_standing(), on=registration.started_on + timedelta(days=30), known_from=NOW
    )
    with unit_of_work() as uow, pytest.raises(IntegrityError) as refused:
        uow.register.revise(registration, Revision((), (second,)))
    assert refusal_of(refused.value) == "no_overlap"


def test_one_valid_registration_a_person_qualification_and_place(unit_of_work: UnitOfWorkMaker):
    """医师法 art.13; a cancelled one is no obstacle."""
    first = a_registration()
    with unit_of_work() as uow:
        in_register(uow, first)
        uow.commit()
    twin = a_registration(person_id=first.person_id, qualification_id=first.qualification_id)
    with unit_of_work() as uow, pytest.raises(IntegrityError):
        in_register(uow, twin)
    with unit_of_work() as uow:
        cancelled = a_standing(status=RegistrationStatus.CANCELLED)
        current = uow.register.get(first.id)
        uow.register.revise(current, revised(uow, current.id, cancelled))
        in_register(uow, twin)
        uow.commit()


def test_a_practice_code_is_given_to_one_registration(unit_of_work: UnitOfWorkMaker):
    """§4.3: uniqueness in the database."""
    first = a_registration()
    with unit_of_work() as uow:
        in_register(uow, first)
        uow.commit()
    with unit_of_work() as uow, pytest.raises(IntegrityError):
        in_register(uow, a_registration(practice_code=first.practice_code))


def test_a_registration_without_its_code_is_refused(unit_of_work: UnitOfWorkMaker):
    """Fifteen digits, or nothing."""
    with unit_of_work() as uow, pytest.raises(IntegrityError):
        in_register(uow, a_registration(practice_code="11043010200012"))


def test_the_tables_hold_what_they_should(database: Database):
    """The register's live row and its history are two tables that say the same columns."""
    live = {column.name for column in RegistrationRow.__table__.columns}
    told = {column.name for column in EntryRow.__table__.columns}
    standing = {"status", "practice_place", "category", "scopes", "institution_id", "authority_id", "decision_number"}
    assert standing <= live & told
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM registrations")).scalar_one() == 0


def revised(uow: ApplicationsUnitOfWork, registration_id, standing, days: int = 10) -> Revision:
    """A change some days after the registration began."""
    history: list[Entry] = uow.register.history(registration_id)
    on = history[0].valid_from + timedelta(days=days)
    return revise(history, standing, on=on, known_at=NOW + timedelta(days=days), new_ids=(new_id(), new_id()))
