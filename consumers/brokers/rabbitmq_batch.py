"""What becomes of the messages of one publishing call on RabbitMQ."""

from collections.abc import Sequence

from amqp.exceptions import ChannelError, PreconditionFailed

from consumers.broker import Confirmation, Outgoing
from consumers.brokers import amqp_frames
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.brokers.rabbitmq_transport import Content
from consumers.errors import MalformedProperties

NAME_LENGTH = 255
"""The longest name of a queue, in bytes."""


class Batch:
    """Messages on their way, and what has been heard of them."""

    def __init__(self, outgoing: Sequence[Outgoing]) -> None:
        self.outgoing = outgoing
        self.confirmations = [Confirmation.UNKNOWN] * len(outgoing)
        self._sent: dict[int, int] = {}
        """Tags in the order in which they were sent, each with its message's position."""
        self.waiting: dict[int, int] = {}
        """Those of them of which nothing was heard yet."""

    def add(self, tag: int, at: int) -> None:
        """Notes that a message is on its way."""
        self._sent[tag] = self.waiting[tag] = at

    def confirm(self, tag: int, multiple: bool, ack: bool) -> None:
        """The server's word on a message, or on all up to it."""
        for earlier in [each for each in self.waiting if each < tag] if multiple else ():
            # RabbitMQ 3.10 has been seen to refuse "all up to" a message for a full queue, and to confirm one
            # of those a moment later. So only the one that is named is refused; the others are unknown.
            self._hear_of(earlier, Confirmation.CONFIRMED if ack else Confirmation.UNKNOWN)
        self._hear_of(tag, Confirmation.CONFIRMED if ack else Confirmation.REFUSED)

    def _hear_of(self, tag: int, confirmation: Confirmation) -> None:
        self.waiting.pop(tag, None)
        at = self._sent.get(tag)  # None is for an earlier batch's message, too late for anybody to hear
        if at is not None and self.confirmations[at] is Confirmation.UNKNOWN:  # else it came back unroutable
            self.confirmations[at] = confirmation

    def hand_back(self, content: Content) -> None:
        """A message that found no queue. It bears no tag; but it comes back before it is confirmed, so it is
        one that waits, for that queue, with those bytes. Of twins that differ in nothing, either will do."""
        queue, body = amqp_frames.returned(content.arguments), content.body
        alike = [at for at in self.waiting.values() if self._is_like(at, queue, body)]
        # A server may encode properties anew. Then the body must do, and the order, which is that of sending.
        exact = (at for at in alike if publishable(self.outgoing[at]) == content.properties)
        at = next(exact, alike[0])
        self.confirmations[at] = Confirmation.UNROUTABLE

    def _is_like(self, at: int, queue: bytes, body: bytes) -> bool:
        one = self.outgoing[at]
        unknown = self.confirmations[at] is Confirmation.UNKNOWN
        return unknown and one.message.body == body and one.queue.encode() == queue

    def channel_closed(self, error: ChannelError) -> None:
        """The server closed the channel over one of those that wait. Alone it is known, among others not."""
        for_good = isinstance(error, PreconditionFailed)  # too large; the others are about rights
        if len(self.waiting) == 1:
            at = self.waiting.popitem()[1]
            self.confirmations[at] = Confirmation.IMPOSSIBLE if for_good else Confirmation.REFUSED
        self.waiting.clear()


def publishable(outgoing: Outgoing) -> bytes:
    """The properties to publish. Raises MalformedProperties where they are none of RabbitMQ's."""
    properties = outgoing.message.properties
    if not isinstance(properties, AmqpProperties):
        raise MalformedProperties(f"Properties in the format {properties.format} are not for RabbitMQ.")
    return properties.publishable


def refusal(outgoing: Outgoing, frame_max: int) -> Confirmation | None:
    """What is to be said of a message that cannot even be sent: the server would close the connection."""
    if len(outgoing.queue.encode()) > NAME_LENGTH:
        return Confirmation.UNROUTABLE
    try:
        too_large = (
            len(publishable(outgoing)) > frame_max - amqp_frames.OVERHEAD - amqp_frames.HEADER_OVERHEAD
        )
    except MalformedProperties:
        return Confirmation.IMPOSSIBLE
    return Confirmation.IMPOSSIBLE if too_large else None
