"""RabbitMQ: durable quorum queues, published to through the default exchange.

A queue has one content, which its consumers share, and the queue itself is the return address: a requeue to a
topic or fan-out exchange would reach every other subscriber too. A subscriber of such an exchange has a queue
of its own bound to it, and reads that.

URLs are described in `rabbitmq_address`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from amqp.exceptions import NotFound, PreconditionFailed

from consumers.broker import Answers, Broker, Confirmation, Outgoing, QueueFigures
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.brokers.rabbitmq_address import Address
from consumers.brokers.rabbitmq_connection import Connection, Link
from consumers.brokers.rabbitmq_management import Management
from consumers.brokers.rabbitmq_publisher import Publisher
from consumers.brokers.rabbitmq_subscription import QueueSubscription
from consumers.errors import QueueMissing
from consumers.properties import Properties

# The delivery limit is one that is never reached, and it must be there. Without one, RabbitMQ from 4.0 on
# drops a message after 20 deliveries, and any puts what is given back at the end of the queue, behind what is
# newer. (Its own word for "no limit", -1, has the latter, and RabbitMQ 3 takes it for "deliver once".)
QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-delivery-limit": 2**31 - 1}


class RabbitMQ(Broker):
    """The queues of one virtual host."""

    properties: ClassVar[type[Properties]] = AmqpProperties

    def __init__(self, url: str) -> None:
        address = Address.of(url)
        self._consuming = Link(address, "dead letter office, consuming", address.heartbeat)
        # Nothing hangs on it while it rests, so that it needs no heartbeat: if it breaks, it is opened again.
        self._publishing = Link(address, "dead letter office, publishing", heartbeat=0)
        self._publisher = Publisher(self._publishing)
        self._management = Management(address)
        self._subscriptions: list[QueueSubscription] = []

    def declare(self, queue: str, subscriber: str) -> str:  # noqa: ARG002 - they share the queue
        with self._consuming.using() as connection:
            if _counted(connection, queue) is None:
                _make(connection, queue)
        return queue

    def subscribe(
        self,
        queue: str,
        subscriber: str,
        *,
        prefetch: int = 500,
        in_order: bool = False,  # noqa: ARG002
    ) -> QueueSubscription:
        # In order it is anyway: what a lost connection held goes back to its place before it is given again.
        declare = partial(self.declare, queue, subscriber)
        subscription = QueueSubscription(self._consuming, declare, queue, prefetch)
        subscription.receive(0, 0)
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, outgoing: Sequence[Outgoing]) -> list[Confirmation]:
        return self._publisher.send(outgoing)()

    def send(self, outgoing: Sequence[Outgoing]) -> Answers:
        return self._publisher.send(outgoing)

    def measure(self, queue: str, subscriber: str) -> QueueFigures:  # noqa: ARG002
        with self._consuming.using() as connection:
            counted = _counted(connection, queue)
        if counted is None:
            raise QueueMissing(f"RabbitMQ has no queue {queue}.")
        more = self._management.figures(queue)
        return QueueFigures(
            ready=counted[0],
            unacknowledged=more.unacknowledged,
            consumers=counted[1],
            oldest_seconds=more.oldest_seconds,
            entered=more.entered,
            left=more.left,
        )

    def close(self) -> None:
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()
        self._consuming.close()
        self._publishing.close()


def _counted(connection: Connection, queue: str) -> tuple[int, int] | None:
    """How many messages are ready and how many consumers there are; None where there is no such queue."""
    channel = connection.opened_channel()
    try:
        declared: Any = channel.queue_declare(queue, passive=True)
    except NotFound:  # and with that the server closed the channel
        return None
    channel.close()
    return declared.message_count, declared.consumer_count


def _make(connection: Connection, queue: str) -> None:
    channel = connection.opened_channel()
    try:
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS)
    except PreconditionFailed:  # somebody else made it, in another way, a moment ago
        return
    channel.close()
