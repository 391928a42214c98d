"""Publishing to RabbitMQ: mandatory, persistent, confirmed, and many at a time on the way.

The connection is one of its own. A server short of memory stops reading a connection that publishes; what is
acknowledged on another still reaches it. After any error the connection is given up: a confirm that comes
late must not be taken for that of another message.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from uuid import uuid4

from amqp.exceptions import ChannelError

from consumers.broker import Confirmation, Outgoing
from consumers.brokers import amqp_frames
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.brokers.rabbitmq_batch import Batch, publishable, refusal
from consumers.brokers.rabbitmq_connection import SILENCE_SECONDS, Connection, Link, RawChannel
from consumers.errors import BrokerUnavailable
from consumers.message import Message

WINDOW = 500
"""Messages sent and not yet confirmed, at most. At half of it, more are sent."""
CHUNK = 64 * 1024
"""Frames are written together, about so many bytes with one call of the system."""
LARGE = 1024 * 1024
"""A larger body, in bytes, travels alone. The server refuses what is too large for it by closing the channel,
without saying which message it means."""


class Publisher:
    """Publishes on a link of its own."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._outlet: Outlet | None = None
        self._one_by_one = False
        """The last batch ended with outcomes unknown. If that was over a message which the server cannot
        stand, only one message at a time can show which."""

    def send(self, outgoing: Sequence[Outgoing]) -> Callable[[], list[Confirmation]]:
        """What gives a confirmation for each, in order, when they are all there. Raises BrokerUnavailable
        only where nothing was sent."""
        outlet = self._ready()
        batch = Batch(outgoing)
        with suppress(BrokerUnavailable), self._link.using():  # what is not heard of by then stays unknown
            outlet.send(batch, one_by_one=self._one_by_one)
        return partial(self._heard, outlet, batch)

    def _heard(self, outlet: "Outlet", batch: Batch) -> list[Confirmation]:
        with suppress(BrokerUnavailable), self._link.using() as connection:
            if connection is outlet.connection:  # else it broke, and no word of them comes any more
                outlet.settle(batch)
        self._one_by_one = Confirmation.UNKNOWN in batch.confirmations
        return batch.confirmations

    def _ready(self) -> "Outlet":
        """An outlet to which the server listens now."""
        with suppress(BrokerUnavailable), self._link.using() as connection:
            while connection.drain(0):  # what was said while nobody looked, the connection's end included
                pass
        with self._link.using() as connection:
            if self._outlet is None or self._outlet.connection is not connection:
                self._outlet = Outlet(connection)
                self._outlet.probe()
            self._outlet.wait_while_blocked()
        return self._outlet


class Outlet:
    """A confirming channel of one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._open()

    def _open(self) -> None:
        self._channel: RawChannel = self.connection.opened_channel()
        self._channel.confirm_select()
        self._tag = 0
        self._frames: list[bytes] = []
        self._size = 0

    def probe(self) -> None:
        """Publishes a message that goes nowhere. A server that holds publishers back shows it only after it
        was sent something; and what it was sent it may yet take when the sender has long given up."""
        batch = Batch([Outgoing(f"dlo.probe.{uuid4()}", Message(b"", AmqpProperties.build()))])
        self.send(batch)
        self.settle(batch)

    def wait_while_blocked(self) -> None:
        """Raises BrokerUnavailable when it takes too long."""
        deadline = monotonic() + SILENCE_SECONDS
        while self.connection.is_blocked:
            if monotonic() > deadline:
                raise BrokerUnavailable(
                    "RabbitMQ takes no messages now: it is short of memory or disk space."
                )
            self.connection.drain(1.0)

    def send(self, batch: Batch, *, one_by_one: bool = False) -> None:
        """Sends the batch; `settle` hears what becomes of each message."""
        self._listen_for(batch)
        for at, one in enumerate(batch.outgoing):
            if refused := refusal(one, self.connection.frame_max):
                batch.confirmations[at] = refused
                continue
            alone = one_by_one or len(one.message.body) > LARGE
            if alone or len(batch.waiting) == WINDOW:
                self.settle(batch, 0 if alone else WINDOW // 2)
            self._send(batch, at)
            if alone:
                self.settle(batch)
        self._flush(batch)

    def _send(self, batch: Batch, at: int) -> None:
        one = batch.outgoing[at]
        frame_max, channel = self.connection.frame_max, self._channel.channel_id
        frames = amqp_frames.publish(
            channel, one.queue.encode(), publishable(one), one.message.body, frame_max
        )
        self._tag += 1
        batch.add(self._tag, at)
        self._frames.append(frames)
        self._size += len(frames)
        if self._size >= CHUNK:
            self._flush(batch)

    def _flush(self, batch: Batch) -> None:
        frames, self._frames, self._size = self._frames, [], 0
        self.connection.write(frames)
        self._hear(batch, 0)  # a server that must speak before it goes on is not kept from it

    def settle(self, batch: Batch, at_most: int = 0) -> None:
        """Hears the server out until at most so many messages wait."""
        self._flush(batch)
        deadline = monotonic() + SILENCE_SECONDS
        while (before := len(batch.waiting)) > at_most:
            self._hear(batch, max(0.0, deadline - monotonic()))
            if len(batch.waiting) < before:
                deadline = monotonic() + SILENCE_SECONDS
            elif monotonic() >= deadline:
                raise TimeoutError("it confirms nothing; it may be short of memory or disk space")

    def _hear(self, batch: Batch, wait: float) -> None:
        try:
            self.connection.drain(wait)
        except ChannelError as error:
            batch.channel_closed(error)
            self._open()
            self._listen_for(batch)

    def _listen_for(self, batch: Batch) -> None:
        self._channel.on_confirm, self._channel.on_content = batch.confirm, batch.hand_back
