"""What has been decided to be published: put in, taken back, claimed by a relay, marked with what came of it.

`tries` counts the publishes that may have reached the broker. It is raised and committed before each of them,
and lowered again only where the broker certainly has nothing. It is the fence as well: a mark holds only for
the try that it is of, so that a relay which was held up marks nothing that another one has taken over.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from workflow_processor import sql
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Moved


class Entry(NamedTuple):
    """A requeue that a relay has claimed, with all that is published."""

    id: int
    dead_letter: UUID
    attempt: int
    queue: str
    tries: int
    refusals: int
    possible_duplicate: bool
    body: bytes
    properties: bytes
    properties_format: str

    @property
    def marked(self) -> bool:
        """Whether it has to say that it may be a duplicate."""
        return self.tries > 1 or self.possible_duplicate


def put(moved: Sequence[Moved], hold: timedelta = timedelta()) -> None:
    """One entry for each, for its current attempt and revision, due after the hold."""
    _put(moved, hold, tries=0, lease=None)


def put_tried(moved: Sequence[Moved], made: Mapping[UUID, NewRevision], lease: timedelta) -> list[Entry]:
    """One entry for each, due at once, and claimed at birth: the first try is counted by the transaction that
    decides on it, and is the caller's to make when that has committed. `made` is what the revisions hold."""
    rows = _put(moved, timedelta(), tries=1, lease=lease)
    return [Entry(*row, *_content(made[row.dead_letter_id])) for row in rows]


def _content(made: NewRevision) -> Any:
    properties = made.message.properties
    return made.message.body, properties.raw, properties.format


def _put(moved: Sequence[Moved], hold: timedelta, tries: int, lease: timedelta | None) -> list[Any]:
    if not moved:
        return []
    return sql.run(
        _PUT,
        {
            "ids": [letter.id for letter in moved],
            "attempts": [letter.attempt for letter in moved],
            "revisions": [letter.revision for letter in moved],
            "hold": hold,
            "tries": tries,
            "lease": lease,
        },
    )


def withdraw(ids: Sequence[UUID], attempts: Sequence[int] = ()) -> list[UUID]:
    """Takes back what was not tried yet: of each dead letter the latest requeue, where it is that attempt if
    one is told. Gives those for which that came in time. The row lock decides between this and a relay that
    is about to try."""
    rows = sql.run(
        """
        WITH wanted AS (
            SELECT o.id FROM unnest(%(ids)b::uuid[], %(attempts)b::int[]) AS w(id, attempt)
            JOIN dead_letter d ON d.id = w.id AND d.state = 'requeued'
            JOIN outbox o ON o.dead_letter_id = d.id AND o.attempt = d.attempt
            WHERE o.attempt = coalesce(w.attempt, o.attempt) AND o.state = 'pending' AND o.tries = 0
            ORDER BY o.id FOR NO KEY UPDATE OF o
        )
        UPDATE outbox o SET state = 'withdrawn' FROM wanted WHERE o.id = wanted.id RETURNING o.dead_letter_id
        """,
        {"ids": list(ids), "attempts": list(attempts) or [None] * len(ids)},
    )
    return [row.dead_letter_id for row in rows]


def claim(lease: timedelta, limit: int, size: int) -> list[Entry]:
    """Takes what is due and in nobody's hands, oldest first: at most `limit` entries, and as many as begin
    within `size` bytes. Each counts as tried from here on.

    One that was tried before and has been answered since, by a receipt or a failure, did arrive. It is marked
    sent here, and not published again. Nor is one that was answered before it was tried, which no consumer
    of ours does.
    """
    rows = sql.run(_claim, {"lease": lease, "limit": limit, "size": size})
    return sorted(Entry(*row[:-1]) for row in rows if not row.answered)


def sent(entries: Sequence[Entry]) -> int:
    """The broker has them: the timeline says so. Gives for how many this was the relay's to say."""
    rows = sql.run(_sent, _tried(entries) | {"marked": [entry.marked for entry in entries]})
    return len(rows)


def not_sent(entries: Sequence[Entry]) -> None:
    """Nothing of them left this process: they are as they were before they were claimed."""
    sql.run(_not_sent, _tried(entries))


def refused(entries: Sequence[Entry], waits: Sequence[timedelta], error: str) -> None:
    """The broker declined them and has nothing of them. They are tried again after a wait."""
    sql.run(_refused, _tried(entries) | {"waits": list(waits), "error": error})


def unsure(entries: Sequence[Entry], waits: Sequence[timedelta], error: str) -> None:
    """They may have arrived. They are tried again after a wait, and marked then."""
    sql.run(_unsure, _tried(entries) | {"waits": list(waits), "error": error})


