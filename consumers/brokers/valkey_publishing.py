"""Publishing to streams: in pipelines of which the next is prepared while the server takes in the last."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError

from consumers.broker import Confirmation, Outgoing
from consumers.brokers.valkey_connection import Begun, Command, ValkeyConnection, error_of, says_no_queue
from consumers.brokers.valkey_entries import fields_of
from consumers.errors import BrokerUnavailable
from consumers.fields import FieldProperties

WINDOW_MESSAGES = 500
WINDOW_BYTES = 8 * 1024 * 1024
"""So much is one pipeline: enough to keep the server busy, and little to hold twice."""


class _Sent(NamedTuple):
    window: list[int]
    """The positions of its messages."""
    commands: list[Command]
    begun: Begun


class Publishing:
    """Some messages on their way."""

    def __init__(self, connection: ValkeyConnection, outgoing: Sequence[Outgoing]) -> None:
        """Sends them; of the last pipeline no reply is waited for. Raises BrokerUnavailable where nothing was
        sent."""
        self._connection = connection
        self._outgoing = outgoing
        self._confirmations = [_before_sending(one) for one in outgoing]
        self._sent: deque[_Sent] = deque()
        self._declined: list[ResponseError] = []
        connection.prepare()
        with suppress(BrokerUnavailable):  # what has no reply by then stays unknown
            for window in self._windows():
                self._send(window)
                while len(self._sent) > 1:
                    self._hear()

    def confirmations(self) -> list[Confirmation]:
        """One for each, in order. Raises BrokerUnavailable where the server declined them all."""
        with suppress(BrokerUnavailable):
            while self._sent:
                self._hear()
        if self._declined and len(self._declined) == len(self._outgoing):
            # Nothing was accepted: a replica, a disk that is full, a script that blocks.
            raise error_of(self._declined[0])
        return self._confirmations

    def _send(self, window: list[int]) -> None:
        commands = [_addition(self._outgoing[at]) for at in window]
        self._sent.append(_Sent(window, commands, self._connection.begin_transaction(commands)))

    def _hear(self) -> None:
        sent = self._sent.popleft()
        replies = self._connection.end_transaction(sent.begun, sent.commands)
        for at, reply in zip(sent.window, replies, strict=True):
            self._confirmations[at] = _confirmation(reply)
            if self._confirmations[at] is Confirmation.UNKNOWN:
                self._declined.append(reply)

    def _windows(self) -> Iterator[list[int]]:
        """The positions of what is to be sent, a pipeline at a time."""
        window: list[int] = []
        size = 0
        for at, one in enumerate(self._outgoing):
            if self._confirmations[at] is not Confirmation.UNKNOWN:
                continue
            window.append(at)
            size += len(one.message.body) + one.message.properties.size
            if len(window) == WINDOW_MESSAGES or size > WINDOW_BYTES:
                yield window
                window, size = [], 0
        if window:
            yield window


def _before_sending(outgoing: Outgoing) -> Confirmation:
    ours = isinstance(outgoing.message.properties, FieldProperties)
    return Confirmation.UNKNOWN if ours else Confirmation.IMPOSSIBLE  # a message of another broker's making


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
