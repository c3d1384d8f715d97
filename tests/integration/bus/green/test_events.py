"""What publishers and consumers of events may rely on."""

import eventlet
import pytest

from shared.platform.bus import (
    BatchPublisher,
    OutgoingMessage,
    QueueConsumer,
    Verdict,
    bulk_inbox_name,
    declare_exchange,
    declare_inbox,
    forbid_waiting,
    inbox_name,
)
from shared.platform.bus.connection import is_in_process, open_connection
from shared.platform.bus.headers import next_message_id
from shared.platform.bus.topology import unreadable_name
from tests.integration.bus.contracts import CHANGED, ELSEWHERE, HAPPENED, KNOWN, MASS
from tests.integration.bus.green.conftest import eventually


@pytest.fixture
def publisher(uri):
    made = BatchPublisher(uri, "source")
    yield made
    made.close()


@pytest.fixture
def consume(uri, inbox):
    """Starts consumers of the inbox; each notes what it handled."""
    started = []

    def start(handle=None, queues=None):
        handled = []

        def note(message):
            verdict = handle(message) if handle is not None else Verdict.ACK
            handled.append((message, verdict))
            return verdict

        consumer = QueueConsumer(uri, queues or [inbox_name(inbox), bulk_inbox_name(inbox)], note)
        eventlet.spawn(consumer.run)
        assert consumer.wait_until_reading(10)
        consumer.handled = handled
        started.append(consumer)
        return consumer

    yield start
    for consumer in started:
        consumer.stop()


def messages(count, event=HAPPENED, first=0):
    return [
        OutgoingMessage(next_message_id(), event.name, b'{"number": %d}' % number, {"yz-correlation": "c"})
        for number in range(first, first + count)
    ]


def publish(publisher, batch):
    """In process a publish waits for its consumers, so it runs beside the test."""
    return eventlet.spawn(publisher.publish, batch, 10)


def bodies(consumer, verdict=Verdict.ACK):
    return [message.body for message, given in consumer.handled if given is verdict]