def fail(entries: Sequence[Entry], errors: Sequence[str]) -> set[int]:
    """They will not be tried again. Gives those for which this was the relay's to say."""
    return {row.id for row in sql.run(_fail, _tried(entries) | {"errors": list(errors)})}


def _tried(entries: Sequence[Entry]) -> dict[str, list[object]]:
    return {"ids": [entry.id for entry in entries], "tries": [entry.tries for entry in entries]}


_PUT = """
WITH put AS (
    INSERT INTO outbox (dead_letter_id, attempt, revision, queue, state, possible_duplicate,
                        created_at, due_at, tries, leased_until, error)
    SELECT m.id, m.attempt, m.revision, r.return_address, 'pending', d.possible_duplicate,
           now(), now() + %(hold)s::interval, %(tries)s, now() + %(lease)s::interval, ''
    FROM unnest(%(ids)b::uuid[], %(attempts)b::int[], %(revisions)b::int[]) AS m(id, attempt, revision)
    JOIN revision r ON r.dead_letter_id = m.id AND r.number = m.revision
    JOIN dead_letter d ON d.id = m.id
    ORDER BY m.id
    RETURNING id, dead_letter_id, attempt, queue, tries, refusals, possible_duplicate
)
SELECT * FROM put WHERE tries > 0
"""
_claim = """
WITH due AS (
    SELECT id FROM outbox
    WHERE state = 'pending' AND due_at <= now() AND (leased_until IS NULL OR leased_until < now())
    ORDER BY due_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), sized AS (
    SELECT o.id, r.body, r.properties, r.properties_format,
           d.state <> 'requeued' OR d.attempt <> o.attempt AS answered,
           sum(octet_length(r.body)) OVER (ORDER BY o.due_at, o.id) - octet_length(r.body) AS before
    FROM due JOIN outbox o USING (id)
    JOIN revision r ON r.dead_letter_id = o.dead_letter_id AND r.number = o.revision
    JOIN dead_letter d ON d.id = o.dead_letter_id
)
UPDATE outbox o
SET tries = o.tries + CASE WHEN answered THEN 0 ELSE 1 END,
    state = CASE WHEN NOT answered THEN 'pending' WHEN o.tries > 0 THEN 'sent' ELSE 'withdrawn' END,
    sent_at = CASE WHEN answered AND o.tries > 0 THEN now() END,
    leased_until = CASE WHEN answered THEN NULL ELSE now() + %(lease)s::interval END
FROM sized WHERE o.id = sized.id AND before < %(size)s
RETURNING o.id, o.dead_letter_id, o.attempt, o.queue, o.tries, o.refusals, o.possible_duplicate,
          sized.body, sized.properties, sized.properties_format, answered
"""
_sent = """
WITH marked AS (
    UPDATE outbox o SET state = 'sent', sent_at = now(), leased_until = NULL, error = ''
    FROM unnest(%(ids)b::bigint[], %(tries)b::int[], %(marked)b::bool[]) AS w(id, tries, marked)
    WHERE o.id = w.id AND o.tries = w.tries AND o.state = 'pending'
    RETURNING o.dead_letter_id, o.attempt, o.revision, o.queue, w.marked
)
INSERT INTO event (dead_letter_id, at, kind, actor, text, attempt, revision)
SELECT dead_letter_id, now(), 'sent', 'relay',
       'Sent to ' || queue || CASE WHEN marked THEN ', marked as a possible duplicate.' ELSE '.' END,
       attempt, revision
FROM marked RETURNING id
"""
_not_sent = """
UPDATE outbox o SET tries = o.tries - 1, leased_until = NULL
FROM unnest(%(ids)b::bigint[], %(tries)b::int[]) AS w(id, tries)
WHERE o.id = w.id AND o.tries = w.tries AND o.state = 'pending'
"""
_refused = """
UPDATE outbox o
SET tries = o.tries - 1, refusals = o.refusals + 1, leased_until = NULL, due_at = now() + wait,
    error = %(error)s::text
FROM unnest(%(ids)b::bigint[], %(tries)b::int[], %(waits)b::interval[]) AS w(id, tries, wait)
WHERE o.id = w.id AND o.tries = w.tries AND o.state = 'pending'
"""
_unsure = """
UPDATE outbox o SET leased_until = NULL, due_at = now() + wait, error = %(error)s::text
FROM unnest(%(ids)b::bigint[], %(tries)b::int[], %(waits)b::interval[]) AS w(id, tries, wait)
WHERE o.id = w.id AND o.tries = w.tries AND o.state = 'pending'
"""
_fail = """
UPDATE outbox o SET state = 'failed', leased_until = NULL, error = w.error
FROM unnest(%(ids)b::bigint[], %(tries)b::int[], %(errors)b::text[]) AS w(id, tries, error)
WHERE o.id = w.id AND o.tries = w.tries AND o.state = 'pending'
RETURNING o.id
"""
