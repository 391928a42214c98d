"""Readings of a stream that were begun ahead, and the acknowledgements that left with them."""

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from consumers.brokers.valkey_connection import Begun, Command, ValkeyConnection

Token = tuple[str, bytes]
"""A delivery's stream and id."""


class _Reading(NamedTuple):
    begun: Begun
    commands: int
    """So many of what was begun read; those before them acknowledge."""
    limit: int
    acknowledged: Sequence[Token]


class Ahead:
    """What was asked for and not taken in yet, in its order. Everything raises BrokerUnavailable."""

    def __init__(self, connection: ValkeyConnection) -> None:
        self._connection = connection
        self._readings: deque[_Reading] = deque()
        self.unsure: set[Token] = set()
        """Acknowledged, and the server did not say yet that it heard of it."""

    def __bool__(self) -> bool:
        return bool(self._readings)

    @property
    def coming(self) -> int:
        """So many deliveries may be on their way."""
        return sum(reading.limit for reading in self._readings)

    def begin(
        self,
        acknowledging: Sequence[Command],
        reading: Sequence[Command],
        limit: int,
        acknowledged: Sequence[Token],
    ) -> None:
        """Acknowledges some and, in the same breath, asks for up to `limit` others."""
        begun = self._connection.begin([*acknowledging, *reading])
        self._readings.append(_Reading(begun, len(reading), limit, acknowledged))
        self.unsure.update(acknowledged)

    def end(self) -> list[Any]:
        """The replies to the reading that was begun first. Raises QueueMissing."""
        reading = self._readings.popleft()
        replies = self._connection.end(reading.begun)
        self.unsure.difference_update(reading.acknowledged)
        return replies[-reading.commands :]

    def forget(self) -> None:
        """Waits for none of them any more. What is unsure stays so."""
        self._readings.clear()
