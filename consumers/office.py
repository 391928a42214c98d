"""Delegating from code that is not our loop: a web hook, a batch job, a consumer of another library.

with Office("amqp://localhost") as office:
    with office.delegating(body, queue="orders", handler="billing.bill"):
        bill(body)
    channel.basic_ack(tag)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NotRequired, Self, TypedDict, Unpack
from uuid import UUID

from consumers.broker import Confirmation, Outgoing
from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE, Delegated, Place
from consumers.errors import BrokerUnavailable, NotDelegated
from consumers.failure import Failure
from consumers.message import Message
from consumers.properties import Headers
from consumers.reporting import receipt

_why = {
    Confirmation.UNROUTABLE: "There is no such queue and nothing was sent. Start the office, which makes it",
    Confirmation.REFUSED: "The broker refused it: the queue may be full. See to that",
    Confirmation.IMPOSSIBLE: "The broker will never take it: it may be too large. See to that",
    Confirmation.UNKNOWN: "The connection broke, and the office may have it or not; twice does no harm. Wait",
}


class Read(TypedDict):
    """Where a message was read."""

    queue: str
    """The queue it was read from."""
    subscriber: NotRequired[str]
    """The service that read it."""
    return_address: NotRequired[str]
    """The queue that a requeue goes to, where that is not `queue`."""


class Origin(Read):
    """Where a message comes from."""

    handler: str
    """The function that processes it, as module and name."""
    redelivered: NotRequired[bool]
    """Whether the broker had delivered it before."""
    headers: NotRequired[Headers]
    """Of a message that is given as its body; a Message has its own."""
    message_id: NotRequired[str]
    """The same."""


class Office:
    """The office, from the side of your own code. Used by one thread at a time."""

    def __init__(self, broker: str, *, intake: str = INTAKE_QUEUE) -> None:
        """`broker` is the URL of the broker that has the queue `intake`. Connects at first use. Raises
        ValueError for a URL of no known broker."""
        self._broker = connect(broker)
        self._intake = intake

    def delegate(self, message: Message | bytes, error: Exception, **origin: Unpack[Origin]) -> UUID:
        """Hands a failed message to the office. Gives the failure's id once the office's queue has it: now
        the message may be acknowledged. Raises NotDelegated otherwise: then it is still yours."""
        failure = Failure.of(error, origin["handler"])
        place = _place(origin)
        delegated = Delegated(
            message=self._message(message, origin),
            failure=failure,
            queue=place.queue,
            subscriber=place.subscriber,
            return_address=place.return_address,
            redelivered=origin.get("redelivered", False),
        )
        self._tell(delegated.wrapped(self._broker))
        return failure.failure_id

    def processed(self, message: Message, **read: Unpack[Read]) -> None:
        """Tells the office that a message which it had sent back is done; of any other it tells nothing.
        Raises NotDelegated like `delegate`."""
        self._tell_of(message, _place(read))

    @contextmanager
    def delegating(self, message: Message | bytes, **origin: Unpack[Origin]) -> Iterator[None]:
        """Delegates the message if the block raises an Exception, which ends there; tells that it is
        processed if not. After the block it may be acknowledged. Raises NotDelegated like `delegate`."""
        message = self._message(message, origin)
        try:
            yield
        except Exception as error:
            self.delegate(message, error, **origin)
        else:
            self._tell_of(message, _place(origin))

    def close(self) -> None:
        self._broker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _message(self, message: Message | bytes, origin: Origin) -> Message:
        if isinstance(message, Message):
            return message
        return self._broker.message(message, origin.get("headers"), message_id=origin.get("message_id"))

    def _tell_of(self, message: Message, place: Place) -> None:
        if report := receipt(message, place, self._broker):
            self._tell(report)

    def _tell(self, report: Message) -> None:
        try:
            (answer,) = self._broker.publish([Outgoing(self._intake, report)])
        except BrokerUnavailable as error:
            raise self._not_delegated(f"{error} Nothing was sent. Wait") from error
        if answer is Confirmation.UNKNOWN:
            self._broker.close()  # a late confirmation must not pass for that of the next message
        if answer is not Confirmation.CONFIRMED:
            raise self._not_delegated(_why[answer])

    def _not_delegated(self, why: str) -> NotDelegated:
        return NotDelegated(
            f"{self._intake} did not confirm the message. {why}, and delegate again; acknowledge only then."
        )


def _place(read: Read) -> Place:
    queue = read["queue"]
    return Place(queue, read.get("subscriber", ""), read.get("return_address", queue))
