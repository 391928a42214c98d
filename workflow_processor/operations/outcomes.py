"""What became of each dead letter of an operation, and how many have which outcome.

The counts are kept by the statements that change outcomes. What was sent is looked at again, since what
became of it is for the relay, receipts and new failures to say: often while news come in, and less often the
longer there were none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from psycopg import sql as compose

from workflow_processor import sql
from workflow_processor.models import Operation, OperationItem

OFTEN, RARELY = timedelta(seconds=1), timedelta(minutes=10)
"""How long an operation with nothing new is left before it is looked at again: a tenth of the time that
nothing came, within these."""
LOOKED_AT = 20_000
"""Items looked at in a second, at most: a look takes a tenth of that time, and leaves the rest to others."""

PORTION = 10_000
"""Outcomes forgotten in one transaction."""

Outcome = OperationItem.Outcome
Counts = dict[OperationItem.Outcome, int]


class Told(NamedTuple):
    """What came of one item that was not requeued."""

    item: int
    outcome: OperationItem.Outcome
    why: str = ""


def record(operation: int, reached: int, told: Sequence[Told], requeued: int) -> None:
    """Writes what came of the next items, up to the one that is `reached`: the told, and so many that were
    requeued. The caller has the operation's row locked."""
    columns = {
        "item": [one.item for one in told],
        "outcome": [one.outcome for one in told],
        "why": [one.why for one in told],
    }
    sql.run(_RECORD, {"operation": operation, "reached": reached, "requeued": requeued, **columns})


def items(operation: int, outcome: str = "") -> QuerySet[Any]:
    """Its items, those that have one outcome or all; each with `told`, the outcome that it has."""
    reached = Operation.objects.values_list("reached", flat=True).get(pk=operation)
    in_outbox = Q(outcome=Outcome.PENDING, id__lte=reached)
    told = Case(When(in_outbox, then=Value(Outcome.OUTBOX)), default=F("outcome"))
    found = OperationItem.objects.filter(operation=operation).annotate(told=told)
    match outcome:
        case "":
            return found
        case Outcome.OUTBOX:
            return found.filter(in_outbox)
        case Outcome.PENDING:
            return found.filter(outcome=Outcome.PENDING, id__gt=reached)
        case _:
            return found.filter(outcome=outcome)


def refresh() -> int:
    """Looks what became of what was sent, where that is due. Gives how many outcomes were new."""
    pace = {"often": OFTEN, "rarely": RARELY, "looked_at": LOOKED_AT}
    due = [row.id for row in sql.run(_DUE, pace)]
    return sum(look(operation) for operation in due)


def look(operation: int) -> int:
    """Looks what became of what this one sent. Gives how many outcomes were new; none where another process
    has the operation in hand."""
    with transaction.atomic():
        locked = sql.run(_LOCK, {"operation": operation})
        if not locked:
            return 0
        [row] = sql.run(_LOOK, {"operation": operation, "reached": locked[0].reached})
        sql.run(_LOOKED, {"operation": operation, "news": row.news > 0})
    return int(row.news)


def count(operation: int, outcome: OperationItem.Outcome) -> int:
    return counts([operation])[operation][outcome]


def counts(operations: Sequence[int]) -> dict[int, Counts]:
    """How many items of each of these have which outcome."""
    rows = sql.run(_COUNTS, {"operations": list(operations)})
    found = {operation: dict.fromkeys(Outcome, 0) for operation in operations}
    for row in rows:
        found[row.operation_id][Outcome(row.outcome)] = row.number
    return found


def forget(ended_before: datetime, limit: int = PORTION) -> int:
    """Removes up to `limit` outcomes of operations that ended before then; gives how many. The operations
    stay on record, with their counts."""
    return len(sql.run(_FORGET, {"ended_before": ended_before, "limit": limit}))


