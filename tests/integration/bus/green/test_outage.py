"""What holds when the broker goes away, or a process is killed: RabbitMQ only, the other bus is in the process."""

import subprocess
import sys
import time
from pathlib import Path

import eventlet
import pytest

from shared.platform.bus import (
    BatchPublisher,
    OutgoingMessage,
    PublishFailed,
    QueueConsumer,
    Verdict,
    declare_inbox,
    declare_rpc,
    inbox_name,
)
from shared.platform.bus.connection import open_connection
from shared.platform.bus.headers import next_message_id
from shared.platform.bus.topology import unreadable_name
from shared.platform.errors import Unavailable
from tests.integration.bus import contracts
from tests.integration.bus.contracts import HAPPENED, KNOWN
from tests.integration.bus.green.conftest import Services, eventually
from tests.integration.bus.services import Worker
from tests.support.rabbitmq import private_rabbitmq

pytestmark = [pytest.mark.broker, pytest.mark.slow]
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def own_broker(broker):
    """A broker that may be stopped: never the one at AMQP_URI."""
    if broker.is_private:
        yield broker
    else:
        with private_rabbitmq() as private:
            yield private


@pytest.fixture
def services(own_broker):
    started = Services(own_broker.uri)
    Worker.waited.clear()
    yield started
    started.stop_all()


def outcome(call):
    started = time.monotonic()
    try:
        return call(), time.monotonic() - started
    except Unavailable as refusal:
        return refusal, time.monotonic() - started


def test_when_the_broker_stops_calls_fail_at_once_and_later_ones_wait_for_it(own_broker, services):
    services.start(Worker)
    bus = services.front()
    under_way = [eventlet.spawn(outcome, lambda: bus.call(contracts.WAIT, seconds=4)) for _ in range(20)]
    eventually(lambda: len(Worker.waited) == 20)
    own_broker.stop()
    for call in under_way:
        refusal, waited = call.wait()
        assert isinstance(refusal, Unavailable)
        assert waited < 4
    # Beyond its deadline nobody waits, broker or not.
    refusal, waited = outcome(lambda: bus.call(contracts.DOUBLE, number=1, within=0.5))
    assert isinstance(refusal, Unavailable)
    assert waited < 1
    patient = eventlet.spawn(outcome, lambda: eventually(lambda: called_or_none(bus), 30))
    own_broker.start()
    answer, _ = patient.wait()
    assert answer == {"number": 6}
    # Both containers have lived through it.
    assert not any(container._died.ready() for container in services.running)
    assert bus.call(contracts.DOUBLE, number=4) == {"number": 8}


def called_or_none(bus):
    try:
        return bus.call(contracts.DOUBLE, number=3)
    except Unavailable:
        return None


def test_a_broker_that_is_killed_while_calls_are_answered_harms_no_container(own_broker, services):
    services.start(Worker)
    bus = services.front()
    running, slowest = [True], [0.0]

    def call_on():
        while running[0]:
            _, waited = outcome(lambda: bus.call(contracts.DOUBLE, number=1, within=3))
            slowest[0] = max(slowest[0], waited)

    callers = [eventlet.spawn(call_on) for _ in range(20)]
    try:
        eventlet.sleep(0.5)
        own_broker.kill()
        eventlet.sleep(0.5)
        own_broker.start()
        assert eventually(lambda: called_or_none(bus), 20) == {"number": 6}
    finally:
        running[0] = False  # or they would go on without ever waiting once the client has stopped
        for caller in callers:
            caller.wait()
    assert slowest[0] < 3.5
    assert not any(container._died.ready() for container in services.running)


def test_a_broker_that_hangs_keeps_no_caller_beyond_its_deadline(own_broker, services):
    services.start(Worker)
    bus = services.front()
    assert bus.call(contracts.DOUBLE, number=1) == {"number": 2}
    own_broker.pause()
    try:
        refusal, waited = outcome(lambda: bus.call(contracts.DOUBLE, number=1, within=0.5))
    finally:
        own_broker.resume()
    assert isinstance(refusal, Unavailable)
    assert waited < 1
    assert eventually(lambda: called_or_none(bus), 20) == {"number": 6}


