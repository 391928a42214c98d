"""Valkey and Redis streams: a queue is a stream, a subscriber a consumer group on it.

Every subscriber gets everything; the processes of one subscriber share it. A requeue must reach one
subscriber alone, so each has a stream of its own beside the queue, its return address, and reads both as one.
On a cluster both must be in one slot: name such a queue with a hash tag, `{trades}`.

URLs: `valkey://host:6379/0`, `valkeys://` for TLS, `redis://`, `rediss://`, `unix:///path?db=0`. The
parameter `claim_after` gives the seconds after which a delivery that nobody settled or kept goes to another
process (30 unless told). How much a confirmation is worth depends on the server's `appendfsync`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError

from consumers.broker import Broker, Confirmation, Outgoing, QueueFigures
from consumers.brokers.valkey_connection import Command, ValkeyConnection, error_of, says_no_queue
from consumers.brokers.valkey_entries import fields_of
from consumers.brokers.valkey_figures import measured
from consumers.brokers.valkey_ordered import OrderedStreamSubscription
from consumers.brokers.valkey_streams import declare
from consumers.brokers.valkey_subscription import StreamSubscription
from consumers.errors import BrokerUnavailable
from consumers.fields import FieldProperties
from consumers.properties import Properties

CLAIM_AFTER = 30.0
WINDOW_MESSAGES = 500
WINDOW_BYTES = 8 * 1024 * 1024
"""So much is sent before its replies are read: enough to keep the server busy, and little to hold twice."""

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
        self._connection.connect()
        confirmations = [_before_sending(one) for one in outgoing]
        declined: list[ResponseError] = []
        with suppress(BrokerUnavailable):  # what has no reply by then stays unknown
            for window in _windows(outgoing, confirmations):
                replies = self._connection.transaction([_addition(outgoing[at]) for at in window])
                for at, reply in zip(window, replies, strict=True):
                    confirmations[at] = _confirmation(reply)
                    if confirmations[at] is Confirmation.UNKNOWN:
                        declined.append(reply)
        if declined and len(declined) == len(outgoing):
            raise error_of(
                declined[0]
            )  # nothing was accepted: a replica, a disk that is full, a script that blocks
        return confirmations

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


def _before_sending(outgoing: Outgoing) -> Confirmation:
    ours = isinstance(outgoing.message.properties, FieldProperties)
    return Confirmation.UNKNOWN if ours else Confirmation.IMPOSSIBLE  # a message of another broker's making


def _windows(outgoing: Sequence[Outgoing], confirmations: Sequence[Confirmation]) -> Iterator[list[int]]:
    """The positions of what is to be sent, a pipeline at a time."""
    window: list[int] = []
    size = 0
    for at, one in enumerate(outgoing):
        if confirmations[at] is not Confirmation.UNKNOWN:
            continue
        window.append(at)
        size += len(one.message.body) + one.message.properties.size
        if len(window) == WINDOW_MESSAGES or size > WINDOW_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window


def _addition(outgoing: Outgoing) -> Command:
    """Adds to a stream that is there, and makes none: a misspelt queue is an error, not a place to forget."""
    return ("XADD", outgoing.queue, "NOMKSTREAM", "*", *fields_of(outgoing.message))


def _confirmation(reply: Any) -> Confirmation:
    match reply:
        case bytes():
            return Confirmation.CONFIRMED
        case None:
            return Confirmation.UNROUTABLE
        case ResponseError() if says_no_queue(reply):
            return Confirmation.UNROUTABLE
        case OutOfMemoryError() | NoPermissionError():
            return Confirmation.REFUSED
        case _:
            return Confirmation.UNKNOWN
