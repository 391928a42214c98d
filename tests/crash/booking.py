"""The sink of a consumer with an inbox: a row for every effect, in the transaction in which `once` allows it.
Nothing in it is unique."""

from typing import Any

import orjson
import psycopg

from consumers.inbox import once
from consumers.message import Message
from tests.crash.sink import Effect, effect, restored

TABLE = "CREATE TABLE booked (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, effect text NOT NULL)"


class Booking:
    """Connects at first use, and anew after the connection broke."""

    def __init__(self, database: str) -> None:
        self._url = database
        self._connection: psycopg.Connection[Any] | None = None

    def take(self, message: Message, *, redelivered: bool) -> None:
        """The effect of a message, unless it had it. Raises psycopg.OperationalError; then it may have it."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True)
        with self._connection.transaction():
            if once(self._connection, "book", message):
                record = orjson.dumps(effect(message, redelivered=redelivered)).decode()
                self._connection.execute("INSERT INTO booked (effect) VALUES (%s)", [record])


def read(database: psycopg.Connection[Any]) -> list[Effect]:
    """Every effect, in order."""
    rows = database.execute("SELECT effect FROM booked ORDER BY number").fetchall()
    return [restored(orjson.loads(record)) for (record,) in rows]
