"""Whether what names a dead letter is that one's requeue.

A handler may pass the headers of a requeue on with a message of its own. That names the dead letter and is
another message: who fails at it, or processes it, says nothing of the dead letter.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from workflow_processor import sql
from workflow_processor.storable import NAME_LIMIT, storable


class Named(NamedTuple):
    """What names a dead letter as its own, and where it was read."""

    dead_letter: UUID
    attempt: int
    queue: str
    subscriber: str
    return_address: str
    body: bytes | None = None
    """None where nothing of it would be lost."""


def requeues(named: Mapping[int, Named]) -> set[int]:
    """Which of these are requeues of the dead letters that they name: read where those had failed, or where
    that requeue was sent, and with a body that is theirs. Locks the dead letters, lest retention forgets one
    that has ended while its failure is being recorded."""
    if not named:
        return set()
    rows = sql.run(_REQUEUES, _columns(named))
    return {row.n for row in rows}


def _columns(named: Mapping[int, Named]) -> dict[str, list[object]]:
    each = named.values()
    return {
        "n": list(named),
        "ids": [one.dead_letter for one in each],
        "attempts": [one.attempt for one in each],
        "queues": [storable(one.queue, NAME_LIMIT) for one in each],
        "subscribers": [storable(one.subscriber, NAME_LIMIT) for one in each],
        "addresses": [storable(one.return_address, NAME_LIMIT) for one in each],
        "sizes": [None if one.body is None else len(one.body) for one in each],
        "digests": [None if one.body is None else sha256(one.body).digest() for one in each],
    }


_REQUEUES = """
SELECT w.n FROM unnest(%(n)b::int[], %(ids)b::uuid[], %(attempts)b::int[], %(queues)b::text[],
                       %(subscribers)b::text[], %(addresses)b::text[], %(sizes)b::int[], %(digests)b::bytea[])
    AS w(n, id, attempt, queue, subscriber, address, size, digest)
JOIN dead_letter d ON d.id = w.id JOIN source s ON s.id = d.source_id
WHERE ((s.queue, s.subscriber) = (w.queue, w.subscriber) OR EXISTS (
        SELECT FROM outbox o
        WHERE o.dead_letter_id = d.id AND o.attempt = w.attempt AND o.queue IN (w.queue, w.address)))
    AND (w.digest IS NULL OR EXISTS (
        SELECT FROM revision r
        WHERE r.dead_letter_id = d.id AND octet_length(r.body) = w.size AND sha256(r.body) = w.digest))
ORDER BY d.id FOR KEY SHARE OF d
"""
