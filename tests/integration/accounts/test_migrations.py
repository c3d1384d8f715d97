"""The schema: one head, equal to the models, with the guards that the database itself keeps."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.accounts.models import Base
from services.accounts.repository.access_log import Access
from services.accounts.unit_of_work import SERVICE, AccountsUnitOfWork
from shared.platform.append_only import APPEND_ONLY, refusal_of
from shared.platform.database import Database, WorkContext
from shared.platform.ids import new_id
from shared.platform.migrations import differences, heads, upgrade
from tests.unit.accounts.makers import NOW, PROVINCE, an_institution

from .conftest import MIGRATIONS
from .world import everything_stored

ENTER = text(
    "INSERT INTO authorities (id, version, code, kind, name, division, window_address, phone) "
    "VALUES (:id, 1, :code, :kind, '考试席', :division, '', '')"
)
LOOK = text(
    "INSERT INTO access_log (id, person_id, at, service, role, organisation, what, reason) "
    "VALUES (:id, :person, :at, 'review', 'officer', '某局', 'identity', :reason)"
)


def test_the_versions_have_one_head():
    assert len(heads(MIGRATIONS)) == 1


def test_the_migrated_database_is_what_the_models_say(database):
    assert differences(Base.metadata, database.engine) == []


def test_desks_of_the_exam_centre_keep_what_they_may(deployment, database_url):
    """0006: until then whoever sat in Beijing was the national centre, and everybody else acts for their region."""
    upgrade(MIGRATIONS, database_url, "0005")
    database = Database(SERVICE, database_url, pool_size=2)
    rows = [("A", "exam_centre", "11"), ("B", "exam_centre", "43"), ("C", "exam_centre", "43/4301")]
    with database.engine.begin() as connection:
        for code, kind, division in rows:
            connection.execute(ENTER, {"id": new_id().hex, "code": code, "kind": kind, "division": division})
    upgrade(MIGRATIONS, database_url)
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT code, scope FROM authorities ORDER BY code")).all()
    assert [tuple(row) for row in found] == [("A", "national"), ("B", "region"), ("C", "region")]
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text("UPDATE authorities SET scope = 'nobody'"))
    database.close()


def test_reasons_of_looks_that_were_kept_before_are_sealed(deployment, database_url):
    """0007: what was told to whoever asked stays readable to them alone, and the log is guarded again."""
    upgrade(MIGRATIONS, database_url, "0006")
    database, person = Database(SERVICE, database_url, pool_size=2), new_id()
    with database.engine.begin() as connection:
        for reason in ("家属来电核对", ""):
            connection.execute(LOOK, {"id": new_id().hex, "person": person.hex, "at": str(NOW), "reason": reason})
    upgrade(MIGRATIONS, database_url)
    with AccountsUnitOfWork(database, WorkContext(SERVICE, "test", "operator:test", "1"), read_only=True) as uow:
        items, _ = uow.access_log.page(person, after=None, limit=5)
        assert {item.reason for item in items} == {"家属来电核对", ""}
        assert "家属来电核对" not in everything_stored(uow.session)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text("UPDATE access_log SET reason = ''"))
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM organisation_history",
        "UPDATE organisation_history SET kind = 'other'",
        "DELETE FROM access_log",
        "UPDATE access_log SET reason = ''",
    ],
)
def test_history_and_access_log_are_only_added_to(database, unit_of_work, statement):
    """Design D20: 历史沿革 and the log of who looked (PIPL art.44) can't be rewritten, whoever tries."""
    with unit_of_work() as uow:
        uow.authorities.add(PROVINCE, now=NOW, by="operator:test")
        uow.access_log.add(new_id(), Access(NOW, "review", "officer", "某局", "identity", "核对"), None)
        uow.commit()
    with pytest.raises(IntegrityError) as refused, database.engine.begin() as connection:
        connection.execute(text(statement))
    assert refusal_of(refused.value) == APPEND_ONLY


def test_a_row_of_history_says_what_was_and_what_changed(unit_of_work):
    with unit_of_work() as uow:
        uow.authorities.add(PROVINCE, now=NOW, by="operator:test")
        institution = an_institution(authority_id=PROVINCE.id)
        uow.institutions.add(institution, now=NOW, by="operator:test")
        uow.institutions.save(an_institution(authority_id=PROVINCE.id, beds=9), ("beds",), now=NOW, by="operator:test")
        assert [facts["beds"] for facts in uow.institutions.history(institution.id)] == [0, 9]
        uow.commit()
