"""Answers go to reply queues and nowhere else; what a service calls its own is one."""

from __future__ import annotations

import pytest

from shared.platform.bus.topology import is_reply_queue, reply_queue_name


@pytest.mark.parametrize("service", ["gateway", "bench_caller"])
def test_a_services_own_reply_queue_may_be_answered(service):
    assert is_reply_queue(reply_queue_name(service))


@pytest.mark.parametrize(
    "name",
    [None, "", 7, "rpc-review", "review.inbox", "reply.", "reply.gateway", "reply.gateway.#", "xreply.gateway.1a"],
)
def test_nothing_else_may(name):
    """The broker would refuse it, close the channel and bring the request back."""
    assert not is_reply_queue(name)
