"""What the clock makes due: dead letters to which something has to happen because time has gone by."""

from collections.abc import Iterator
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from workflow_processor import sql
from workflow_processor.repair.pipeline import BATCH

LEFT_AFTER = timedelta(seconds=10)
"""A dead letter that is received for so long was not handed on, or its task was lost."""
LIMIT = 5_000


def lapsed() -> list[UUID]:
    """Whose repair's lease has run out."""
    return _ids(
        "SELECT id FROM dead_letter WHERE state = 'repairing' AND claimed_until < now() LIMIT %(limit)s"
    )


def received(limit: int) -> list[UUID]:
    """What waits for repair, the oldest first, whether it was handed on or not."""
    rows = sql.run(
        """
        SELECT id FROM dead_letter WHERE state = 'received' AND lapses = 0
        ORDER BY changed_at LIMIT %(limit)s
        """,
        {"limit": limit},
    )
    return [row.id for row in rows]


def left() -> Iterator[list[UUID]]:
    """Who waits for repair though nobody may know: in batches, and alone those whose repair was cut off.
    First those that were cut off too often: they are parked, and the rule that did it is asked no more."""
    rows = sql.run(_left, {"limit": LIMIT, "after": LEFT_AFTER})
    fresh = [row.id for row in rows if not row.lapses]
    yield from ([row.id] for row in rows if row.lapses > 1)
    yield from (fresh[at : at + BATCH] for at in range(0, len(fresh), BATCH))
    yield from ([row.id] for row in rows if row.lapses == 1)


def waiting() -> list[UUID]:
    """Whose wait for a retry is over."""
    return _ids(
        """
        SELECT id FROM dead_letter WHERE state = 'waiting' AND due_at <= now()
        ORDER BY due_at LIMIT %(limit)s
        """
    )


def silent() -> tuple[list[UUID], list[int]]:
    """Whose requeue did not come back within the quiet period of its source, and which requeue that is. One
    that waits at its key's gate has reached nobody yet."""
    rows = sql.run(_silent, {"limit": LIMIT})
    return [row.id for row in rows], [row.attempt for row in rows]


def _ids(query: LiteralString) -> list[UUID]:
    return [row.id for row in sql.run(query, {"limit": LIMIT})]


_left = """
SELECT id, lapses FROM dead_letter
WHERE state = 'received' AND changed_at < now() - %(after)s::interval
ORDER BY lapses > 1 DESC, changed_at LIMIT %(limit)s
"""
# Nothing is sent before it is requeued: what was requeued within the quiet period need not be looked at.
_silent = """
SELECT d.id, d.attempt FROM source s
CROSS JOIN LATERAL (
    SELECT id, attempt FROM dead_letter
    WHERE source_id = s.id AND state = 'requeued'
      AND changed_at < now() - make_interval(secs => s.quiet_seconds)
    OFFSET 0
) d
JOIN outbox o ON o.dead_letter_id = d.id AND o.attempt = d.attempt
WHERE s.quiet_seconds IS NOT NULL
  AND o.state = 'sent' AND o.sent_at < now() - make_interval(secs => s.quiet_seconds)
  AND NOT EXISTS (SELECT FROM held_message h WHERE h.dead_letter = d.id)
LIMIT %(limit)s
"""