def test_events_arrive_in_order_with_all_that_they_carry(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    batch = messages(300)
    confirmed = publish(publisher, batch)
    consumer = consume()
    assert confirmed.wait() == {message.message_id for message in batch}
    eventually(lambda: len(consumer.handled) == 300)
    assert bodies(consumer) == [message.body for message in batch]
    first = consumer.handled[0][0]
    assert (first.message_id, first.routing_key) == (batch[0].message_id, HAPPENED.name)
    assert first.exchange == "source.events"
    assert (dict(first.headers), first.queue, first.redelivered) == ({"yz-correlation": "c"}, inbox_name(inbox), False)


def test_an_inbox_gets_every_type_of_an_aggregate_it_follows_and_no_other(uri, inbox, publisher, consume):
    followed = declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    assert followed == [CHANGED, HAPPENED]
    consumer = consume()
    publisher.publish([*messages(1, CHANGED), *messages(1, MASS), *messages(1, HAPPENED)])
    eventually(lambda: len(consumer.handled) == 2)
    assert [message.routing_key for message, _ in consumer.handled] == [CHANGED.name, HAPPENED.name]


def test_declaring_again_changes_nothing(uri, inbox):
    assert declare_inbox(uri, inbox, [HAPPENED, ELSEWHERE], KNOWN) == declare_inbox(
        uri, inbox, [HAPPENED, ELSEWHERE], KNOWN
    )
    declare_exchange(uri, "source")


def test_an_event_without_any_reader_is_confirmed_at_once(publisher):
    batch = messages(3, ELSEWHERE)
    assert publisher.publish(batch, 5) == {message.message_id for message in batch}


def test_events_are_kept_while_their_consumer_is_away(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    confirmed = publish(publisher, messages(20))
    eventlet.sleep(0.3)
    consumer = consume()
    eventually(lambda: len(consumer.handled) == 20)
    assert len(confirmed.wait()) == 20


def test_a_pause_repeats_the_same_event_before_any_other(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    attempts = []

    def handle(message):
        attempts.append(message.body)
        away = message.body == b'{"number": 1}' and attempts.count(message.body) < 4
        return Verdict.PAUSE if away else Verdict.ACK

    consumer = consume(handle)
    publish(publisher, messages(3)).wait()
    eventually(lambda: len(bodies(consumer)) == 3)
    assert attempts == [b'{"number": 0}', *[b'{"number": 1}'] * 4, b'{"number": 2}']


def test_a_fault_in_a_handler_loses_no_event(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    attempts = []

    def handle(message):
        attempts.append(message.message_id)
        if len(attempts) == 1:
            raise ValueError("a fault of this program")
        return Verdict.ACK

    consumer = consume(handle)
    batch = messages(2)
    publish(publisher, batch).wait()
    eventually(lambda: len(bodies(consumer)) == 2)
    assert attempts == [batch[0].message_id, batch[0].message_id, batch[1].message_id]


def test_what_a_stopping_consumer_has_not_handled_comes_to_the_next_in_order(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    confirmed = publish(publisher, messages(60))

    def slowly(message):
        eventlet.sleep(0.005)
        return Verdict.ACK

    first = consume(slowly)
    eventually(lambda: len(first.handled) >= 10)
    first.stop()
    second = consume()
    assert len(confirmed.wait()) == 60
    eventually(lambda: len(first.handled) + len(second.handled) == 60)
    assert bodies(first) + bodies(second) == [b'{"number": %d}' % number for number in range(60)]


def test_a_paused_event_is_left_to_the_next_consumer_and_never_given_back(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    confirmed = publish(publisher, messages(5))
    first = consume(lambda message: Verdict.PAUSE)
    eventually(lambda: len(first.handled) >= 2)
    first.stop()
    assert {message.body for message, _ in first.handled} == {b'{"number": 0}'}
    second = consume()
    assert len(confirmed.wait()) == 5
    assert bodies(second) == [b'{"number": %d}' % number for number in range(5)]


def test_a_mass_publication_holds_up_no_decision(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED, MASS], KNOWN)

    def handle(message):
        if message.queue == bulk_inbox_name(inbox):
            eventlet.sleep(0.02)
        return Verdict.ACK

    consumer = consume(handle)
    mass = publish(publisher, messages(150, MASS))
    eventually(lambda: consumer.handled)
    other = BatchPublisher(uri, "source")
    other.publish(messages(1, HAPPENED))
    eventually(lambda: [m for m, _ in consumer.handled if m.routing_key == HAPPENED.name])
    assert len(consumer.handled) < 100
    other.close()
    assert len(mass.wait()) == 150


def test_only_an_unreadable_message_is_a_dead_letter(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    consumer = consume(lambda message: Verdict.UNREADABLE if message.body == b"?" else Verdict.ACK)
    unreadable = OutgoingMessage(next_message_id(), HAPPENED.name, b"?")
    assert len(publish(publisher, [unreadable, *messages(2)]).wait()) == 3
    eventually(lambda: len(consumer.handled) == 3)
    connection = open_connection(uri)
    channel = connection.channel()
    letter = eventually(lambda: channel.basic_get(unreadable_name(inbox)))
    assert bytes(letter.body) == b"?"
    assert channel.basic_get(unreadable_name(inbox)) is None
    connection.release()


def test_a_message_is_persistent(uri, inbox, publisher, consume):
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    publish(publisher, messages(1))
    connection = open_connection(uri)
    message = eventually(lambda: connection.channel().basic_get(inbox_name(inbox), no_ack=True))
    assert message.properties["delivery_mode"] == 2
    connection.release()


def test_publishing_inside_a_unit_of_work_is_a_mistake(publisher):
    with forbid_waiting(), pytest.raises(RuntimeError):
        publisher.publish(messages(1))


def test_in_process_a_publish_is_confirmed_when_every_queue_has_acknowledged_it(uri, inbox, publisher, consume):
    if not is_in_process(uri):
        # RabbitMQ keeps the message itself: it confirms without any consumer.
        declare_inbox(uri, inbox, [HAPPENED], KNOWN)
        assert len(publisher.publish(messages(3), 5)) == 3
        return
    declare_inbox(uri, inbox, [HAPPENED], KNOWN)
    second_inbox = f"second-{inbox}"
    declare_inbox(uri, second_inbox, [HAPPENED], KNOWN)
    batch = messages(2)
    first = consume()
    assert publisher.publish(batch, 0.3) == set()
    assert len(first.handled) == 2
    second = consume(queues=[inbox_name(second_inbox)])
    assert publisher.publish(batch, 5) == {message.message_id for message in batch}
    # What was still under way was waited for, not sent twice.
    assert len(first.handled) == len(second.handled) == 2
    connection = open_connection(uri)
    connection.channel().queue_delete(inbox_name(second_inbox))
    connection.channel().queue_delete(bulk_inbox_name(second_inbox))
