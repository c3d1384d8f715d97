"""What a caller may rely on."""

import time

import eventlet
import pytest
from kombu import Connection, Exchange, Queue

from shared.platform.bus import RemoteFault, forbid_waiting
from shared.platform.bus.connection import open_connection
from shared.platform.bus.topology import declare_rpc
from shared.platform.contract import RpcMethod
from shared.platform.errors import KINDS, InvalidInput, PermissionDenied, Unavailable
from tests.integration.bus import contracts
from tests.integration.bus.green.conftest import client_of, eventually
from tests.integration.bus.services import Front, Guarded, Middle, Worker


def test_each_of_300_concurrent_calls_on_two_instances_gets_its_own_answer(services):
    services.start(Worker)
    services.start(Worker)
    bus = services.front()
    answers = eventlet.GreenPool(300).imap(lambda n: (n, bus.call(contracts.DOUBLE, number=n)), range(300))
    assert all(answer == {"number": 2 * number} for number, answer in answers)


def test_no_more_calls_are_at_work_than_workers(services):
    services.start(Worker, workers=4)
    bus = services.front()
    calls = [eventlet.spawn(bus.call, contracts.WAIT, seconds=0.05) for _ in range(24)]
    for call in calls:
        call.wait()
    assert Worker.most_at_work == 4


def test_an_answer_is_loaded_with_its_schema(services):
    services.start(Worker)
    bus = services.front()
    assert bus.call(contracts.MANY, {"number": 3}) == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert bus.call(contracts.NOTHING, text="x") is None


def test_large_messages_arrive_whole_among_small_ones(services):
    services.start(Worker)
    bus = services.front()
    large = [{"number": number} for number in range(60_000)]
    calls = [eventlet.spawn(bus.call, contracts.MANY, number=60_000) for _ in range(3)]
    for number in range(200):
        assert bus.call(contracts.DOUBLE, number=number) == {"number": 2 * number}
    assert all(call.wait() == large for call in calls)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_refusal_keeps_its_kind_its_code_and_its_facts(services, kind):
    services.start(Worker)
    with pytest.raises(KINDS[kind]) as refusal:
        services.front().call(contracts.REFUSE, text=kind)
    assert (refusal.value.code, refusal.value.facts) == ("refused_so", {"seen": ["a", 1], "until": None})


def test_a_fault_shows_its_correlation_id_and_none_of_its_text(services):
    services.start(Worker)
    with pytest.raises(RemoteFault) as fault:
        services.front(correlation_id="c-1").call(contracts.BREAK, text="110101199003070312")
    assert fault.value.correlation_id == "c-1"
    assert "110101199003070312" not in repr(fault.value)
    assert "secret" not in str(fault.value)


def test_an_ill_formed_answer_is_a_fault_and_the_service_lives_on(services):
    services.start(Worker)
    bus = services.front()
    for text in ("dump", "object"):
        with pytest.raises(RemoteFault):
            bus.call(contracts.ILL_FORMED, text=text)
    assert bus.call(contracts.DOUBLE, number=2) == {"number": 4}


def test_an_ill_formed_request_is_refused_with_its_fields(services):
    services.start(Worker)
    with pytest.raises(InvalidInput) as refusal:
        services.front().call(contracts.DOUBLE)
    assert list(refusal.value.facts["fields"]) == ["number"]


def test_a_field_that_the_contract_lacks_is_the_callers_mistake(services):
    with pytest.raises(TypeError, match="colour"):
        services.front().call(contracts.DOUBLE, number=1, colour="red")


def test_an_unknown_service_is_unavailable_at_once(services):
    started = time.monotonic()
    with pytest.raises(Unavailable) as refusal:
        services.front().call(contracts.NOBODY, number=1)
    assert (refusal.value.code, refusal.value.facts) == ("service_unavailable", {"service": "nobody"})
    assert time.monotonic() - started < 2


def test_an_unknown_method_is_a_fault(services):
    services.start(Worker)
    with pytest.raises(RemoteFault):
        services.front().call(contracts.GONE, text="x")


