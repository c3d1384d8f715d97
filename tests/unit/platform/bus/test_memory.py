"""The in-process bus against a plain model of a queue: nothing lost, nothing doubled, nothing out of order."""

from collections import deque
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from kombu import Exchange, Queue

from shared.platform.bus.connection import open_connection

_names = count()


class AQueueAndItsReader(RuleBasedStateMachine):
    """Publishes, delivers, acknowledges, gives back and loses the reader in any order."""

    def __init__(self):
        super().__init__()
        self.name = f"model-{next(_names)}"
        self.writer = open_connection("inproc://")
        self.writing = self.writer.channel()
        self.exchange = Exchange(f"{self.name}.events", type="topic", durable=True)
        Queue(self.name, self.exchange, routing_key="a.#", durable=True)(self.writing).declare()
        self.confirmed = set()
        self.writing.confirm(lambda number, multiple, taken: self.confirmed.add(number))
        self.waiting = deque()
        self.at_hand = []
        self.settled = set()
        self.bodies = {}
        self.reader = None
        self.read()

    def read(self):
        self.reader = open_connection("inproc://")
        self.reading = self.reader.channel()
        self.reading.limit(3)
        self.delivered = []
        self.reading.listen(self.name, self.delivered.append)

    @rule()
    def publish(self):
        body = b"%d" % len(self.bodies)
        number = self.writing.send(self.exchange.name, "a.b", body, {})
        self.bodies[body] = number
        self.waiting.append(body)

    @rule()
    def publish_to_nobody(self):
        number = self.writing.send(self.exchange.name, "b", b"", {})
        assert number in self.confirmed

    @rule(most=st.integers(1, 5))
    def deliver(self, most):
        self.reader.connection.deliver_some(most)
        while len(self.at_hand) < 3 and self.waiting and most:
            self.at_hand.append(self.waiting.popleft())
            most -= 1
        assert [delivery.body for delivery in self.delivered] == self.at_hand

    def take(self, position):
        self.at_hand.pop(position % len(self.at_hand))
        return self.delivered.pop(position % len(self.delivered))

    @precondition(lambda self: self.at_hand)
    @rule(position=st.integers(0, 9))
    def acknowledge(self, position):
        delivery = self.take(position)
        self.settled.add(delivery.body)
        self.reading.basic_ack(delivery.delivery_info["delivery_tag"])

    @precondition(lambda self: self.at_hand)
    @rule(position=st.integers(0, 9))
    def give_back(self, position):
        delivery = self.take(position)
        self.waiting.appendleft(delivery.body)
        self.reading.basic_reject(delivery.delivery_info["delivery_tag"], requeue=True)

    @precondition(lambda self: self.at_hand)
    @rule(position=st.integers(0, 9))
    def refuse(self, position):
        delivery = self.take(position)
        self.settled.add(delivery.body)
        self.reading.basic_reject(delivery.delivery_info["delivery_tag"], requeue=False)

    @rule()
    def lose_the_reader(self):
        self.reader.collect()
        self.waiting.extendleft(reversed(self.at_hand))
        self.at_hand = []
        self.read()

    @invariant()
    def exactly_what_was_settled_is_confirmed(self):
        numbers = set(self.bodies.values())
        assert {body for body, number in self.bodies.items() if number in self.confirmed} == self.settled
        assert len(numbers) == len(self.bodies)

    @invariant()
    def the_queue_holds_what_waits(self):
        assert self.writing._size(self.name) == len(self.waiting)

    def teardown(self):
        self.reader.collect()
        self.writing.queue_delete(self.name)
        assert len(self.confirmed) >= len(self.bodies), "a deleted queue lets its messages go"
        self.writer.collect()


TestAQueueAndItsReader = AQueueAndItsReader.TestCase
TestAQueueAndItsReader.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_an_expired_message_is_never_delivered_and_counts_as_dealt_with():
    connection = open_connection("inproc://")
    channel = connection.channel()
    Queue("expiring", Exchange("expiring.events", type="topic"))(channel).declare()
    confirmed = []
    channel.confirm(lambda number, multiple, taken: confirmed.append(number))
    channel.send("", "expiring", b"late", {"expiration": "0"})
    channel.send("", "expiring", b"in time", {"expiration": "60000"})
    assert channel.basic_get("expiring", no_ack=True).body == b"in time"
    assert confirmed == [1, 2]
    channel.queue_delete("expiring")
    connection.collect()


def test_a_mandatory_message_without_a_queue_comes_back():
    connection = open_connection("inproc://")
    channel = connection.channel()
    returned = []
    channel.on_return(returned.append)
    channel.send("", "no such queue", b"", {"correlation_id": "c-1"}, mandatory=True)
    channel.send("", "no such queue", b"", {"correlation_id": "c-2"})
    assert returned == ["c-1"]
    connection.collect()


def test_a_route_is_forgotten_when_a_binding_changes():
    connection = open_connection("inproc://")
    channel = connection.channel()
    exchange = Exchange("changing.events", type="topic")
    returned = []
    channel.on_return(returned.append)
    exchange(channel).declare()
    channel.send(exchange.name, "a.b", b"", {"correlation_id": "before"}, mandatory=True)
    Queue("changing", exchange, routing_key="a.*")(channel).declare()
    channel.send(exchange.name, "a.b", b"", {"correlation_id": "bound"}, mandatory=True)
    channel.queue_delete("changing")
    channel.send(exchange.name, "a.b", b"", {"correlation_id": "after"}, mandatory=True)
    assert returned == ["before", "after"]
    connection.collect()
