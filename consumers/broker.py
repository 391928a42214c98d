"""The Broker port: what the office asks of a message broker. One adapter a file in `consumers/brokers/`.

Every adapter passes `tests/broker_contract.py`. A broker is used by one thread of one process.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, NamedTuple, Self

from consumers.message import Message
from consumers.properties import Headers, Properties


class Confirmation(Enum):
    """What the broker said of one published message."""

    CONFIRMED = "confirmed"
    """It is the broker's now, on its disk as durably as the broker promises."""
    UNROUTABLE = "unroutable"
    """No such queue: the message is nowhere."""
    REFUSED = "refused"
    """The broker declined it for now (a full queue): the message is nowhere."""
    IMPOSSIBLE = "impossible"
    """The broker will never take it (too large, or not in its encoding): the message is nowhere."""
    UNKNOWN = "unknown"
    """The connection broke first: the message may be there. Publishing it again may make a duplicate."""


Answers = Callable[[], Sequence[Confirmation]]
"""Waits for the confirmations of what was sent, and gives them."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message and the queue it is to be put on."""

    queue: str
    message: Message


class Delivery(NamedTuple):  # made for each message, in half the time of a frozen dataclass
    """One hand-over of a message, to be acknowledged, or given back by closing."""

    message: Message
    queue: str
    redelivered: bool
    """True where the broker says, or cannot exclude, that it handed this message over before."""
    token: Any
    """What the adapter needs to settle it; nobody else's business."""
    deliveries: int = 1
    """How often it was handed over so far, this time included, as far as the broker counts."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """A queue at one moment. None is "this broker cannot say", never zero."""

    ready: int | None
    """Messages waiting to be delivered."""
    unacknowledged: int | None
    """Messages delivered and not settled yet."""
    consumers: int | None
    oldest_seconds: float | None
    """Age of the oldest message that is ready or unacknowledged."""
    entered: int | None
    """Messages that ever entered, a counter: two readings give the rate in."""
    left: int | None
    """Messages that were ever acknowledged, a counter: two readings give the rate out."""


class Subscription(ABC):
    """Reads one queue on behalf of one subscriber."""

    return_address: str
    """The queue to publish to so that this subscriber, and no other, gets the message."""

    @abstractmethod
    def receive(self, limit: int, wait: float) -> list[Delivery]:
        """Up to `limit` deliveries in the order of the queue. Waits up to `wait` seconds for the first one,
        and for no other. Raises BrokerUnavailable."""

    def look_ahead(self, limit: int) -> None:  # noqa: B027 - many brokers send ahead unasked
        """Has the broker prepare up to `limit` deliveries, within the prefetch, for the next `receive`, and
        does not wait for them; it may go on so while they are acknowledged. Raises BrokerUnavailable."""

    @abstractmethod
    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Settles these for good, and need not wait for the broker to say so. Raises BrokerUnavailable; then
        they may come again, as they may where the connection breaks before the broker heard of it."""

    @abstractmethod
    def keep(self, deliveries: Sequence[Delivery]) -> None:
        """Says that these are still being worked on, to brokers that would soon hand them to another."""

    @abstractmethod
    def close(self) -> None:
        """Leaves. What was not settled goes back to the queue, in its order, to be delivered again soon, to
        anybody. There is no other way to give something back: brokers that take back a part put it behind
        what they had sent after it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Broker(ABC):
    """A connection to one broker, made at first use. After BrokerUnavailable the next call connects anew."""

    properties: ClassVar[type[Properties]]

    def message(
        self,
        body: bytes,
        headers: Headers | None = None,
        *,
        message_id: str | None = None,
        correlation_id: str | None = None,
        reply_to: str | None = None,
        content_type: str | None = None,
        type: str | None = None,
    ) -> Message:
        """A new message in this broker's encoding."""
        properties = self.properties.build(
            headers,
            message_id=message_id,
            correlation_id=correlation_id,
            reply_to=reply_to,
            content_type=content_type,
            type=type,
        )
        return Message(body, properties)

    @abstractmethod
    def declare(self, queue: str, subscriber: str) -> str:
        """Makes the durable queue, and what the subscriber needs on it, where absent. Gives the subscriber's
        return address. What is already there stays as it is. Raises BrokerUnavailable."""

    @abstractmethod
    def subscribe(
        self, queue: str, subscriber: str, *, prefetch: int = 500, in_order: bool = False
    ) -> Subscription:
        """Declares, and starts to read. At most `prefetch` deliveries are unsettled at a time. `in_order`:
        what a process of this subscriber held when it died comes before anything newer, however long the
        broker takes to notice."""

    @abstractmethod
    def publish(self, outgoing: Sequence[Outgoing]) -> list[Confirmation]:
        """Publishes persistently, all in one pipeline, and waits for every confirmation; gives one for each,
        in order. Raises BrokerUnavailable only where nothing at all was sent."""

    def send(self, outgoing: Sequence[Outgoing]) -> Answers:
        """Publishes as `publish` does, but where the broker can does not wait for the confirmations: what
        this gives waits, raises what that raises, and is to be called before anything else is published."""
        answers = self.publish(outgoing)
        return lambda: answers

    @abstractmethod
    def measure(self, queue: str, subscriber: str) -> QueueFigures:
        """The figures of a queue. Raises QueueMissing, BrokerUnavailable."""

    @abstractmethod
    def close(self) -> None:
        """Closes the connection. The broker may be used again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
