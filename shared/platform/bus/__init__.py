"""The message bus: calls with a deadline and news with a receipt, the same on RabbitMQ and inside one process."""

from .client import Bus, BusClient
from .consumer import QueueConsumer, Verdict
from .errors import PublishFailed, RemoteFault
from .guard import forbid_waiting
from .headers import CallContext
from .interception import Interceptor, RpcCall, WireAnswer
from .messages import IncomingMessage, OutgoingMessage
from .publisher import BatchPublisher
from .server import rpc
from .topology import bulk_inbox_name, declare_exchange, declare_inbox, declare_rpc, inbox_name

__all__ = [
    "BatchPublisher",
    "Bus",
    "BusClient",
    "CallContext",
    "IncomingMessage",
    "Interceptor",
    "OutgoingMessage",
    "PublishFailed",
    "QueueConsumer",
    "RemoteFault",
    "RpcCall",
    "Verdict",
    "WireAnswer",
    "bulk_inbox_name",
    "declare_exchange",
    "declare_inbox",
    "declare_rpc",
    "forbid_waiting",
    "inbox_name",
    "rpc",
]
