"""Gates and held messages, as a consumer of an ordered queue reaches them: with psycopg, in the office's
database. The tables are the office's (`workflow_processor/models/gates.py` tells what they mean).

A failure closes the gate of its key before the failed message is acknowledged. A message of a closed key is
stored as held, in the order of arrival, and acknowledged after that commit. The head itself passes: it is
what the gate waits for.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from consumers.database import complaint, parameters
from consumers.errors import OfficeError
from consumers.identity import dead_letter, digest, own_id
from consumers.message import Message

Result = TypeVar("Result")

HELD_AT_MOST = 10_000
"""Messages that wait on one queue for one subscriber before its consumer slows down."""

FEW = 100
"""Closed gates that are fetched for each batch rather than looked up by its keys."""


class DatabaseUnavailable(OfficeError):
    """Gates cannot be asked for. A consumer of an ordered queue stops then; it does not guess."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a closed gate waits for."""

    dead_letter: UUID | None
    """None until the office has stored it."""
    identity: bytes


@dataclass(frozen=True, slots=True)
class Keyed:
    """A message of a key."""

    key: str
    message: Message
    redelivered: bool = False
    """The broker had delivered it before: it may have been processed then."""


class Gates:
    """The gates of one queue and subscriber. Connects at first use, and anew after a connection broke.
    Everything raises DatabaseUnavailable."""

    def __init__(
        self,
        database: str,
        queue: str,
        subscriber: str,
        return_address: str,
        held_at_most: int = HELD_AT_MOST,
    ) -> None:
        self._database = make_conninfo("", **parameters(database, connect_timeout=5))
        self._source = {"queue": queue, "subscriber": subscriber}
        self._return_address = return_address
        self._held_at_most = held_at_most
        self._connection: psycopg.Connection[Any] | None = None
        self.overfull = False
        """Whether more than `held_at_most` waited when last something was held."""

    def all_closed(self) -> dict[str, Head] | None:
        """Every closed gate, and what closed it; None where they are more than FEW, which is no answer."""
        values = {**self._source, "most": FEW + 1}
        rows = self._run(lambda connection: connection.execute(_ALL_CLOSED, values).fetchall())
        return _heads(rows) if len(rows) <= FEW else None

    def closed(self, keys: Collection[str]) -> dict[str, Head]:
        """Which of these keys' gates are closed, and by what."""
        rows = self._run(
            lambda connection: connection.execute(_CLOSED, {**self._source, "keys": list(keys)}).fetchall()
        )
        return _heads(rows)

    def settle(self, failed: Sequence[Keyed], held: Sequence[Keyed]) -> set[str]:
        """Closes the gates of what failed and holds what waits, in one transaction. Gives the keys whose gate
        was opened meanwhile, so that nothing of them was held."""

        def settled(connection: psycopg.Connection[Any]) -> set[str]:
            with connection.transaction():
                self._close(connection, failed)
                return self._hold(connection, held) if held else set()

        return self._run(settled)

    def close(self) -> None:
        """Closes the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def identity(self, message: Message) -> bytes:
        """By what a head is known."""
        return digest(self._source["queue"], self._source["subscriber"], message)

    def _close(self, connection: psycopg.Connection[Any], failed: Sequence[Keyed]) -> None:
        # In the order of keys, as everybody takes these locks: two consumers cannot wait for each other.
        first = {one.key: self.identity(one.message) for one in reversed(failed)}
        rows = [{**self._source, "key": key, "identity": first[key]} for key in sorted(first)]
        connection.cursor().executemany(_CLOSE, rows)

    def _hold(self, connection: psycopg.Connection[Any], held: Sequence[Keyed]) -> set[str]:
        keys = {one.key for one in held}
        gates = dict(connection.execute(_LOCK, {**self._source, "keys": sorted(keys)}).fetchall())
        rows = [self._row(gates[one.key], one) for one in held if one.key in gates]
        connection.cursor().executemany(_HOLD, rows)
        values = {**self._source, "most": self._held_at_most + 1}
        [(waiting,)] = connection.execute(_WAITING, values).fetchall()
        self.overfull = waiting > self._held_at_most
        return keys - gates.keys()

    def _row(self, gate: int, held: Keyed) -> dict[str, object]:
        message = held.message
        return {
            "gate": gate,
            "redelivered": held.redelivered,
            "dead_letter": dead_letter(message),
            "identity": self.identity(message),
            "derived": own_id(message) is None,
            "body": message.body,
            "properties": message.properties.raw,
            "format": message.properties.format,
            "address": self._return_address,
        }

    def _run(self, work: Callable[[psycopg.Connection[Any]], Result]) -> Result:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._database, autocommit=True)
            return work(self._connection)
        except psycopg.Error as error:  # down, too busy, a replica by now, not migrated yet: all may pass
            self.close()
            reason = complaint(error)
            if isinstance(error, psycopg.errors.UndefinedTable):
                reason += "; is it the office's, and migrated?"
            raise DatabaseUnavailable(f"The office's database cannot be used: {reason}") from error


def _heads(rows: Sequence[tuple[Any, ...]]) -> dict[str, Head]:
    return {key: Head(dead_letter, bytes(identity)) for key, dead_letter, identity in rows}


_ALL_CLOSED = """
SELECT key, head_id, head_identity FROM gate
WHERE queue = %(queue)s AND subscriber = %(subscriber)s LIMIT %(most)s
"""
_CLOSED = """
SELECT key, head_id, head_identity FROM gate
WHERE queue = %(queue)s AND subscriber = %(subscriber)s AND key = ANY(%(keys)s)
"""
_CLOSE = """
INSERT INTO gate (queue, subscriber, key, head_identity, closed_at)
VALUES (%(queue)s, %(subscriber)s, %(key)s, %(identity)s, now())
ON CONFLICT (queue, subscriber, key) DO NOTHING
"""
# Shared: consumers do not wait for each other here, and nobody opens a gate while a message is put behind it.
_LOCK = """
SELECT key, id FROM gate
WHERE queue = %(queue)s AND subscriber = %(subscriber)s AND key = ANY(%(keys)s)
ORDER BY key FOR SHARE
"""
_WAITING = """
SELECT count(*) FROM (
    SELECT FROM held_message h JOIN gate g ON g.id = h.gate_id
    WHERE g.queue = %(queue)s AND g.subscriber = %(subscriber)s LIMIT %(most)s
) AS waiting
"""
# Where it waits already it waits once: as the requeue, if it is one now, which its dead letter counts on.
_HOLD = """
INSERT INTO held_message (gate_id, dead_letter, identity, identity_derived, body, properties,
                          properties_format, return_address, redelivered, held_at)
VALUES (%(gate)s, %(dead_letter)s, %(identity)s, %(derived)s, %(body)s, %(properties)s,
        %(format)s, %(address)s, %(redelivered)s, now())
ON CONFLICT (gate_id, identity) WHERE NOT identity_derived DO UPDATE
SET dead_letter = excluded.dead_letter, properties = excluded.properties
WHERE excluded.dead_letter IS NOT NULL
"""
