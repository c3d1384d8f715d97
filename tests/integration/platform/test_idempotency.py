"""A command sent twice takes effect once and is answered alike (design D12), on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from marshmallow import fields
from sqlalchemy import Engine, func, insert, select, update

from shared.platform import idempotency
from shared.platform.bus.codec import codec_of
from shared.platform.bus.headers import IDEMPOTENCY
from shared.platform.bus.interception import RpcCall, WireAnswer
from shared.platform.clock import now
from shared.platform.contract import RpcMethod
from shared.platform.engine import Database
from shared.platform.errors import Conflict, InvalidInput
from shared.platform.platform_tables import idempotency as kept
from shared.platform.schemas import Sealed, WireSchema
from shared.platform.unit_of_work import UnitOfWork
from shared.platform.work_context import WorkContext
from tests.integration.platform.world import effects, metadata


class DecideRequest(WireSchema):
    number = fields.Integer(required=True)
    phone = Sealed(load_default="")


class DecideAnswer(WireSchema):
    number = fields.Integer(required=True)
    phone = Sealed()
    total = fields.Integer()


DECIDE = RpcMethod("review", "decide", DecideRequest, DecideAnswer, writes=True)
TOUCH: RpcMethod[Any, Any] = RpcMethod("review", "touch", DecideRequest, None, writes=True)
READ = RpcMethod("review", "read", DecideRequest, DecideAnswer)
PHONE = "13800000000"


@pytest.fixture
def service(database: Database) -> Service:
    metadata.create_all(database.engine)
    return Service(database)


class Service:
    """One method as its RPC server runs it: context, interceptor, unit of work."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.before_commit: Callable[[], None] = lambda: None

    def call(
        self,
        number: int = 1,
        *,
        key: str | None = "k-1",
        actor: str = "person:1",
        contract: RpcMethod[Any, Any] = DECIDE,
        method: Callable[[UnitOfWork, dict[str, Any]], object] | None = None,
    ) -> Any:
        """What would be sent to the caller."""
        call, context = _call(contract, number, key, actor)

        def proceed() -> object:
            with UnitOfWork(self.database, context) as uow:
                result = (method or self.decide)(uow, call.command)
                self.before_commit()
                uow.commit(result)
            return result

        if not idempotency.applies_to(call):
            return call.dump(proceed())
        return call.dump(idempotency.answer_once(self.database, context, call, proceed))

    def answer(self, method: Callable[[], object]) -> Any:
        """The same for a method that opens no unit of work here."""
        call, context = _call(DECIDE, 1, "k-1", "person:1")
        return call.dump(idempotency.answer_once(self.database, context, call, method))

    def decide(self, uow: UnitOfWork, command: dict[str, Any]) -> object:
        uow.session.execute(insert(effects).values(case="c", number=command["number"]))
        return {**command, "total": _count(uow.session)}

    def effects(self) -> int:
        with self.database.engine.connect() as connection:
            return _count(connection)


def _call(contract: RpcMethod[Any, Any], number: int, key: str | None, actor: str) -> tuple[RpcCall, WorkContext]:
    codec = codec_of(contract)
    body = codec.dump_request({"number": number, "phone": PHONE})
    headers = {} if key is None else {IDEMPOTENCY: key}
    call = RpcCall(contract, "decide", codec, body, headers, "m-1", SimpleNamespace())
    return call, WorkContext("review", "test", actor, "c-1", idempotency_key=key, call=call)


def _count(session: Any) -> int:
    return int(session.scalar(select(func.count()).select_from(effects)) or 0)


def test_a_repeated_command_gets_the_first_answer_and_has_one_effect(service: Service) -> None:
    first = service.call()
    assert service.call() == first
    assert service.effects() == 1
    assert DecideAnswer().load(first) == {"number": 1, "phone": PHONE, "total": 1}


def test_the_same_key_with_another_command_is_a_conflict(service: Service) -> None:
    service.call(1)
    with pytest.raises(Conflict, match="idempotency_conflict"):
        service.call(2)
    with pytest.raises(Conflict, match="idempotency_conflict"):
        service.call(1, contract=TOUCH)
    assert service.effects() == 1


