"""The relay: one process a database, order kept, nothing held up by a message nobody takes (design D3, D4, D13)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy.exc import DBAPIError

from shared.platform import outbox
from shared.platform.bus.errors import PublishFailed
from shared.platform.bus.messages import OutgoingMessage
from shared.platform.engine import Database
from shared.platform.ids import new_id
from shared.platform.outbox import News
from shared.platform.platform_tables import PLATFORM
from shared.platform.relay import BATCH, OutboxBatches, Turn
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import CHANGED
from tests.support.postgres import Postgres

CONTEXT = WorkContext.of_service("review", "test")


class Broker:
    """Confirms what the test lets it."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.unconfirmed: set[str] = set()
        self.away = False

    def publish(self, messages: Sequence[OutgoingMessage], timeout: float) -> set[str]:
        if self.away:
            raise PublishFailed("no connection")
        self.published += [message.message_id for message in messages]
        return {message.message_id for message in messages} - self.unconfirmed

    def close(self) -> None:
        pass


@pytest.fixture
def turn(database: Database) -> Iterator[Turn]:
    turn = Turn(database)
    assert turn.is_mine()
    yield turn
    turn.give_up()


def announce(database: Database, count: int) -> list[str]:
    with UnitOfWork(database, CONTEXT) as uow:
        ids = uow.announce_all(CHANGED, [News(new_id(), {"number": number}, "43") for number in range(count)])
        uow.commit()
    return [str(id_) for id_ in ids]


def waiting(database: Database) -> int:
    with database.transaction(read_only=True) as session:
        return outbox.waiting(session)


def test_rows_are_published_in_their_order_and_once_confirmed_never_again(database: Database, turn: Turn) -> None:
    broker = Broker()
    relay = OutboxBatches(turn, broker)
    ids = announce(database, BATCH + 10)
    assert not relay.relay_next()
    assert relay.relay_next()
    assert relay.relay_next()
    assert broker.published == ids
    assert waiting(database) == 0


def test_a_broker_that_is_away_leaves_all_rows_where_they_are(database: Database, turn: Turn) -> None:
    broker = Broker()
    relay = OutboxBatches(turn, broker)
    ids = announce(database, 3)
    broker.away = True
    with pytest.raises(PublishFailed):
        relay.relay_next()
    assert waiting(database) == 3
    broker.away = False
    relay.relay_next()
    assert broker.published == ids


def test_rows_that_nobody_confirms_hold_up_no_others_and_are_published_again(database: Database, turn: Turn) -> None:
    broker = Broker()
    relay = OutboxBatches(turn, broker)
    slow = announce(database, BATCH)
    broker.unconfirmed = set(slow)
    news = announce(database, 2)
    assert not relay.relay_next()
    assert relay.relay_next()
    assert broker.published == slow + news
    assert waiting(database) == BATCH
    broker.unconfirmed = set()
    relay.relay_next()
    assert broker.published == slow + news + slow
    assert waiting(database) == 0


def taken_within(seconds: float, turn: Turn) -> bool:
    """The server frees a lock when it notices that its session is gone."""
    end = time.monotonic() + seconds
    while not turn.is_mine():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.postgres
def test_one_process_relays_a_database_at_a_time(postgres_server: Postgres) -> None:
    url = postgres_server.create_database()
    first, second = Database("review", url, pool_size=2), Database("review", url, pool_size=2)
    PLATFORM.create_all(first.engine)
    mine, theirs = Turn(first), Turn(second)
    assert mine.is_mine()
    assert mine.is_mine()
    assert not theirs.is_mine()
    mine.give_up()
    assert taken_within(5, theirs)
    assert not mine.is_mine()
    theirs.give_up()
    first.close()
    second.close()


@pytest.mark.postgres
def test_a_process_whose_session_was_ended_has_lost_its_turn(postgres_server: Postgres) -> None:
    url = postgres_server.create_database()
    first, second = Database("review", url, pool_size=2), Database("review", url, pool_size=2)
    mine, theirs = Turn(first), Turn(second)
    assert mine.is_mine()
    with second.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    with pytest.raises(DBAPIError), mine.statement(read_only=True) as connection:
        connection.exec_driver_sql("SELECT 1")
    mine.give_up()
    assert taken_within(5, theirs)
    assert not mine.is_mine()
    theirs.give_up()
    first.close()
    second.close()
