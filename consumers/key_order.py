"""Which messages of a batch may be handled, where their order matters."""

from collections.abc import Sequence
from enum import Enum

from consumers.failure import Failure, Kind
from consumers.handling import Handler
from consumers.identity import dead_letter
from consumers.message import Message
from consumers.ordering import Gates, Head


class Turn(Enum):
    """What is to be done with the next message."""

    HANDLE = "handle"
    HOLD = "hold"
    """Its key's gate is closed: it waits."""
    DELEGATE = "delegate"
    """It is the head of its own key's gate, delivered once more."""


class KeyOrder:
    """The gates as they stood before the batch, and those that its own failures close."""

    def __init__(self, handler: Handler, gates: Gates, messages: Sequence[Message]) -> None:
        """Asks for the gates once for all. Raises DatabaseUnavailable."""
        self._handler, self._gates = handler, gates
        self._keys: dict[int, str | None] = {}
        closed = gates.all_closed()
        if closed is None:
            keys = {key for message in messages if (key := self.key_of(message)) is not None}
            closed = gates.closed(keys) if keys else {}
        self._closed: dict[str | None, Head | None] = {}
        self._closed.update(closed)

    def key_of(self, message: Message) -> str | None:
        """The business key of a message of the batch."""
        if id(message) not in self._keys:
            self._keys[id(message)] = self._handler.key_of(message)
        return self._keys[id(message)]

    def turn(self, message: Message) -> Turn:
        """What is to be done with this one, which is the next."""
        if (
            not self._closed
        ):  # as it mostly is: then nobody has to read the key, which takes longer than the rest
            return Turn.HANDLE
        key = self.key_of(message)
        if key not in self._closed:
            return Turn.HANDLE
        head = self._closed[key]
        if head is None:
            return Turn.HOLD
        if head.dead_letter and dead_letter(message) == head.dead_letter:
            return Turn.HANDLE
        return Turn.DELEGATE if head.identity == self._gates.identity(message) else Turn.HOLD

    def failed(self, message: Message) -> None:
        """What comes after it of its key waits."""
        if (key := self.key_of(message)) is not None:
            self._closed[key] = None


def delivered_again(handler: Handler) -> Failure:
    """Why a head is delegated once more, unhandled: nobody knows how far it got, and the office has, or gets,
    its dead letter, whose requeue is the one to handle."""
    return Failure(
        error_type="Delivered again",
        text="It failed before, and was delivered once more while the messages of its key wait for it.",
        handler=handler.name,
        kind=Kind.TRANSIENT,
    )
