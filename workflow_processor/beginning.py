"""How a dead letter begins: the arrows of the state diagram that come from nothing, in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql as compose

from consumers.errors import OfficeError
from consumers.identity import own_id
from consumers.message import Message
from workflow_processor import revisions, sql
from workflow_processor.models import Event, Flow, State
from workflow_processor.storable import NAME_LIMIT, TEXT_LIMIT, storable
from workflow_processor.transition import Actor, Moved, arrays


@dataclass(frozen=True, slots=True)
class Beginning:
    """One arrow from nothing."""

    to: State
    event: Event.Kind
    flow: Flow.Kind
    failures: int
    """Failed attempts that it begins with."""
    attempt: int
    """Requeues that it begins with."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A dead letter to be."""

    message: Message
    digest: bytes
    source: int
    group: int
    return_address: str
    ordering_key: str | None
    error_type: str
    error_text: str
    handler: str
    failed_at: datetime
    earlier: UUID | None
    """A dead letter of the same message that has ended."""
    redelivered: bool
    """The broker had delivered it before: it may have been processed then, as it may where there is an
    earlier dead letter."""
    text: str
    """What the timeline begins with."""


def begin(how: Beginning, letters: Mapping[UUID, NewLetter], by: Actor) -> list[Moved]:
    """Makes the dead letters, each with its original and its event; gives those that were made. One is
    missing where there is an open dead letter of the same message."""
    if not letters:
        return []
    rows = [_row(id, letter) for id, letter in letters.items()]
    columns = zip(_columns, zip(*rows, strict=True), strict=True)
    fixed = {
        "state": str(how.to),
        "event": str(how.event),
        "flow": str(how.flow),
        "failures": how.failures,
        "attempt": how.attempt,
        "actor": by.name,
        "person": by.person,
    }
    made = sql.run(_statement, fixed | {f"w_{name}": list(values) for name, values in columns})
    sql.copy("revision", revisions.COLUMNS, [_original(letters[row.id], row) for row in made])
    return [Moved(row.id, how.attempt, 0, 1, 0, row.size) for row in made]


class Earlier(NamedTuple):
    """A dead letter of the same message."""

    id: UUID
    open: bool


def latest(digests: Iterable[bytes]) -> dict[bytes, Earlier]:
    """The dead letter of each digest: the open one, or the latest that has ended."""
    rows = sql.run(
        """
        SELECT DISTINCT ON (identity) identity, id, state NOT IN ('resolved', 'discarded') AS open
        FROM (
            SELECT identity, id, state FROM dead_letter
            WHERE identity = ANY(%(digests)b::bytea[]) AND NOT message_id_derived
              AND state IN ('received', 'repairing', 'waiting', 'parked', 'requeued')
            UNION ALL
            SELECT identity, id, state FROM dead_letter
            WHERE identity = ANY(%(digests)b::bytea[])
              AND (state IN ('resolved', 'discarded') OR message_id_derived)
        ) AS alike
        ORDER BY identity, open DESC, id DESC
        """,
        {"digests": list(digests)},
    )
    return {bytes(row.identity): Earlier(row.id, row.open) for row in rows}


def _row(id: UUID, letter: NewLetter) -> tuple[Any, ...]:
    message = letter.message
    identity = own_id(message)
    return (
        id,
        letter.source,
        letter.group,
        storable(identity or message.derived_id, NAME_LIMIT),
        identity is None,
        letter.digest,
        storable(_told(message, "correlation_id"), NAME_LIMIT),
        storable(_told(message, "content_type"), NAME_LIMIT),
        letter.ordering_key and storable(letter.ordering_key, NAME_LIMIT),
        len(message.body),
        revisions.preview(message.body),
        storable(letter.error_type, NAME_LIMIT),
        storable(letter.error_text, TEXT_LIMIT),
        storable(letter.handler, NAME_LIMIT),
        letter.failed_at,
        letter.earlier,
        letter.redelivered,
        letter.text,
    )


def _original(letter: NewLetter, row: Any) -> tuple[Any, ...]:
    message, properties = letter.message, letter.message.properties
    address = storable(letter.return_address, NAME_LIMIT)
    return (
        row.id,
        0,
        message.body,
        properties.raw,
        properties.format,
        address,
        "original",
        "",
        row.received_at,
    )


def _told(message: Message, name: str) -> str | None:
    try:
        value: str | None = getattr(message.properties, name)
    except OfficeError:  # properties that cannot be read are kept as they are and tell nothing
        return None
    return value


_columns = {
    "id": "uuid",
    "source_id": "bigint",
    "group_id": "bigint",
    "message_id": "text",
    "message_id_derived": "bool",
    "identity": "bytea",
    "correlation_id": "text",
    "content_type": "text",
    "ordering_key": "text",
    "size": "bigint",
    "preview": "text",
    "error_type": "text",
    "error_text": "text",
    "handler": "text",
    "failed_at": "timestamptz",
    "earlier_id": "uuid",
    "redelivered": "bool",
    "text": "text",
}

# In the order of identities: two transactions that begin the same dead letters cannot wait for each other.
_statement = compose.SQL("""
WITH w AS (
    SELECT * FROM unnest({arrays}) AS w({names})
), made AS (
    INSERT INTO dead_letter (
        id, version, state, source_id, group_id, message_id, message_id_derived, identity, correlation_id,
        content_type, ordering_key, size, preview, revision, error_type, error_text, handler, failures,
        attempt, first_failed_at, last_failed_at, received_at, changed_at, reason, by_silence,
        possible_duplicate, earlier_id, claim, lapses)
    SELECT id, 1, %(state)s::text, source_id, group_id, message_id, message_id_derived, identity,
        correlation_id, content_type, ordering_key, size, preview, 0, error_type, error_text, handler,
        %(failures)s, %(attempt)s::int, failed_at, failed_at, now(), now(), '', false,
        redelivered OR earlier_id IS NOT NULL, earlier_id, 0, 0
    FROM w ORDER BY identity
    ON CONFLICT (identity) WHERE NOT message_id_derived
        AND state IN ('received', 'repairing', 'waiting', 'parked', 'requeued') DO NOTHING
    RETURNING id, group_id, source_id, received_at, size
), told AS (
    INSERT INTO event (dead_letter_id, at, kind, actor, person_id, text, attempt, revision)
    SELECT id, now(), %(event)s::text, %(actor)s::text, %(person)s::int, w.text, %(attempt)s::int, 0
    FROM made JOIN w USING (id)
), counted AS (
    INSERT INTO state_count (group_id, source_id, state, change)
    SELECT group_id, source_id, %(state)s::text, count(*) FROM made GROUP BY group_id, source_id
), flowed AS (
    INSERT INTO flow (minute, group_id, kind, count)
    SELECT date_trunc('minute', now()), group_id, %(flow)s::text, count(*) FROM made GROUP BY group_id
), due AS (
    INSERT INTO search_due (ids) SELECT array_agg(id) FROM made HAVING count(*) > 0
)
SELECT id, received_at, made.size FROM made
""").format(arrays=arrays(_columns), names=compose.SQL(", ").join(map(compose.Identifier, _columns)))
