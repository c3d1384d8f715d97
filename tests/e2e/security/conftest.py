"""A broker of its own for each of these modules: queues have the same names in every deployment."""

from __future__ import annotations

import pytest

from tests.support.rabbitmq import rabbitmq


@pytest.fixture(scope="module")
def broker():
    """A RabbitMQ that no other deployment uses meanwhile."""
    with rabbitmq(private=True) as server:
        yield server