def test_services_start_while_the_broker_is_away(own_broker, services):
    declare_rpc(own_broker.uri, ["worker"])
    own_broker.stop()
    bus = services.front()
    assert isinstance(outcome(lambda: bus.call(contracts.DOUBLE, number=1, within=0.3))[0], Unavailable)
    own_broker.start()
    services.start(Worker)
    assert eventually(lambda: called_or_none(bus), 20) == {"number": 6}


def test_a_callee_killed_at_work_keeps_no_caller_beyond_its_deadline(own_broker, services):
    def start_callee():
        return subprocess.Popen([sys.executable, "-m", "tests.integration.bus.callee", own_broker.uri], cwd=ROOT)

    declare_rpc(own_broker.uri, ["worker"])
    bus = services.front()
    first = start_callee()
    second = None
    try:
        assert eventually(lambda: called_or_none(bus), 30)
        alone = eventlet.spawn(outcome, lambda: bus.call(contracts.WAIT, seconds=2, within=1))
        rescued = eventlet.spawn(outcome, lambda: bus.call(contracts.DOUBLE, number=7))
        eventlet.sleep(0.3)
        first.kill()
        refusal, waited = alone.wait()
        assert isinstance(refusal, Unavailable)
        assert waited < 1.5
        # The request in hand goes to the next instance, well within the deadline.
        late = eventlet.spawn(outcome, lambda: bus.call(contracts.DOUBLE, number=8))
        second = start_callee()
        assert late.wait()[0] == {"number": 16}
        assert rescued.wait()[0] == {"number": 14}
    finally:
        for process in (first, second):
            if process is not None:
                process.kill()
                process.wait()


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_events_survive_the_broker_and_arrive_in_order(own_broker, kind):
    inbox = f"lasting-{kind}-{next_message_id()}"
    declare_inbox(own_broker.uri, inbox, [HAPPENED], KNOWN, kind=kind)
    publisher = BatchPublisher(own_broker.uri, "source")
    handled = []

    def handle(message):
        eventlet.sleep(0.002)
        handled.append(message.message_id)
        return Verdict.ACK

    consumer = QueueConsumer(own_broker.uri, [inbox_name(inbox)], handle)
    eventlet.spawn(consumer.run)
    assert consumer.wait_until_reading(15)
    batches = [[OutgoingMessage(next_message_id(), HAPPENED.name, b"{}") for _ in range(100)] for _ in range(6)]
    for number, batch in enumerate(batches):
        if number == 3:
            own_broker.stop()
            with pytest.raises(PublishFailed):
                publisher.publish(batch, 1)
            own_broker.start()
        eventually(lambda batch=batch: published(publisher, batch), 30)
    everything = [message.message_id for batch in batches for message in batch]
    eventually(lambda: set(handled) >= set(everything), 30)
    # Some may come twice, which the inbox absorbs; none is lost, and the first time each comes in its turn.
    assert list(dict.fromkeys(handled)) == everything
    consumer.stop()
    publisher.close()


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_ten_consumers_killed_with_events_in_hand_make_no_dead_letter(own_broker, kind):
    """Design D3: the delivery limit is a backstop only; attempts are counted by the inbox, never by the broker."""
    inbox = f"killed-{kind}-{next_message_id()}"
    declare_inbox(own_broker.uri, inbox, [HAPPENED], KNOWN, kind=kind)
    batch = [OutgoingMessage(next_message_id(), HAPPENED.name, b"{}") for _ in range(5)]
    publisher = BatchPublisher(own_broker.uri, "source")
    assert len(publisher.publish(batch)) == 5
    publisher.close()
    for _ in range(10):
        victim = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.bus.stuck_consumer", own_broker.uri, inbox_name(inbox)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        try:
            assert victim.stdout.readline() == f"{batch[0].message_id}\n".encode()
        finally:
            victim.kill()
            victim.wait()
    handled = []
    consumer = QueueConsumer(
        own_broker.uri, [inbox_name(inbox)], lambda message: handled.append(message.message_id) or Verdict.ACK
    )
    eventlet.spawn(consumer.run)
    eventually(lambda: len(handled) >= 5, 20)
    consumer.stop()
    assert handled == [message.message_id for message in batch]
    connection = open_connection(own_broker.uri)
    assert connection.channel().basic_get(unreadable_name(inbox)) is None
    connection.release()


def published(publisher, batch):
    try:
        return publisher.publish(batch, 10) == {message.message_id for message in batch}
    except PublishFailed:
        return False
