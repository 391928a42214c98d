"""What the broker said of a message when it delivered it: handlers are not told, and the sink notes it."""

from collections.abc import Sequence

from consumers.broker import Delivery, Subscription
from consumers.message import Message
from tests.crash.wrapping import after

_said: dict[int, tuple[Message, bool]] = {}
"""By the message object, which is kept alive here so that no other can take its place."""


def watch() -> None:
    """Has every subscription of this process note it."""
    for queue in Subscription.__subclasses__():
        after(queue, "receive", _note)


def of(message: Message) -> bool:
    """Whether it was delivered as one that may have been delivered before."""
    return _said[id(message)][1]


def _note(deliveries: Sequence[Delivery], *_: object) -> None:
    _said.update({id(one.message): (one.message, one.redelivered) for one in deliveries})