def test_a_caller_never_waits_beyond_its_deadline(services):
    services.start(Worker)
    bus = services.front()
    for call in (
        lambda: bus.call(contracts.WAIT, seconds=3, within=0.3),
        lambda: (
            client_of(services.running[-1])
            .bus_for(type(bus._context)(deadline=time.time() + 0.3))
            .call(contracts.WAIT, seconds=3)
        ),
    ):
        started = time.monotonic()
        with pytest.raises(Unavailable):
            call()
        assert 0.25 < time.monotonic() - started < 0.8


def test_a_late_answer_goes_to_nobody(services):
    services.start(Worker)
    bus = services.front()
    with pytest.raises(Unavailable):
        bus.call(contracts.WAIT, seconds=0.2, within=0.1)
    eventlet.sleep(0.2)
    assert bus.call(contracts.DOUBLE, number=4) == {"number": 8}


def test_a_request_that_expired_in_the_queue_is_never_carried_out(services, uri):
    declare_rpc(uri, ["worker"])
    bus = services.front()
    with pytest.raises(Unavailable):
        bus.call(contracts.WAIT, seconds=0.01, within=0.2)
    eventlet.sleep(0.1)
    services.start(Worker)
    bus.call(contracts.WAIT, seconds=0.02)
    assert Worker.waited == [0.02]


def test_a_call_made_before_the_service_starts_waits_for_it(services, uri):
    declare_rpc(uri, ["worker"])
    early = eventlet.spawn(services.front().call, contracts.DOUBLE, number=5)
    eventlet.sleep(0.2)
    services.start(Worker)
    assert early.wait() == {"number": 10}


def test_what_a_call_carries_travels_on_to_the_next_service(services):
    services.start(Worker, Middle)
    bus = services.front(identity="signed", correlation_id="c-1", idempotency_key="k-1", deadline=time.time() + 3)
    shown = bus.call(contracts.RELAY, text="x")
    own, (first, second, as_service) = shown["own"], shown["nested"]
    assert (own["identity"], own["correlation"], own["idempotency"]) == ("signed", "c-1", "k-1")
    assert own["causation"] is None
    assert (first["identity"], first["correlation"]) == ("signed", "c-1")
    assert first["causation"] == second["causation"] == own["message_id"] != first["message_id"]
    assert first["deadline"] <= own["deadline"] + 1
    # Each write further in has a key of its own that a retry of the whole request finds again.
    assert first["idempotency"] == "k-1:worker.show:1"
    assert second["idempotency"] == "k-1:worker.show:2"
    assert (as_service["identity"], as_service["idempotency"]) == ("token of middle", "own")
    assert as_service["correlation"] == "c-1"


def test_a_call_without_identity_carries_none(services):
    services.start(Worker)
    assert services.front().call(contracts.SHOW, text="x")["identity"] is None
    assert services.front().call(contracts.SHOW, text="x", as_service=True)["identity"] == "token of front"


def test_a_call_inside_a_unit_of_work_is_a_mistake(services):
    services.start(Worker, Middle)
    bus = services.front()
    with pytest.raises(RemoteFault):
        bus.call(contracts.IN_UNIT_OF_WORK, text="x")
    with forbid_waiting():
        with pytest.raises(RuntimeError):
            bus.call(contracts.DOUBLE, number=1)
        # Another greenlet has no unit of work open.
        assert eventlet.spawn(bus.call, contracts.DOUBLE, number=1).wait() == {"number": 2}
    assert bus.call(contracts.DOUBLE, number=1) == {"number": 2}


def test_interceptors_stand_around_a_method_in_their_order(services):
    services.start(Guarded)
    bus = services.front()
    assert bus.call(contracts.GUARDED, text="x") == {"text": "x in 2 in 1"}
    with pytest.raises(PermissionDenied):
        bus.call(contracts.GUARDED, text="refuse")


def test_a_stored_answer_is_sent_as_it_is(services):
    services.start(Guarded)
    assert services.front().call(contracts.GUARDED, text="answer") == {"text": "kept by 2"}


