"""What triage and rules go by, read from the database: one query for a portion of any size."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql as compose

from consumers import brokers
from consumers.failure import Failure, Kind
from consumers.message import Message
from consumers.repair import FailedMessage
from workflow_processor import sql
from workflow_processor.lifecycle import Claim
from workflow_processor.triage import Case


class Claimed(NamedTuple):
    """A case, and the claim under which it is decided."""

    claim: Claim
    case: Case


class Looked(NamedTuple):
    """A case that nobody decides about."""

    id: UUID
    version: int
    revision: int
    case: Case


def read(claims: Sequence[Claim]) -> list[Claimed]:
    """The cases of those claims that still hold."""
    parameters = {"ids": [claim.id for claim in claims], "claims": [claim.claim for claim in claims]}
    return [Claimed(Claim(row.id, row.claim), _case(row)) for row in sql.run(_claimed, parameters)]


def look(ids: Sequence[UUID]) -> list[Looked]:
    """Of these the parked ones, as they are now, in the order of ids."""
    return [_looked(row) for row in sql.run(_parked, {"ids": list(ids)})]


def look_back(ids: Sequence[UUID]) -> list[Looked]:
    """Those of these that failed, as they came, in the order of ids."""
    return [_looked(row) for row in sql.run(_as_they_came, {"ids": list(ids)})]


def _looked(row: Any) -> Looked:
    return Looked(row.id, row.version, row.number, _case(row))


def _case(row: Any) -> Case:
    failed = FailedMessage(
        message=Message(row.body, brokers.properties(row.properties_format, row.properties)),
        failure=Failure(
            error_type=row.error_type,
            text=row.text,
            handler=row.handler,
            kind=Kind(row.kind),
            traceback=row.traceback,
            top_frame=row.top_frame,
            retry_after=row.retry_after,
            tries=row.tries,
            host=row.host,
            failure_id=row.failure_id,
            occurred_at=row.occurred_at,
        ),
        queue=row.queue,
        attempt=row.sent_back,
    )
    # Many messages that failed at one moment are not all to come back at one moment.
    chance = random.random()  # noqa: S311
    return Case(failed, row.return_address, frozenset(row.authors), row.lapses, row.suspect, chance)


# What waited behind a gate has not failed: then the dead letter itself tells what is known.
_WHAT = compose.SQL("""
       d.id, d.version, d.claim, d.lapses, d.suspect, s.queue,
       r.number, r.body, r.properties, r.properties_format, r.return_address,
       coalesce(f.kind, 'unknown') AS kind, coalesce(f.error_type, d.error_type) AS error_type,
       coalesce(f.text, d.error_text) AS text, coalesce(f.handler, d.handler) AS handler,
       coalesce(f.traceback, '') AS traceback, coalesce(f.top_frame, '') AS top_frame, f.retry_after,
       coalesce(f.tries, 0) AS tries, coalesce(f.host, '') AS host,
       coalesce(f.failure_id, d.id) AS failure_id, coalesce(f.occurred_at, d.last_failed_at) AS occurred_at
""")
_NOW = compose.SQL("""
SELECT {what}, d.attempt AS sent_back,
       CASE d.revision WHEN 0 THEN ARRAY[r.author]
       ELSE ARRAY(SELECT author FROM revision WHERE dead_letter_id = d.id) END AS authors
FROM wanted JOIN dead_letter d USING (id)
JOIN source s ON s.id = d.source_id
JOIN revision r ON r.dead_letter_id = d.id AND r.number = d.revision
LEFT JOIN LATERAL (
    SELECT * FROM failed_attempt WHERE dead_letter_id = d.id ORDER BY attempt DESC, id DESC LIMIT 1
) f ON true
""").format(what=_WHAT)
_claimed = compose.SQL("""
WITH wanted AS (SELECT * FROM unnest(%(ids)b::uuid[], %(claims)b::int[]) AS w(id, claim))
{now} WHERE d.state = 'repairing' AND d.claim = wanted.claim
""").format(now=_NOW)
_parked = compose.SQL("""
WITH wanted AS (SELECT unnest(%(ids)b::uuid[]) AS id) {now} WHERE d.state = 'parked' ORDER BY d.id
""").format(now=_NOW)
_as_they_came = compose.SQL("""
SELECT {what}, 0 AS sent_back, ARRAY[r.author] AS authors
FROM unnest(%(ids)b::uuid[]) AS w(id) JOIN dead_letter d USING (id)
JOIN source s ON s.id = d.source_id
JOIN revision r ON r.dead_letter_id = d.id AND r.number = 0
CROSS JOIN LATERAL (
    SELECT * FROM failed_attempt WHERE dead_letter_id = d.id ORDER BY attempt, id LIMIT 1
) f
ORDER BY d.id
""").format(what=_WHAT)
