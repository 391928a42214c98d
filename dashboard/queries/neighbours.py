"""Where a message stands in the list that it was opened from."""

from typing import NamedTuple
from uuid import UUID

from dashboard.queries.dead_letters import DeadLetterQuery


class Neighbours(NamedTuple):
    """What the list shows right above and below it, now."""

    newer: UUID | None
    older: UUID | None


def neighbours(query: DeadLetterQuery, id: UUID) -> Neighbours:
    """Those of this dead letter in what the query finds, whether or not it finds that one itself still."""
    newer = query.page(newer=id, size=1).letters
    older = query.page(older=id, size=1).letters
    # A page of what is newer shows the first page where nothing is.
    return Neighbours(
        newer[0].id if newer and newer[0].id > id else None,
        older[0].id if older else None,
    )
