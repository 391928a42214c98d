"""Forgetting what has ended long ago, in small transactions: no lock is held for long, and what is removed
makes room for what comes."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from psycopg import sql

from workflow_processor import sql as database
from workflow_processor.models import DeadLetter, Event

BATCH = 500


def forget(ended_before: datetime, limit: int = BATCH) -> int:
    """Removes up to `limit` dead letters that were resolved or discarded before then, those that ended first
    first, with all that belongs to them; gives how many. What people did stays on record in the audit log.

    One that somebody is restoring, or that comes back, is left alone: whoever has the row's lock decides.
    """
    with transaction.atomic():
        ids = [row.id for row in database.run(_ended, {"ended_before": ended_before, "limit": limit})]
        if not ids:
            return 0
        for referring in _referring():
            _let_go(referring, ids)
        database.run(_remove, {"ids": ids})
    return len(ids)


def forgettable(ended_before: datetime) -> int:
    """How many `forget` would remove in all."""
    [row] = database.run(
        "SELECT count(*) AS n FROM dead_letter"
        " WHERE state IN ('resolved', 'discarded') AND changed_at < %(ended_before)s",
        {"ended_before": ended_before},
    )
    return int(row.n)


def _referring() -> list["models.ForeignKey[Any, Any]"]:
    """What refers to dead letters. The timeline comes last: the relay writes to it as long as there is an
    outbox entry."""
    relations = (relation.field for relation in DeadLetter._meta.related_objects)
    found = [field for field in relations if isinstance(field, models.ForeignKey)]
    return sorted(found, key=lambda field: field.model is Event)


def _let_go(referring: "models.ForeignKey[Any, Any]", ids: list[Any]) -> None:
    """Removes the rows that belong to these dead letters; of those that only mention one, the mention."""
    table, column = referring.model._meta.db_table, referring.column
    mentions = referring.remote_field.on_delete is models.SET_NULL
    statement = _unmention if mentions else _belongings
    database.run(statement.format(table=sql.Identifier(table), column=sql.Identifier(column)), {"ids": ids})


# A gate's head is open, or its gate is about to be opened.
_ended = """
SELECT id FROM dead_letter d
WHERE state IN ('resolved', 'discarded') AND changed_at < %(ended_before)s
  AND NOT EXISTS (SELECT FROM gate WHERE head_id = d.id)
ORDER BY changed_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_belongings = sql.SQL("DELETE FROM {table} WHERE {column} = ANY(%(ids)b::uuid[])")
_unmention = sql.SQL("UPDATE {table} SET {column} = NULL WHERE {column} = ANY(%(ids)b::uuid[])")
_remove = """
WITH gone AS (
    DELETE FROM dead_letter WHERE id = ANY(%(ids)b::uuid[]) RETURNING group_id, source_id, state
)
INSERT INTO state_count (group_id, source_id, state, change)
SELECT group_id, source_id, state, -count(*) FROM gone GROUP BY group_id, source_id, state
"""
