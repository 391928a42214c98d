"""A handler as it was declared, and one message handled with it: that gives a failure, or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consumers.errors import RetryLater
from consumers.failure import Failure, Kind, kind_of
from consumers.identity import indexable
from consumers.message import Message

DELIVERIES = 10

Function = Callable[[Message], Any]
OrderingKey = Callable[[Message], str | None]


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that processes the messages of one queue on behalf of one subscriber."""

    queue: str
    subscriber: str
    """Who reads the queue. Each subscriber gets every message; the processes of one share them."""
    function: Function
    attempts: int = 1
    """How often in all a message is tried at once while the world is to blame."""
    kinds: Mapping[type[BaseException], Kind] = field(default_factory=dict)
    """Which errors are the world's fault, and which ones no program can mend."""
    ordering_key: OrderingKey | None = None
    deliveries: int = DELIVERIES
    """How often a message is delivered at most before it is taken for one that brings its process down."""

    @property
    def name(self) -> str:
        """The function, as module and qualified name."""
        named = self.function if hasattr(self.function, "__qualname__") else type(self.function)
        return f"{named.__module__}.{named.__qualname__}"

    def handle(self, message: Message) -> Failure | None:
        """Tries the message. Gives the failure of the last attempt, or None where the function came through.

        Only what the world is to blame for is tried again at once: any other error would arise again, after
        the function had repeated what it does before. RetryLater asks for later, and is not tried now.
        """
        tries = 0
        while True:
            tries += 1
            try:
                self.function(message)
            except Exception as error:
                kind = kind_of(error, self.kinds)
                again = kind is Kind.TRANSIENT and not isinstance(error, RetryLater)
                if not again or tries >= self.attempts:
                    return Failure.of(_from_the_function(error), self.name, kind=kind, tries=tries)
            else:
                return None

    def key_of(self, message: Message) -> str | None:
        """The business key of a message, where its order matters and the key can be told."""
        if self.ordering_key is None:
            return None
        try:
            key = self.ordering_key(message)
        except Exception:  # what cannot be read has no key; the function will say why it cannot be read
            return None
        return None if key is None else indexable(str(key))


def _from_the_function(error: Exception) -> Exception:
    """The error with a traceback that begins in the user's function, not in the call of it here."""
    here = error.__traceback__
    return error.with_traceback(here.tb_next) if here and here.tb_next else error
