"""What triage goes by, read from the database: one query for a portion, however many messages it is."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

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


def read(claims: Sequence[Claim]) -> list[Claimed]:
    """The cases of those claims that still hold."""
    parameters = {"ids": [claim.id for claim in claims], "claims": [claim.claim for claim in claims]}
    return [Claimed(Claim(row.id, row.claim), _case(row)) for row in sql.run(_query, parameters)]


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
    return Case(failed, row.return_address, frozenset(row.authors), row.lapses, chance)


_query = """
SELECT d.id, d.claim, d.attempt AS sent_back, d.lapses, s.queue,
       r.body, r.properties, r.properties_format, r.return_address,
       ARRAY(SELECT author FROM revision WHERE dead_letter_id = d.id) AS authors,
       f.kind, f.error_type, f.text, f.handler, f.traceback, f.top_frame, f.retry_after, f.tries, f.host,
       f.failure_id, f.occurred_at
FROM unnest(%(ids)b::uuid[], %(claims)b::int[]) AS w(id, claim)
JOIN dead_letter d USING (id, claim)
JOIN source s ON s.id = d.source_id
JOIN revision r ON r.dead_letter_id = d.id AND r.number = d.revision
CROSS JOIN LATERAL (
    SELECT * FROM failed_attempt WHERE dead_letter_id = d.id ORDER BY attempt DESC, id DESC LIMIT 1
) f
WHERE d.state = 'repairing'
"""
