"""The broker's users and their rights: each service reads its own queues and publishes where the call graph allows.

Besides the services there are the deploy step, which declares and says nothing, and the operators' commands, which
deliver kept news once more and do nothing else.

RabbitMQ checks `configure` for declaring and deleting, `write` for publishing to an exchange and for binding a queue,
`read` for consuming from a queue and for binding to an exchange; on a topic exchange the routing key is checked too.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.contracts.calls import CALLS
from shared.platform.bus.topology import (
    REDELIVERY_EXCHANGE,
    RPC_EXCHANGE,
    bulk_inbox_name,
    events_exchange_name,
    inbox_name,
    request_queue_name,
    unreadable_name,
)

VHOST: Final = "yizhu"
#: The user of `python -m commands declare`, which runs before any service and owns everything that stays.
DEPLOYER: Final = "deploy"
#: The user of the commands that reach into all services' databases: backup, restore, news for one consumer.
OPERATIONS: Final = "operations"
NO_SERVICE: Final = (DEPLOYER, OPERATIONS)

_NOTHING: Final = "^$"
_ID: Final = "[0-9a-f-]+"
_METHOD: Final = "[a-z][a-z0-9_]*"


@dataclass(frozen=True)
class Rights:
    """What one user may do in the vhost, as RabbitMQ's regular expressions; `topics` by exchange."""

    configure: str
    write: str
    read: str
    topics: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # exchange -> (write, read) of routing keys


def rights_of(service: str) -> Rights:
    """A service's rights: it declares nothing but its own reply queues, and nobody writes to the default exchange.

    Replies go to whoever asked; that only its owner reads a reply queue is its owner's right, not the replier's.
    """
    reply = rf"reply\.{re.escape(service)}\.{_ID}"
    announces = [] if service == "gateway" else [events_exchange_name(service)]
    asks = [rf"{re.escape(callee)}\.{_METHOD}" for callee in sorted(CALLS[service])]
    topics = {RPC_EXCHANGE: (_any_of([*asks, rf"reply\.[a-z_]+\.{_ID}"]), _any_of([reply]))}
    topics |= {exchange: (_any_of([rf"{re.escape(service)}\.{_METHOD}\.v[0-9]+"]), _NOTHING) for exchange in announces}
    return Rights(
        configure=_any_of([reply]),
        write=_any_of([reply, *_names([RPC_EXCHANGE, *announces])]),
        read=_any_of([reply, *_names([RPC_EXCHANGE, *_queues(service)])]),
        topics=topics,
    )


def deployer_rights(services: Iterable[str]) -> Rights:
    """The deploy step declares and binds; no routing key is open to it, so it can neither ask nor announce."""
    known = sorted(services)
    queues = [name for service in known for name in _queues(service)]
    letters = [unreadable_name(service) for service in known]  # exchanges and queues of the same name
    exchanges = [RPC_EXCHANGE, *(events_exchange_name(service) for service in known)]
    return Rights(
        configure=_any_of(_names([*exchanges, REDELIVERY_EXCHANGE, *queues, *letters])),
        write=_any_of(_names([*queues, *letters])),
        # A queue with a dead-letter exchange is declared only by who may read the one and write to the other.
        read=_any_of(_names([*exchanges, REDELIVERY_EXCHANGE, *queues, *letters])),
        topics=dict.fromkeys(exchanges, (_NOTHING, ".*")),
    )


def operations_rights() -> Rights:
    """The operators' commands put kept news into one consumer's queue; which they may name, but not read."""
    return Rights(configure=_NOTHING, write=_any_of(_names([REDELIVERY_EXCHANGE])), read=_NOTHING)


def definitions(passwords: Mapping[str, str]) -> dict[str, Any]:
    """RabbitMQ's definitions: the vhost, a user for each password, no default one; loaded at each start of the node."""
    services = [user for user in passwords if user not in NO_SERVICE]
    known = {DEPLOYER: deployer_rights(services), OPERATIONS: operations_rights()}
    rights = {user: known.get(user) or rights_of(user) for user in sorted(passwords)}
    return {
        "vhosts": [{"name": VHOST}],
        "users": [
            {
                "name": user,
                "password_hash": password_hash(passwords[user]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "",
            }
            for user in rights
        ],
        "permissions": [
            {"user": user, "vhost": VHOST, "configure": has.configure, "write": has.write, "read": has.read}
            for user, has in rights.items()
        ],
        "topic_permissions": [
            {"user": user, "vhost": VHOST, "exchange": exchange, "write": write, "read": read}
            for user, has in rights.items()
            for exchange, (write, read) in sorted(has.topics.items())
        ],
    }


def password_hash(password: str) -> str:
    """The hash that RabbitMQ keeps. Its salt comes from the password, so that the same password gives the same file."""
    salt = hashlib.sha256(b"salt:" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _queues(service: str) -> list[str]:
    return [request_queue_name(service), inbox_name(service), bulk_inbox_name(service)]


def _names(names: Iterable[str]) -> list[str]:
    return [re.escape(name) for name in names]


def _any_of(patterns: Iterable[str]) -> str:
    return f"^({'|'.join(patterns)})$"
