"""Reading a queue of RabbitMQ's."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import takewhile
from time import monotonic

from consumers.broker import Delivery, Subscription
from consumers.brokers import amqp_frames
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.brokers.rabbitmq_connection import Connection, Link, RawChannel
from consumers.brokers.rabbitmq_transport import Content
from consumers.errors import BrokerUnavailable
from consumers.message import Message

PREFETCH_MOST = 65_535


class QueueSubscription(Subscription):
    """One consumer of one queue. A delivery's token is the count of channels so far, and the tag on that."""

    def __init__(self, link: Link, declare: Callable[[], str], queue: str, prefetch: int) -> None:
        self._link, self._declare, self._queue = link, declare, queue
        self._prefetch = min(prefetch, PREFETCH_MOST)
        self.return_address = queue
        self._channel: RawChannel | None = None
        self._epoch = 0
        self._arrived: deque[Delivery] = deque()
        self._unsettled: dict[int, None] = {}
        """Tags of what was handed over or only arrived, in their order."""

    def receive(self, limit: int, wait: float) -> list[Delivery]:
        deadline = monotonic() + wait
        with self._link.using() as connection:
            self._consume_if_needed(connection)
            while True:
                # It waits for the first; of the others it takes what has arrived. It listens in any case, if
                # only to hear that the server's heart beats.
                patience = 0.0 if self._arrived else max(0.0, deadline - monotonic())
                heard = connection.drain(patience)
                if len(self._arrived) >= limit or (not heard and (self._arrived or monotonic() >= deadline)):
                    break
            connection.heartbeat_tick()
        return [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]

    def _consume_if_needed(self, connection: Connection) -> None:
        if self._is_consuming:
            return
        self._declare()
        self._forget()  # what came on an earlier channel is the queue's again
        self._epoch += 1
        self._channel = channel = connection.opened_channel()
        channel.on_content = self._arrive
        channel.basic_qos(0, self._prefetch, False)
        channel.basic_consume(self._queue)

    @property
    def _is_consuming(self) -> bool:
        return self._channel is not None and self._channel.connection is not None

    def _arrive(self, content: Content) -> None:
        tag, redelivered = amqp_frames.delivery(content.arguments)
        message = Message(content.body, AmqpProperties.received(content.properties))
        deliveries = 1 + AmqpProperties.delivered_before(content.properties) if redelivered else 1
        self._arrived.append(Delivery(message, self._queue, redelivered, (self._epoch, tag), deliveries))
        self._unsettled[tag] = None

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        tags = {tag for epoch, tag in (each.token for each in deliveries) if epoch == self._epoch}
        tags &= self._unsettled.keys()
        if tags and self._channel is not None and self._is_consuming:
            with self._link.using() as connection:
                connection.drain(0)  # to hear of the connection's end, if that was it
                self._acknowledge(connection, self._channel, tags)
            for tag in tags:
                del self._unsettled[tag]
        if any(each.token[0] != self._epoch or not self._is_consuming for each in deliveries):
            raise BrokerUnavailable("The connection these deliveries came on is gone; they will come again.")

    def _acknowledge(self, connection: Connection, channel: RawChannel, tags: set[int]) -> None:
        through = list(takewhile(tags.__contains__, self._unsettled))
        frames = [amqp_frames.ack(channel.channel_id, through[-1], multiple=True)] if through else []
        frames += [amqp_frames.ack(channel.channel_id, tag) for tag in sorted(tags.difference(through))]
        connection.write(frames)

    def keep(self, deliveries: Sequence[Delivery]) -> None:  # noqa: ARG002 - the whole connection is kept
        if self._is_consuming:
            with self._link.using() as connection:
                connection.drain(0)
                connection.heartbeat_tick()

    def close(self) -> None:
        # The channel's end gives everything back in its order. A quorum queue that is told to take some of it
        # back, or to cancel the consumer first, puts that behind what it had sent after it.
        if self._channel is not None and self._is_consuming:
            with suppress(BrokerUnavailable), self._link.using():
                self._channel.close()
        self._channel = None
        self._forget()

    def _forget(self) -> None:
        self._arrived.clear()
        self._unsettled.clear()
