"""Making dead letters searchable: a worker's work, batch by batch, after the intake has acknowledged them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import DataError, transaction

from consumers import brokers
from consumers.message import Message
from workflow_processor import sql
from workflow_processor.search import due
from workflow_processor.search.projection import LIMIT, Projection, project

BATCH = 500
"""Dead letters of one transaction, the beginnings of whose bodies are in memory at a time."""


def catch_up() -> int:
    """Makes the longest due ones searchable; gives how many that were."""
    with transaction.atomic():
        ids = due.take(BATCH)
        for start in range(0, len(ids), BATCH):  # a row of what is due may hold more
            _index(ids[start : start + BATCH])
        return len(ids)


def _index(ids: Sequence[UUID]) -> None:
    made = [(row, project(_message(row))) for row in sql.run(_READ, {"ids": list(ids), "enough": LIMIT + 1})]
    try:
        _write(made)
    except DataError:
        # One of them is JSON that PostgreSQL does not take: found by trying, and searched as text alone.
        for row, projection in made:
            _write_somehow(row, projection)


def _write_somehow(row: Any, projection: Projection) -> None:
    try:
        _write([(row, projection)])
    except DataError:
        _write([(row, projection._replace(body=None, headers=None))])


def _message(row: Any) -> Message:
    return Message(bytes(row.body), brokers.properties(row.properties_format, bytes(row.properties)))


def _write(made: Sequence[tuple[Any, Projection]]) -> None:
    columns = {
        "ids": [row.id for row, _ in made],
        "revisions": [row.revision for row, _ in made],
        "texts": [projection.text for _, projection in made],
        "bodies": [projection.body for _, projection in made],
        "headers": [projection.headers for _, projection in made],
    }
    with transaction.atomic():
        sql.run(_WRITE, columns)


# A byte more than what is searched tells that there is more.
_READ = """
SELECT d.id, d.revision, r.properties_format, substring(r.body FROM 1 FOR %(enough)s) AS body,
       substring(r.properties FROM 1 FOR %(enough)s) AS properties
FROM dead_letter d JOIN revision r ON r.dead_letter_id = d.id AND r.number = d.revision
WHERE d.id = ANY(%(ids)b::uuid[])
"""
# One that has another revision by now is due once more.
_WRITE = """
INSERT INTO searchable (dead_letter_id, revision, last_failed_at, message_id, ordering_key, size, error_text,
                        body_text, body, headers)
SELECT d.id, d.revision, d.last_failed_at, d.message_id, coalesce(d.ordering_key, ''), d.size, d.error_text,
       w.text, w.body::jsonb, w.headers::jsonb
FROM unnest(%(ids)b::uuid[], %(revisions)b::int[], %(texts)b::text[], %(bodies)b::text[], %(headers)b::text[])
     AS w(id, revision, text, body, headers) JOIN dead_letter d USING (id, revision)
ON CONFLICT (dead_letter_id) DO UPDATE
SET revision = excluded.revision, last_failed_at = excluded.last_failed_at, size = excluded.size,
    ordering_key = excluded.ordering_key, error_text = excluded.error_text, body_text = excluded.body_text,
    body = excluded.body, headers = excluded.headers
"""