def test_instances_are_replaced_under_load_without_an_error(services):
    services.start(Worker)
    bus = services.front()
    running, errors, done = [True], [], [0]

    def call_on() -> None:
        while running[0]:
            try:
                bus.call(contracts.DOUBLE, number=1)
                done[0] += 1
            except Exception as error:  # noqa: BLE001 - whatever a caller would see
                errors.append(error)

    callers = [eventlet.spawn(call_on) for _ in range(10)]
    for _ in range(5):
        old = next(container for container in services.running if container.service_name == "worker")
        services.start(Worker)
        services.stop(old)
        eventlet.sleep(0.05)
    running[0] = False
    for caller in callers:
        caller.wait()
    assert not errors
    assert done[0] > 100


def test_a_stopping_service_finishes_what_it_has_at_hand(services):
    container = services.start(Worker)
    call = eventlet.spawn(services.front().call, contracts.WAIT, seconds=0.3)
    eventually(lambda: Worker.waited)
    services.stop(container)
    assert "number" in call.wait()


def test_a_killed_service_leaves_its_request_to_another(services):
    first = services.start(Worker)
    call = eventlet.spawn(services.front().call, contracts.WAIT, seconds=0.3)
    eventually(lambda: Worker.waited)
    services.running.remove(first)
    first.kill()
    services.start(Worker)
    assert "number" in call.wait()
    assert Worker.waited == [0.3, 0.3]


def test_no_reply_queue_outlives_its_service(services, uri):
    container = services.start(Front)
    client = client_of(container)
    assert client.link._link.wait_open(5)
    name = client.link._reply_to
    assert name.startswith("reply.front.")
    services.stop(container)
    connection = open_connection(uri)
    with pytest.raises(connection.channel_errors):
        connection.channel().queue_declare(name, passive=True)
    connection.collect()


@pytest.mark.parametrize("by_position", [True, False])
def test_the_wire_format_is_namekos(services, uri, by_position):
    services.start(Worker)
    command = {"number": 21}
    body = {"args": [command], "kwargs": {}} if by_position else {"args": [], "kwargs": {"command": command}}
    got = []
    scheme = uri.replace("amqp://", "pyamqp://")
    with Connection(scheme) as connection:
        channel = connection.channel()
        replies = Queue("stock-replies", Exchange("nameko-rpc", type="topic"), "reply.stock.1", exclusive=True)
        replies(channel).declare()
        with connection.Consumer(replies, callbacks=[lambda b, m: got.append((b, m)) or m.ack()], channel=channel):
            connection.Producer(channel).publish(
                body, exchange="nameko-rpc", routing_key="worker.double", reply_to="reply.stock.1", correlation_id="1"
            )
            connection.drain_events(timeout=5)
    ((answer, message),) = got
    assert answer == {"result": {"number": 42}, "error": None}
    assert message.properties["correlation_id"] == "1"


def test_a_request_that_is_not_json_is_refused(services, uri):
    services.start(Worker)
    with Connection(uri.replace("amqp://", "pyamqp://")) as connection:
        connection.Producer().publish(
            b"\xff",
            exchange="nameko-rpc",
            routing_key="worker.double",
            content_type="application/json",
            content_encoding="utf-8",
        )
    assert services.front().call(contracts.DOUBLE, number=1) == {"number": 2}


def test_a_contract_is_answered_by_its_own_service_only(services):
    from shared.platform.bus import rpc

    class Stranger:
        name = "stranger"

        @rpc(RpcMethod("worker", "double", contracts.Numbered), action="x")
        def double(self, command): ...

    with pytest.raises(ValueError, match="not a call of stranger"):
        services.start(Stranger)


def test_an_answer_goes_to_a_reply_queue_or_nowhere(services, uri):
    """The broker lets a service answer nowhere else: an attempt would end its connection, and again with each retry."""
    services.start(Worker)
    bus = services.front()
    Worker.waited.clear()
    with Connection(uri.replace("amqp://", "pyamqp://")) as connection:
        for elsewhere in ("amq.rabbitmq.reply-to.x", "worker.wait", "reply.#", ""):
            connection.Producer().publish(
                {"args": [{"seconds": 0}], "kwargs": {}},
                exchange="nameko-rpc",
                routing_key="worker.wait",
                reply_to=elsewhere,
                correlation_id="1",
            )
    eventually(lambda: len(Worker.waited) == 4)
    assert bus.call(contracts.DOUBLE, number=2) == {"number": 4}
    assert len(Worker.waited) == 4
