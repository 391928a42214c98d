"""Freezes the dead letters that an operation is about: what arrives or changes later is not in it.

They are written by one statement that the database carries out alone, however many they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet, Value
from psycopg import sql as compose

from workflow_processor import sql
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Operation


@dataclass(frozen=True, slots=True)
class Chosen:
    """Dead letters as they were seen: a query for the id and the version of each, and its parameters."""

    query: LiteralString
    parameters: Mapping[str, Any]


def ticked(seen: Sequence[Seen]) -> Chosen:
    """These."""
    ids, versions = [letter.id for letter in seen], [letter.version for letter in seen]
    return Chosen(_TICKED, {"ids": ids, "versions": versions})


def freeze(operation: Operation, letters: QuerySet[DeadLetter]) -> int:
    """All that the query finds, as it is now. Gives how many."""
    rows = letters.order_by("id").values_list(
        Value(operation.pk), "id", "version", F("attempt") + 1, Value("pending"), Value("")
    )
    try:
        query, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking that nothing can match
        return 0
    with connection.cursor() as cursor:
        # The query is Django's own, with its values beside it.
        cursor.execute(f"{_INSERT} {query}", parameters)
        number = cursor.rowcount
    return _counted(operation, number)


def freeze_chosen(operation: Operation, chosen: Chosen) -> int:
    """These, as they were seen. Gives how many."""
    query = _CHOSEN.format(chosen=compose.SQL(chosen.query))
    [row] = sql.run(query, {"operation": operation.pk, **chosen.parameters})
    return _counted(operation, row.number)


def _counted(operation: Operation, number: int) -> int:
    sql.run(_COUNT, {"operation": operation.pk, "number": number})
    return number


_INSERT = "INSERT INTO operation_item (operation_id, dead_letter, version, attempt, outcome, why)"
_TICKED = """
SELECT DISTINCT ON (id) id, version FROM unnest(%(ids)b::uuid[], %(versions)b::int[]) AS w(id, version)
"""
_CHOSEN = compose.SQL("""
WITH frozen AS (
    INSERT INTO operation_item (operation_id, dead_letter, version, attempt, outcome, why)
    SELECT %(operation)s::bigint, w.id, w.version, d.attempt + 1, 'pending', ''
    FROM ({chosen}) AS w(id, version) LEFT JOIN dead_letter d ON d.id = w.id ORDER BY w.id
    RETURNING id
)
SELECT count(*) AS number FROM frozen
""")
_COUNT = """
WITH counted AS (
    INSERT INTO operation_count (operation_id, outcome, number) VALUES (%(operation)s, 'pending', %(number)s)
)
UPDATE operation SET total = %(number)s WHERE id = %(operation)s
"""