def test_a_key_belongs_to_its_actor(service: Service) -> None:
    service.call(1)
    service.call(2, actor="person:2")
    assert service.effects() == 2


def test_without_a_key_and_for_reads_nothing_is_kept(service: Service, engine: Engine) -> None:
    service.call(key=None)
    service.call(key=None)
    service.call(contract=READ)
    assert service.effects() == 3
    with service.database.engine.connect() as connection:
        assert connection.execute(select(kept)).all() == []


def test_a_command_without_answer_is_kept_too(service: Service) -> None:
    assert service.call(contract=TOUCH) is None
    assert service.call(contract=TOUCH) is None
    assert service.effects() == 1


def test_a_refused_command_is_not_kept_and_may_be_sent_again(service: Service) -> None:
    def refuse(uow: UnitOfWork, command: dict[str, Any]) -> object:
        raise Conflict("case_changed")

    with pytest.raises(Conflict, match="case_changed"):
        service.call(method=refuse)
    assert service.call()["total"] == 1


def test_a_counted_attempt_stays_though_the_command_is_refused(service: Service) -> None:
    def count_and_refuse(uow: UnitOfWork, command: dict[str, Any]) -> object:
        uow.session.execute(insert(effects).values(case="attempt", number=0))
        uow.commit(refused=True)
        raise Conflict("wrong_password")

    for _ in range(2):
        with pytest.raises(Conflict, match="wrong_password"):
            service.call(method=count_and_refuse)
    assert service.effects() == 2


def test_of_two_at_once_one_takes_effect_and_both_get_its_answer(service: Service) -> None:
    together = threading.Barrier(2, timeout=1)

    def meet() -> None:
        try:
            together.wait()
        except threading.BrokenBarrierError:
            return  # on SQLite the second writer is not let in before the first is done

    service.before_commit = meet
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(service.call())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert service.effects() == 1


def test_whoever_finds_the_record_changed_by_his_own_first_try_gets_that_answer(service: Service) -> None:
    first: list[Any] = []

    def changed_by_the_first_try() -> object:
        first.append(service.call())
        raise Conflict("case_changed")

    assert service.answer(changed_by_the_first_try) == first[0]
    assert service.effects() == 1


def test_a_command_that_had_nothing_to_commit_is_answered_alike_the_next_time(service: Service) -> None:
    totals = iter([1, 2])

    def done_already() -> object:
        return {"number": 1, "phone": PHONE, "total": next(totals)}

    assert service.answer(done_already) == service.answer(done_already)


def test_what_is_kept_shows_nothing_of_the_person(service: Service) -> None:
    service.call()
    with service.database.engine.connect() as connection:
        row = str(connection.execute(select(kept)).one())
    assert PHONE not in row
    assert '"number"' not in row


def test_a_key_is_forgotten_after_seven_days(service: Service) -> None:
    service.call()
    with service.database.transaction() as session:
        assert idempotency.purge(session) == 0
        session.execute(update(kept).values(stored_at=now() - timedelta(days=7, seconds=1)))
        assert idempotency.purge(session) == 1
        session.commit()
    service.call()
    assert service.effects() == 2


def test_a_key_that_is_too_long_is_refused(service: Service) -> None:
    with pytest.raises(InvalidInput, match="idempotency_key_invalid"):
        service.call(key="k" * 201)


def test_a_kept_answer_is_sent_as_it_is(service: Service) -> None:
    first = service.call()
    assert first["phone"] != PHONE
    assert service.call()["phone"] == first["phone"]
    assert isinstance(WireAnswer(first).value, dict)


@pytest.mark.parametrize("answer", [{"number": "not a number"}, {"total": 1}])
@pytest.mark.parametrize("key", ["k-1", None])
def test_an_answer_that_is_not_of_its_contracts_form_undoes_the_change(
    service: Service, answer: object, key: str | None
) -> None:
    def misshapen(uow: UnitOfWork, command: dict[str, Any]) -> object:
        service.decide(uow, command)
        return answer

    with pytest.raises((TypeError, ValueError), match="number"):
        service.call(key=key, method=misshapen)
    assert service.effects() == 0
