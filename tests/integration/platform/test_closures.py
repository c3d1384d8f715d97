"""A closed aggregate is refused, alone and in a batch, and goes on behind what others know (both databases)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import insert, select

from shared.platform import closures, inbox_store
from shared.platform.clock import now
from shared.platform.closures import Further, Settlement
from shared.platform.contract import EventType
from shared.platform.engine import Database
from shared.platform.errors import Conflict, InvalidInput, NotFound
from shared.platform.ids import new_id
from shared.platform.outbox import News
from shared.platform.platform_tables import inbox, outbox
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import ChangedData

CHANGED = EventType("review.case_changed.v1", "case", ChangedData)
KNOWN, OTHER = new_id(), new_id()


def announce(database: Database, *cases: UUID) -> None:
    """One unit of work that tells a change of each case."""
    context = WorkContext("review", "test", "service:review", str(new_id()))
    with UnitOfWork(database, context) as uow:
        uow.announce_all(CHANGED, [News(case, {"number": 1}, "43") for case in cases])
        uow.commit()


def sequences(database: Database, case: UUID) -> list[int]:
    """What has been announced of a case."""
    with database.transaction(read_only=True) as session:
        return list(session.scalars(select(outbox.c.sequence).where(outbox.c.aggregate == f"case:{case}")))


def close(database: Database) -> int:
    """Close the known case: a consumer has seen three events of it."""
    with database.transaction() as session:
        count = closures.close(session, [Further(f"case:{KNOWN}", 1, {"notices": 3})])
        session.commit()
    return count


def settle(database: Database, settlement: Settlement, reason: str = "checked") -> None:
    """Settle the known case."""
    with database.transaction() as session:
        closures.settle(session, f"case:{KNOWN}", settlement, known_sequence=3, operator="operator:test", reason=reason)
        session.commit()


def test_further_is_who_knows_more_than_the_owner():
    own = {"case:a": 2, "case:b": 1}
    known = {"notices": {"case:a": 2, "case:b": 3, "case:c": 1}, "applications": {"case:b": 2}}
    assert closures.further(own, known) == [
        Further("case:b", 1, {"notices": 3, "applications": 2}),
        Further("case:c", 0, {"notices": 1}),
    ]


@pytest.mark.parametrize("told_before", [True, False])
def test_a_closed_aggregate_is_refused_until_it_is_resumed_behind_what_others_know(database, told_before):
    """Also one that the owner has never told of: it began after the backup."""
    if told_before:
        announce(database, KNOWN)
    assert (close(database), close(database)) == (1, 0)
    for cases in ((KNOWN,), (KNOWN, OTHER)):
        with pytest.raises(Conflict, match="aggregate_closed"):
            announce(database, *cases)
    announce(database, OTHER)
    with pytest.raises(InvalidInput, match="reason_required"):
        settle(database, Settlement.RESUMED, " ")
    settle(database, Settlement.RESUMED)
    announce(database, KNOWN, OTHER)
    assert sequences(database, KNOWN)[-1] == 4
    assert sequences(database, OTHER) == [1, 2]
    with pytest.raises(NotFound, match="aggregate_not_closed"):
        settle(database, Settlement.RESUMED)


def test_an_abandoned_aggregate_stays_closed(database):
    close(database)
    settle(database, Settlement.ABANDONED)
    with pytest.raises(Conflict, match="aggregate_closed"):
        announce(database, KNOWN)
    assert close(database) == 0
    with database.transaction(read_only=True) as session:
        assert closures.unsettled(session) == []


@pytest.mark.parametrize(("kept", "passed"), [((2, 3), False), ((3,), True), ((), True)])
def test_a_consumer_is_led_past_lost_events_only_where_it_lacks_one(database, kept, passed):
    stream = f"review/case:{KNOWN}"
    with database.transaction() as session:
        inbox_store.lock_cursor(session, stream)
        inbox_store.move_cursor(session, stream, 1)
        for sequence in kept:
            session.execute(
                insert(inbox).values(
                    stream=stream, sequence=sequence, id=new_id(), type="x", status="WAITING", attempts=0,
                    received_at=now(),
                )
            )  # fmt: skip
        assert closures.pass_over(session, stream, 3) is passed
        session.commit()
    with database.transaction(read_only=True) as session:
        assert closures.applied_of(session, "review") == {f"case:{KNOWN}": 3 if passed else 1}
        assert closures.known_to(session, "review") == {f"case:{KNOWN}": 3}
