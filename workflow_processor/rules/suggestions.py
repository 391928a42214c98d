"""What rules would make of parked messages: kept when these are parked, and offered while it still holds."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from consumers import brokers
from consumers.message import Message
from workflow_processor import sql
from workflow_processor.lifecycle import Seen
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Moved
from workflow_processor.triage import Signature

COLUMNS = {
    "dead_letter_id": "uuid",
    "revision": "int4",
    "rule": "text",
    "version": "int4",
    "reason": "text",
    "body": "bytea",
    "properties": "bytea",
    "properties_format": "text",
    "return_address": "text",
    "made_at": "timestamptz",
}


class Offered(NamedTuple):
    """What a version of a rule would make of a message."""

    rule: Signature
    made: NewRevision


def keep(parked: Sequence[Moved], offered: Mapping[UUID, Offered]) -> None:
    """Keeps what is offered for those that were parked, in place of what was before: for another failure, or
    by other rules."""
    forget([letter.id for letter in parked])
    now = timezone.now()
    if rows := [_row(letter, offered[letter.id], now) for letter in parked if letter.id in offered]:
        sql.copy("suggestion", COLUMNS, rows)


def offered(seen: Sequence[Seen]) -> dict[Seen, Offered]:
    """What is on offer for each of these that is still parked as it was seen: by the current version of a
    rule that is not off, made of the current revision."""
    parameters = {"ids": [letter.id for letter in seen], "versions": [letter.version for letter in seen]}
    return {Seen(row.id, row.seen): _offered(row) for row in sql.run(_offers, parameters)}


def sizes(ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many bytes the body has that is suggested for each of these."""
    return {row.dead_letter_id: row.size for row in sql.run(_sizes, {"ids": list(ids)})}


def forget(ids: Collection[UUID]) -> None:
    if ids:
        sql.run("DELETE FROM suggestion WHERE dead_letter_id = ANY(%(ids)b::uuid[])", {"ids": list(ids)})


def forget_stale() -> None:
    """Forgets those of messages that are parked no longer."""
    sql.run(
        """
        DELETE FROM suggestion s USING dead_letter d
        WHERE d.id = s.dead_letter_id AND (d.state <> 'parked' OR d.revision <> s.revision)
        """
    )


def _row(letter: Moved, offer: Offered, now: object) -> tuple[object, ...]:
    rule, made = offer
    properties = made.message.properties
    return (
        letter.id,
        letter.revision,
        rule.name,
        rule.version,
        made.reason,
        made.message.body,
        properties.raw,
        properties.format,
        made.return_address,
        now,
    )


def _offered(row: Any) -> Offered:
    message = Message(row.body, brokers.properties(row.properties_format, row.properties))
    return Offered(
        Signature(row.rule, row.rule_version), NewRevision(message, row.return_address, row.reason)
    )


_sizes = """
SELECT dead_letter_id, octet_length(body) AS size FROM suggestion
WHERE dead_letter_id = ANY(%(ids)b::uuid[])
"""
_offers = """
SELECT d.id, d.version AS seen, s.rule, s.version AS rule_version, s.reason, s.body, s.properties,
       s.properties_format, s.return_address
FROM unnest(%(ids)b::uuid[], %(versions)b::int[]) AS w(id, version)
JOIN dead_letter d USING (id, version)
JOIN suggestion s ON s.dead_letter_id = d.id AND s.revision = d.revision
JOIN repair_rule r ON r.name = s.rule AND r.number = s.version AND r.mode <> 'off'
WHERE d.state = 'parked'
"""
