"""The broker's rights on a real RabbitMQ: the main job runs under them, and whatever lies beyond is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import amqp
import pytest
from amqp.exceptions import AccessRefused, PreconditionFailed

from commands.deploying.broker import DEPLOYER, NO_SERVICE, OPERATIONS, VHOST, definitions
from commands.services import SERVICES
from shared.contracts.calls import CALLS
from shared.contracts.sync import MATCH
from shared.platform.bus.messages import OutgoingMessage
from shared.platform.bus.redelivery import QueueMissing, put_into_queue
from tests.support.deployment import Deployment, deployed
from tests.support.processes import ROOT, System
from tests.support.rabbitmq import PrivateRabbitmq, private_rabbitmq

pytestmark = pytest.mark.broker

PASSWORDS = {user: f"password-of-{user}" for user in (*SERVICES, *NO_SERVICE)}
ANNOUNCING = tuple(service for service in SERVICES if service != "gateway")


class Broker:
    """A RabbitMQ that was started with the definitions of a deployment: its users, and nothing declared."""

    def __init__(self, server: PrivateRabbitmq) -> None:
        self.port = server.port
        self._server = server

    def uri(self, user: str) -> str:
        """Where a user logs in."""
        return f"amqp://{user}:{PASSWORDS[user]}@127.0.0.1:{self.port}/{VHOST}"

    @contextmanager
    def channel(self, user: str) -> Iterator[amqp.Channel]:
        """A channel of a user; the broker closes it at the first thing that it refuses."""
        parts = urlsplit(self.uri(user))
        connection = amqp.Connection(
            f"127.0.0.1:{self.port}", userid=user, password=parts.password, virtual_host=VHOST, confirm_publish=True
        )
        connection.connect()
        try:
            yield connection.channel()
        finally:
            connection.collect()

    @property
    def refusals(self) -> list[str]:
        """The lines in which the node says that it refused something."""
        return [line for line in self._server.log.splitlines() if "refused" in line.lower()]


@contextmanager
def broker_of(folder: Path) -> Iterator[Broker]:
    """A node with the users of a deployment and none besides."""
    file = folder / "definitions.json"
    file.write_text(json.dumps(definitions(PASSWORDS)))
    with private_rabbitmq(configuration=f"load_definitions = {file}") as server:
        yield Broker(server)


def system_on(broker: Broker, folder: Path) -> System:
    """A process a service, each with its own login; the commands, `declare` among them, have the deployer's."""
    system = System.distributed(broker.uri(DEPLOYER), None, folder, EVENT_QUEUES="quorum", CALLER_CHECK="enforced")
    system.own_settings = {service: {"AMQP_URI": broker.uri(service)} for service in SERVICES}
    return system


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[Broker]:
    """A node on which the deploy step has run and no service does."""
    with broker_of(tmp_path_factory.mktemp("broker")) as broker:
        system_on(broker, tmp_path_factory.mktemp("system")).command("declare")
        yield broker


def publishes(exchange: str, routing_key: str) -> Callable[[amqp.Channel], None]:
    def act(channel: amqp.Channel) -> None:
        channel.basic_publish(amqp.Message("{}"), exchange, routing_key)

    return act


def binds(exchange: str, routing_key: str, user: str) -> Callable[[amqp.Channel], None]:
    """Declare a reply queue of one's own, as every process does, and bind it."""

    def act(channel: amqp.Channel) -> None:
        queue = f"reply.{user}.{uuid4()}"
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        channel.queue_bind(queue, exchange, routing_key)

    return act


def is_allowed(broker: Broker, user: str, act: Callable[[amqp.Channel], object]) -> bool:
    with broker.channel(user) as channel:
        try:
            act(channel)
        except AccessRefused:
            return False
        return True


def test_nobody_else_has_a_login(broker):
    with pytest.raises(AccessRefused):
        amqp.Connection(f"127.0.0.1:{broker.port}", userid="guest", password="guest", virtual_host="/").connect()


