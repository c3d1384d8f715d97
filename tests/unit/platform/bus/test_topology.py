"""Which queues exist and what reaches them."""

import pytest

from shared.platform.bus.topology import (
    CLASSIC,
    DELIVERY_LIMIT,
    QUORUM,
    bulk_inbox_name,
    events_exchange_name,
    followed_events,
    inbox_name,
    inbox_queue,
    reply_queue_name,
    request_queue_name,
)
from shared.platform.contract import EventType
from shared.platform.schemas import Empty

OPENED = EventType("review.opened.v1", "case", Empty)
DECIDED = EventType("review.decided.v1", "case", Empty)
TASK = EventType("review.task_opened.v1", "task", Empty)
PUBLISHED = EventType("sync.published.v1", "qualification", Empty, bulk=True)
CORRECTED = EventType("sync.corrected.v1", "qualification", Empty)
OTHER_CASE = EventType("court.opened.v1", "case", Empty)
KNOWN = (OPENED, DECIDED, TASK, PUBLISHED, CORRECTED, OTHER_CASE)


def test_names():
    assert request_queue_name("review") == "rpc-review"
    assert reply_queue_name("review").startswith("reply.review.")
    assert reply_queue_name("review") != reply_queue_name("review")
    assert (inbox_name("review"), bulk_inbox_name("review")) == ("review.inbox", "review.inbox.bulk")
    assert events_exchange_name("review") == "review.events"


@pytest.mark.parametrize(
    ("handled", "followed"),
    [
        ([], []),
        ([DECIDED], [DECIDED, OPENED]),
        ([DECIDED, TASK], [DECIDED, OPENED, TASK]),
        ([PUBLISHED], [CORRECTED, PUBLISHED]),
        ([OTHER_CASE], [OTHER_CASE]),
    ],
)
def test_an_inbox_follows_whole_aggregates_of_their_owner(handled, followed):
    """Design D3: bound to every event type of each aggregate it follows, so that the sequence is dense for it."""
    assert followed_events(handled, KNOWN) == followed


def test_a_quorum_inbox_has_one_reader_and_a_limit_far_beyond_any_restart():
    arguments = inbox_queue("notices", [DECIDED], bulk=False, kind=QUORUM).queue_arguments
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-single-active-consumer"] is True
    assert arguments["x-delivery-limit"] == DELIVERY_LIMIT >= 1000
    assert arguments["x-dead-letter-exchange"] == "notices.inbox.unreadable"


def test_a_classic_inbox_is_durable_and_bound_to_each_type_and_to_the_operators_exchange():
    queue = inbox_queue("notices", [DECIDED, CORRECTED], bulk=True, kind=CLASSIC)
    assert queue.durable
    assert queue.name == "notices.inbox.bulk"
    assert {(bound.exchange.name, bound.routing_key) for bound in queue.bindings} == {
        ("review.events", DECIDED.name),
        ("sync.events", CORRECTED.name),
        ("redelivery", "notices.inbox.bulk"),
    }
    assert {bound.exchange.type for bound in queue.bindings if bound.exchange.name == "redelivery"} == {"direct"}


def test_another_kind_of_queue_is_refused():
    with pytest.raises(ValueError, match="EVENT_QUEUES"):
        inbox_queue("notices", [], bulk=False, kind="stream")
