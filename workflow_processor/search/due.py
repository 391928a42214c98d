"""Which dead letters are to be made searchable. Noted in the transaction that made or changed them, a row for
a batch, so that the intake pays next to nothing for it."""

from collections.abc import Sequence
from uuid import UUID

from workflow_processor import sql


def note(ids: Sequence[UUID]) -> None:
    """These have a new message or a new failure."""
    if ids:
        sql.run("INSERT INTO search_due (ids) VALUES (%(ids)b::uuid[])", {"ids": list(ids)})


def take(number: int) -> list[UUID]:
    """So many dead letters, the longest due, and the rest of their batch; they are due no longer when the
    transaction commits. While somebody else is at it, none."""
    [row] = sql.run("SELECT pg_try_advisory_xact_lock('search_due'::regclass::oid::int, 0) AS alone")
    rows = sql.run(_TAKE, {"number": number}) if row.alone else []
    return sorted({id for row in rows for id in row.ids})


_TAKE = """
DELETE FROM search_due WHERE id IN (
    SELECT id FROM (
        SELECT id, sum(cardinality(ids)) OVER (ORDER BY id) - cardinality(ids) AS before
        FROM (SELECT id, ids FROM search_due ORDER BY id LIMIT %(number)s) AS first
    ) AS counted WHERE before < %(number)s
) RETURNING ids
"""
