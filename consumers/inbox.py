"""An effect happens once for a message, however often the message is delivered.

    with connection.transaction():
        if once(connection, "billing", message):
            ...  # what is written here, on this connection, is written once

The row is written in the handler's own transaction: it is there if the effect is, and not if it is not. Two
deliveries at the same time wait for each other at the row, and the second sees what became of the first.

The key is the handler and the message's own id, and not which requeue it is: an effect whose acknowledgement
was lost is not repeated by a requeue. So ids must be unique to a message within what a handler reads. A
message without an id is known by its dead letter once it was with the office; before that it cannot be told
from an equal one, and is never taken for done.
"""

from typing import Any, LiteralString, Protocol

from consumers.identity import dead_letter, indexable, own_id
from consumers.message import Message


class Connection(Protocol):
    """psycopg's, and Django's (`django.db.connection`): within a transaction that the handler has begun."""

    def cursor(self) -> Any: ...


TABLE: LiteralString = """
CREATE TABLE IF NOT EXISTS inbox (
    handler text NOT NULL,
    message text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (handler, message)
)
"""
"""For a database of your own; the office's has it."""

_NOTE: LiteralString = "INSERT INTO inbox (handler, message) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def once(connection: Connection, handler: str, message: Message) -> bool:
    """Whether this message's effect is still to happen. True once for a handler and message, in a transaction
    that commits; False from then on."""
    key = _key(message)
    if key is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, (handler, key))
        return bool(cursor.rowcount)


def _key(message: Message) -> str | None:
    known = own_id(message) or dead_letter(message)
    return None if known is None else indexable(str(known))