@pytest.mark.parametrize("caller", SERVICES)
def test_a_service_asks_those_that_the_call_graph_allows_and_nobody_else(broker, caller):
    asked = {
        callee for callee in SERVICES if is_allowed(broker, caller, publishes("nameko-rpc", f"{callee}.any_method"))
    }
    assert asked == CALLS[caller]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_announces_on_its_own_exchange_and_only_what_is_its_own(broker, service):
    """Nobody speaks for another service, neither on its exchange nor by its name on one's own."""
    heard = {
        (exchange, name)
        for exchange in ANNOUNCING
        for name in ANNOUNCING
        if is_allowed(broker, service, publishes(f"{exchange}.events", f"{name}.something_happened.v1"))
    }
    assert heard == ({(service, service)} if service in ANNOUNCING else set())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_its_own_queues_only(broker, service):
    queues = declared(broker)
    read = {
        name for name in queues if is_allowed(broker, service, lambda channel, name=name: channel.basic_consume(name))
    }
    own = {f"rpc-{service}", f"{service}.inbox", f"{service}.inbox.bulk"}
    assert read == own & queues


def test_a_service_may_ask_how_much_waits_for_it(broker):
    """What `/metrics` tells of the queues needs no right beyond reading them; the services are green, so is this."""
    queues = ["review.inbox", "review.inbox.bulk"]
    asking = (
        "import eventlet; eventlet.monkey_patch(); import sys; from shared.platform.bus.depths import QueueDepths; "
        "print(QueueDepths(sys.argv[1], sys.argv[2:]).read())"
    )
    with broker.channel("applications") as channel:
        channel.basic_publish_confirm(
            amqp.Message("{}"), "applications.events", "applications.application_submitted.v1"
        )
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", asking, broker.uri("review"), *queues],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told.stdout.strip() == str({"review.inbox": 1, "review.inbox.bulk": 0})


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_changes_nothing_that_stays(broker, service):
    """What the deploy step declared is neither emptied, deleted nor added to, not even one's own."""
    acts: dict[str, Callable[[amqp.Channel], object]] = {
        "deletes the exchange of calls": lambda channel: channel.exchange_delete("nameko-rpc"),
        "deletes its events": lambda channel: channel.exchange_delete(f"{service}.events"),
        "deletes its requests": lambda channel: channel.queue_delete(f"rpc-{service}"),
        "deletes its inbox": lambda channel: channel.queue_delete(f"{service}.inbox"),
        "purges another's requests": lambda channel: channel.queue_purge(
            "rpc-accounts" if service != "accounts" else "rpc-review"
        ),
        "declares a queue": lambda channel: channel.queue_declare("mine"),
        "takes another's reply queue": lambda channel: channel.queue_declare("reply.another.abc-1", exclusive=True),
        "declares an exchange": lambda channel: channel.exchange_declare("mine", "topic"),
        "binds its inbox to more": lambda channel: channel.queue_bind(f"{service}.inbox", "review.events", "#"),
    }
    assert [name for name, act in acts.items() if is_allowed(broker, service, act)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_overhears_nobody(broker, service):
    """A reply queue gets answers to its owner; requests, events and answers to others can't be bound to it."""
    assert is_allowed(broker, service, binds("nameko-rpc", f"reply.{service}.abc-1", service))
    wanted = [
        *(("nameko-rpc", key) for key in ("#", "*.*", "accounts.*", "sync.match", "reply.#", "reply.another.abc-1")),
        *((f"{other}.events", "#") for other in ANNOUNCING),
        ("amq.rabbitmq.trace", "#"),
    ]
    assert [each for each in wanted if is_allowed(broker, service, binds(*each, service))] == []


@pytest.mark.parametrize("user", [*SERVICES, *NO_SERVICE])
def test_nobody_goes_round_the_exchanges(broker, user):
    """The default exchange leads straight into every queue; the other built-in ones are of no use to anybody."""
    ways = [("", "rpc-accounts"), ("", "review.inbox"), ("amq.topic", "a"), ("amq.direct", "a"), ("amq.fanout", "a")]
    assert [way for way in ways if is_allowed(broker, user, publishes(*way))] == []


def test_the_deploy_step_declares_and_says_nothing(broker, tmp_path):
    ways = [("nameko-rpc", "accounts.log_in"), ("nameko-rpc", "reply.gateway.a-1"), ("review.events", "review.any.v1")]
    assert [way for way in ways if is_allowed(broker, DEPLOYER, publishes(*way))] == []
    system_on(broker, tmp_path).command("declare")  # a second time, as every deployment does


@pytest.mark.parametrize("user", [*SERVICES, DEPLOYER])
def test_nobody_but_the_operator_delivers_news_straight_into_an_inbox(broker, user):
    """Whoever may could speak to a consumer in the name of every owner."""
    assert not is_allowed(broker, user, publishes("redelivery", "notices.inbox"))
    with pytest.raises(AccessRefused):
        put_into_queue(broker.uri(user), "notices.inbox", [OutgoingMessage("1", "review.any.v1", b"{}")])


@pytest.mark.parametrize("queue", ["notices.inbox", "notices.inbox.bulk"])
def test_the_operator_delivers_news_to_one_consumer(broker, queue):
    """The message is in that queue and in no other, of the type that it has, whatever its routing key was."""
    with broker.channel("notices") as channel:
        channel.queue_purge(queue)  # of what other tests announced
    others = {name: waiting(broker, name) for name in declared(broker) - {queue}}
    assert put_into_queue(broker.uri(OPERATIONS), queue, [OutgoingMessage("1", "review.any.v1", b"{}")]) == 1
    assert {name: waiting(broker, name) for name in others} == others
    assert waiting(broker, queue) == 1
    read: list[amqp.Message] = []
    with broker.channel("notices") as channel:
        channel.basic_consume(queue, no_ack=True, callback=read.append)
        channel.connection.drain_events(timeout=10)
    assert [(message.properties["type"], message.body) for message in read] == [("review.any.v1", "{}")]


@pytest.mark.parametrize("queue", ["gateway.inbox", "rpc-accounts", "notices.inbox.unreadable", "nobody.inbox"])
def test_news_for_a_queue_that_is_no_inbox_are_refused_and_counted_nowhere(broker, queue):
    with pytest.raises(QueueMissing, match=queue):
        put_into_queue(broker.uri(OPERATIONS), queue, [OutgoingMessage("1", "review.any.v1", b"{}")])


def test_the_operator_does_nothing_else(broker):
    """Not even what it delivers can it read; how much waits for whom it may ask."""
    acts: dict[str, Callable[[amqp.Channel], object]] = {
        "asks accounts": publishes("nameko-rpc", "accounts.log_in"),
        "answers": publishes("nameko-rpc", "reply.gateway.a-1"),
        "announces": publishes("review.events", "review.any.v1"),
        "reads an inbox": lambda channel: channel.basic_consume("notices.inbox"),
        "takes one message": lambda channel: channel.basic_get("notices.inbox"),
        "empties an inbox": lambda channel: channel.queue_purge("notices.inbox"),
        "deletes an inbox": lambda channel: channel.queue_delete("notices.inbox"),
        "deletes its exchange": lambda channel: channel.exchange_delete("redelivery"),
        "declares a queue": lambda channel: channel.queue_declare("mine"),
        "declares a reply queue": lambda channel: channel.queue_declare("reply.operations.a-1", exclusive=True),
        "leads its exchange elsewhere": lambda channel: channel.queue_bind("rpc-accounts", "redelivery", "a"),
    }
    assert [name for name, act in acts.items() if is_allowed(broker, OPERATIONS, act)] == []
    assert is_allowed(broker, OPERATIONS, lambda channel: channel.queue_declare("notices.inbox", passive=True))


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_leads_the_operators_exchange_to_itself(broker, service):
    """News for another consumer would be overheard."""
    assert not is_allowed(broker, service, binds("redelivery", "notices.inbox", service))


def test_a_reply_may_go_to_a_service_with_an_underscore_in_its_name(broker):
    assert is_allowed(broker, "accounts", publishes("nameko-rpc", "reply.exam_desk.abc-1"))


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[tuple[Broker, Deployment]]:
    """Every service at work, each with its own login."""
    folder = tmp_path_factory.mktemp("running")
    with (
        broker_of(folder) as broker,
        deployed(system_on(broker, folder / "system"), folder, size=60) as deployment,
    ):
        yield broker, deployment


@pytest.mark.slow
def test_a_registration_runs_under_these_rights(running):
    """From the exam result to the certificate, and the broker refuses nothing."""
    broker, deployment = running
    doctor = deployment.accepted()
    deployment.officer().decide(doctor.application["number"], "approve", step="decide")
    doctor.wait_until("EFFECTIVE", "CERT_ISSUED")
    certificate, _document = doctor.certificate()
    assert deployment.visitor().check_certificate(certificate["check_code"])["verdict"] == "valid"
    assert not deployment.system.faults()
    assert not broker.refusals


def by_header(name: str) -> Callable[[amqp.Channel, str, amqp.Message], None]:
    """RabbitMQ routes by the keys in this header too, and holds none of them against anybody's rights."""

    def send(channel: amqp.Channel, path: str, request: amqp.Message) -> None:
        request.properties["application_headers"] = {name: [path]}
        channel.basic_publish_confirm(request, "nameko-rpc", f"reply.notices.{uuid4()}")

    return send


def by_dead_letter(channel: amqp.Channel, path: str, request: amqp.Message) -> None:
    """A reply queue of one's own in which nothing may stay sends it on to where its owner could not."""
    queue = f"reply.notices.{uuid4()}"
    leads_on = {"x-dead-letter-exchange": "nameko-rpc", "x-dead-letter-routing-key": path, "x-message-ttl": 0}
    channel.queue_declare(queue, exclusive=True, auto_delete=True, arguments=leads_on)
    channel.queue_bind(queue, "nameko-rpc", queue)
    channel.basic_publish_confirm(request, "nameko-rpc", queue)


@pytest.mark.slow
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("send", [by_header("CC"), by_header("BCC"), by_dead_letter], ids=["CC", "BCC", "dead letter"])
def test_a_request_that_goes_round_the_rights_is_answered_with_a_refusal(running, send, signed):
    """The broker takes it; the callee sees that its sender, whoever it says it is, is none of its callers."""
    broker, _deployment = running
    answers: list[amqp.Message] = []
    with broker.channel("notices") as channel:
        reply_to = f"reply.notices.{uuid4()}"
        channel.queue_declare(reply_to, exclusive=True, auto_delete=True)
        channel.queue_bind(reply_to, "nameko-rpc", reply_to)
        channel.basic_consume(reply_to, no_ack=True, callback=answers.append)
        request = amqp.Message('{"args": [], "kwargs": {"command": {}}}', reply_to=reply_to, correlation_id="a-1")
        if signed:
            request.properties["user_id"] = "notices"
        send(channel, MATCH.path, request)
        channel.connection.drain_events(timeout=10)
    assert [json.loads(answer.body)["error"]["code"] for answer in answers] == ["caller_not_allowed"]


def test_nobody_signs_with_anothers_name(broker):
    """A callee believes what the broker vouches for: it takes no message in another user's name."""
    request = amqp.Message("{}", user_id="gateway")
    with broker.channel("notices") as channel, pytest.raises(PreconditionFailed):
        channel.basic_publish_confirm(request, "nameko-rpc", f"reply.notices.{uuid4()}")


def waiting(broker: Broker, queue: str) -> int:
    """How many messages wait in a queue."""
    with broker.channel(DEPLOYER) as channel:
        return int(channel.queue_declare(queue, passive=True).message_count)


def declared(broker: Broker) -> set[str]:
    """The queues that the deploy step made."""
    found = set()
    for owner in ANNOUNCING:
        for queue in (f"rpc-{owner}", *(f"{owner}.inbox{end}" for end in ("", ".bulk", ".unreadable"))):
            with broker.channel(DEPLOYER) as channel:
                try:
                    channel.queue_declare(queue, passive=True)
                except amqp.exceptions.NotFound:
                    continue
                found.add(queue)
    return found
