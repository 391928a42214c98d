"""Valkey and Redis streams: a queue is a stream, a subscriber a consumer group on it.

Every subscriber gets everything; the processes of one subscriber share it. A requeue must reach one
subscriber alone, so each has a stream of its own beside the queue, its return address, and reads both as one.
On a cluster both must be in one slot: name such a queue with a hash tag, `{trades}`.

URLs: `valkey://host:6379/0`, `valkeys://` for TLS, `redis://`, `rediss://`, `unix:///path?db=0`. The
parameter `claim_after` gives the seconds after which a delivery that nobody settled or kept goes to another
process (30 unless told). How much a confirmation is worth depends on the server's `appendfsync`.
"""

from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

from consumers.broker import Answers, Broker, Confirmation, Outgoing, QueueFigures
from consumers.brokers.valkey_connection import ValkeyConnection
from consumers.brokers.valkey_figures import measured
from consumers.brokers.valkey_ordered import OrderedStreamSubscription
from consumers.brokers.valkey_publishing import Publishing
from consumers.brokers.valkey_streams import declare
from consumers.brokers.valkey_subscription import StreamSubscription
from consumers.fields import FieldProperties
from consumers.properties import Properties

CLAIM_AFTER = 30.0

_schemes = {"valkey": "redis", "valkeys": "rediss"}


class Valkey(Broker):
    """Streams on one Valkey or Redis server."""

    properties: ClassVar[type[Properties]] = FieldProperties

    def __init__(self, url: str) -> None:
        url, self._claim_after = _settings(url)
        self._connection = ValkeyConnection(url)
        self._subscriptions: list[StreamSubscription] = []

    def declare(self, queue: str, subscriber: str) -> str:
        return declare(self._connection, queue, subscriber)

    def subscribe(
        self, queue: str, subscriber: str, *, prefetch: int = 500, in_order: bool = False
    ) -> StreamSubscription:
        self.declare(queue, subscriber)
        # One connection serves reading and publishing: one thread never does both at once.
        kind = OrderedStreamSubscription if in_order else StreamSubscription
        subscription = kind(self._connection, queue, subscriber, prefetch, self._claim_after)
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, outgoing: Sequence[Outgoing]) -> list[Confirmation]:
        return Publishing(self._connection, outgoing).confirmations()

    def send(self, outgoing: Sequence[Outgoing]) -> Answers:
        return Publishing(self._connection, outgoing).confirmations

    def measure(self, queue: str, subscriber: str) -> QueueFigures:
        return measured(self._connection, queue, subscriber, idle=max(self._claim_after, CLAIM_AFTER))

    def close(self) -> None:
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()
        self._connection.close()


def _settings(url: str) -> tuple[str, float]:
    """The URL as the client library wants it, and `claim_after`. Raises ValueError."""
    address, _, query = url.partition("?")
    scheme, _, rest = address.partition("://")
    parameters = dict(parse_qsl(query))
    claim_after = float(parameters.pop("claim_after", CLAIM_AFTER))
    return f"{_schemes.get(scheme, scheme)}://{rest}?{urlencode(parameters)}", claim_after
