"""How a dead letter begins: the arrows of the state diagram that come from nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from consumers.errors import OfficeError
from consumers.identity import own_id
from consumers.message import Message
from workflow_processor import revisions, sql
from workflow_processor.models import Event, Flow, State
from workflow_processor.storable import NAME_LIMIT, TEXT_LIMIT, storable
from workflow_processor.transition import Actor, Moved

Item = TypeVar("Item")


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


class NewLetter(NamedTuple):  # made for each message, in a third of the time of a frozen dataclass
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
    return where_none_is_open(lambda some: _begin(how, dict(some), by), list(letters.items()), _digest)


def where_none_is_open(
    act: Callable[[Sequence[Item]], list[Moved]], items: Sequence[Item], order: Callable[[Item], Any]
) -> list[Moved]:
    """Opens dead letters by this act: all of them or, where there is an open one of the same message, each
    that can be. Another process may have been quicker; with which is seen when each is tried alone, in this
    order, so that two transactions cannot wait for each other."""
    try:
        with transaction.atomic():
            return act(items)
    except IntegrityError as error:
        if not _is_open_already(error):
            raise
        alone = sorted(items, key=order) if len(items) > 1 else []
        return [moved for one in alone for moved in where_none_is_open(act, [one], order)]


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


def _begin(how: Beginning, letters: Mapping[UUID, NewLetter], by: Actor) -> list[Moved]:
    # In this order two transactions that begin the same dead letters cannot wait for each other.
    by_identity = sorted(letters.items(), key=_digest)
    sql.copy("dead_letter", _COLUMNS, [_row(how, id, letter) for id, letter in by_identity])
    sql.copy("revision", revisions.COLUMNS, [_original(id, letter) for id, letter in letters.items()])
    kind, actor = str(how.event), by.name
    events = [(id, kind, actor, by.person, each.text, how.attempt, 0) for id, each in letters.items()]
    sql.copy("event", _EVENT_COLUMNS, events)
    counts = Counter((letter.group, letter.source) for letter in letters.values())
    parameters = {
        "ids": list(letters),
        "groups": [group for group, _ in counts],
        "sources": [source for _, source in counts],
        "counts": list(counts.values()),
        "state": str(how.to),
        "flow": str(how.flow),
    }
    sql.run(_COUNT, parameters)
    return [Moved(id, how.attempt, 0, 1, 0, len(letter.message.body)) for id, letter in letters.items()]


def _digest(item: tuple[UUID, NewLetter]) -> bytes:
    return item[1].digest


def _is_open_already(error: IntegrityError) -> bool:
    """Whether it says that there is an open dead letter of the same message."""
    violation = error.__cause__
    return (
        isinstance(violation, UniqueViolation) and violation.diag.constraint_name == "dead_letter_open_once"
    )


def _row(how: Beginning, id: UUID, letter: NewLetter) -> tuple[Any, ...]:
    message = letter.message
    identity = own_id(message)
    return (
        id,
        1,
        str(how.to),
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
        0,
        storable(letter.error_type, NAME_LIMIT),
        storable(letter.error_text, TEXT_LIMIT),
        storable(letter.handler, NAME_LIMIT),
        how.failures,
        how.attempt,
        letter.failed_at,
        letter.failed_at,
        "",
        False,
        letter.redelivered or letter.earlier is not None,
        letter.earlier,
        0,
    )


def _original(id: UUID, letter: NewLetter) -> tuple[Any, ...]:
    message, properties = letter.message, letter.message.properties
    address = storable(letter.return_address, NAME_LIMIT)
    return (id, 0, message.body, properties.raw, properties.format, address, "original", "")


def _told(message: Message, name: str) -> str | None:
    try:
        value: str | None = getattr(message.properties, name)
    except OfficeError:  # properties that cannot be read are kept as they are and tell nothing
        return None
    return value


# Times are the transaction's, by default.
_COLUMNS = {
    "id": "uuid",
    "version": "int4",
    "state": "text",
    "source_id": "int8",
    "group_id": "int8",
    "message_id": "text",
    "message_id_derived": "bool",
    "identity": "bytea",
    "correlation_id": "text",
    "content_type": "text",
    "ordering_key": "text",
    "size": "int8",
    "preview": "text",
    "revision": "int4",
    "error_type": "text",
    "error_text": "text",
    "handler": "text",
    "failures": "int4",
    "attempt": "int4",
    "first_failed_at": "timestamptz",
    "last_failed_at": "timestamptz",
    "reason": "text",
    "by_silence": "bool",
    "possible_duplicate": "bool",
    "earlier_id": "uuid",
    "claim": "int4",
}
_EVENT_COLUMNS = {
    "dead_letter_id": "uuid",
    "kind": "text",
    "actor": "text",
    "person_id": "int4",
    "text": "text",
    "attempt": "int4",
    "revision": "int4",
}
_COUNT = """
WITH began AS (
    SELECT * FROM unnest(%(groups)b::bigint[], %(sources)b::bigint[], %(counts)b::bigint[])
        AS w(group_id, source_id, count)
), counted AS (
    INSERT INTO state_count (group_id, source_id, state, change)
    SELECT group_id, source_id, %(state)s::text, count FROM began
), due AS (
    INSERT INTO search_due (ids) VALUES (%(ids)b::uuid[])
)
INSERT INTO flow (minute, group_id, kind, count)
SELECT date_trunc('minute', now()), group_id, %(flow)s::text, sum(count) FROM began GROUP BY group_id
"""