# Of `changed`, with the outcome that each item had and the one that it has now. In the order of outcomes: who
# else changes them waits, and does not wait for us.
_COUNTED = compose.SQL("""
counted AS (
    INSERT INTO operation_count (operation_id, outcome, number)
    SELECT %(operation)s::bigint, outcome, sum(n) FROM (
        SELECT was AS outcome, -count(*) AS n FROM changed GROUP BY was
        UNION ALL SELECT outcome, count(*) FROM changed GROUP BY outcome
    ) AS change GROUP BY outcome ORDER BY outcome
    ON CONFLICT (operation_id, outcome) DO UPDATE SET number = operation_count.number + excluded.number
)
""")
_RECORD = compose.SQL("""
WITH told AS (
    UPDATE operation_item i SET outcome = w.outcome, why = w.why, attempt = NULL
    FROM unnest(%(item)b::bigint[], %(outcome)b::text[], %(why)b::text[]) AS w(id, outcome, why)
    WHERE i.id = w.id RETURNING i.outcome
), changed AS (
    SELECT 'pending' AS was, outcome FROM told
    UNION ALL SELECT 'pending', 'outbox' FROM generate_series(1, %(requeued)s)
), {counted}
UPDATE operation SET moved_at = now(), reached = %(reached)s WHERE id = %(operation)s
""").format(counted=_COUNTED)
_DUE = """
SELECT o.id FROM operation o JOIN (
    SELECT operation_id, sum(number) AS number FROM operation_count
    WHERE outcome IN ('outbox', 'sent') AND number > 0 GROUP BY operation_id
) AS open ON o.id = open.operation_id
WHERE o.looked_at < now() - least(%(rarely)s, greatest(
    %(often)s::interval, (now() - o.moved_at) / 10, make_interval(secs => open.number / %(looked_at)s)))
"""
_LOCK = "SELECT reached FROM operation WHERE id = %(operation)s FOR NO KEY UPDATE SKIP LOCKED"
# A dead letter at a later attempt has come back, or else it could not have been sent again.
_LOOK = compose.SQL("""
WITH found AS (
    SELECT i.id, CASE i.outcome WHEN 'pending' THEN 'outbox' ELSE i.outcome END AS was, o.error, CASE
        WHEN d.state = 'resolved' AND d.attempt = i.attempt THEN 'processed'
        WHEN o.state = 'failed' THEN 'failed'
        WHEN o.state = 'withdrawn' THEN 'withdrawn'
        WHEN d.state <> 'requeued' OR d.attempt <> i.attempt THEN 'came back'
        WHEN o.state = 'sent' THEN 'sent'
        ELSE 'outbox' END AS outcome
    FROM operation_item i
    JOIN dead_letter d ON d.id = i.dead_letter
    JOIN outbox o ON o.dead_letter_id = i.dead_letter AND o.attempt = i.attempt
    WHERE i.operation_id = %(operation)s
        AND (i.outcome = 'sent' OR i.outcome = 'pending' AND i.id <= %(reached)s)
), changed AS (
    UPDATE operation_item i
    SET outcome = f.outcome, why = CASE f.outcome WHEN 'failed' THEN f.error ELSE '' END
    FROM found f WHERE i.id = f.id AND f.outcome <> f.was RETURNING f.was, i.outcome
), {counted}
SELECT count(*) AS news FROM changed
""").format(counted=_COUNTED)
_LOOKED = """
UPDATE operation SET looked_at = now(), moved_at = CASE WHEN %(news)s THEN now() ELSE moved_at END
WHERE id = %(operation)s
"""
_COUNTS = """
SELECT operation_id, outcome, number FROM operation_count WHERE operation_id = ANY(%(operations)b::bigint[])
"""
_FORGET = """
DELETE FROM operation_item WHERE id IN (
    SELECT i.id FROM operation o JOIN operation_item i ON i.operation_id = o.id
    WHERE o.ended_at < %(ended_before)s LIMIT %(limit)s)
RETURNING id
"""
