"""The table of placed trades: what the consumer did, each time it did it.

Nothing in it is unique but its own number, so that a trade which is placed twice is seen to be.
"""

import os
import time
from decimal import Decimal
from hashlib import sha256
from typing import Any, Self

import psycopg

from consumers.message import ATTEMPT, POSSIBLE_DUPLICATE, REQUEUE, Message
from consumers.trading.parse import Trade

PATIENCE = 15.0
"""Seconds to wait for the database before a trade is given up for now."""

_TABLE = """
select pg_advisory_xact_lock(hashtext('trading.placed'));
create schema if not exists trading;
create table if not exists trading.placed (
    number bigint generated always as identity primary key,
    placed_at timestamptz not null default clock_timestamp(),
    message_id text,
    requeue_id text,
    attempt integer not null,
    possible_duplicate boolean not null,
    account text not null,
    side text not null,
    symbol text not null,
    shares bigint not null,
    price numeric not null,
    booking text not null,
    body_sha256 text not null
)
"""

_PLACE = """
insert into trading.placed (message_id, requeue_id, attempt, possible_duplicate, account, side, symbol,
                            shares, price, booking, body_sha256)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class DatabaseAway(ConnectionError):
    """The database cannot be reached. A lost connection like any other: the world's fault."""


def database_url() -> str:
    """Where the table is. Raises SystemExit where the environment does not say."""
    url = os.environ.get("TRADING_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("TRADING_DATABASE_URL (or DATABASE_URL) is not set; it is a postgresql:// address.")
    return url


class Sink:
    """The table, over one connection: made when it is needed, and anew after it broke.

    While the database is away the consumer waits here, and its queue with it: a thousand trades that all fail
    for this one reason would help nobody. Each attempt at a trade waits for `patience` seconds, then it goes
    to the office, to be tried again later; so an hour without a database delegates about a hundred.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._url = url
        self._patience = patience
        self._connection: psycopg.Connection[Any] | None = None

    def place(self, message: Message, trade: Trade, price: Decimal, booking: str) -> None:
        """Writes a trade down. Raises DatabaseAway; then it may stand there or not."""
        headers = message.headers
        self._execute(
            _PLACE,
            message.message_id,
            headers.get(REQUEUE),
            int(str(headers.get(ATTEMPT, 0))),
            POSSIBLE_DUPLICATE in headers,
            trade.account,
            trade.side,
            trade.symbol,
            trade.shares,
            price,
            booking,
            sha256(message.body).hexdigest(),
        )

    def is_empty(self) -> bool:
        """Whether no trade was ever placed. Raises DatabaseAway."""
        return self._execute("select 1 from trading.placed limit 1").fetchone() is None

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _execute(self, statement: str, *values: object) -> psycopg.Cursor[Any]:
        self._connection = self._connection or self._connected()
        try:
            return self._connection.execute(statement, values)
        except psycopg.OperationalError as error:
            self.close()
            raise DatabaseAway(f"the database went away: {type(error).__name__}") from error

    def _connected(self) -> psycopg.Connection[Any]:
        give_up = time.monotonic() + self._patience
        while True:
            try:
                connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
                with connection.transaction():
                    connection.execute(_TABLE)
                return connection
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up:
                    raise DatabaseAway(f"the database is away: {type(error).__name__}") from error
                time.sleep(0.5)
