"""Writing revisions, and what lists show of a body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from consumers.message import Message
from workflow_processor import sql
from workflow_processor.search import due
from workflow_processor.transition import Actor, Moved

PREVIEW_LENGTH = 160
PREVIEWED = 2 * PREVIEW_LENGTH
"""Bytes of a body that its preview is made from."""
COLUMNS = {
    "dead_letter_id": "uuid",
    "number": "int4",
    "body": "bytea",
    "properties": "bytea",
    "properties_format": "text",
    "return_address": "text",
    "author": "text",
    "reason": "text",
}


@dataclass(frozen=True, slots=True)
class NewRevision:
    """What a repair or an edit makes of a message."""

    message: Message
    return_address: str
    reason: str


def preview(body: bytes) -> str:
    """The beginning of a body as one line of text; what is not text in it shows as a replacement mark."""
    text = body[:PREVIEWED].decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return " ".join(text.split())[:PREVIEW_LENGTH]


def columns(made: Sequence[NewRevision]) -> dict[str, tuple[str, list[object]]]:
    """What a dead letter repeats of its current revision, for a transition."""
    return {
        "size": ("bigint", [len(revision.message.body) for revision in made]),
        "preview": ("text", [preview(revision.message.body) for revision in made]),
    }


def record(moved: Sequence[Moved], made: Mapping[UUID, NewRevision], by: Actor) -> None:
    """Writes the new current revision of each."""
    sql.copy("revision", COLUMNS, [_row(letter, made[letter.id], by) for letter in moved])
    due.note([letter.id for letter in moved])


def _row(letter: Moved, made: NewRevision, by: Actor) -> tuple[object, ...]:
    properties = made.message.properties
    return (
        letter.id,
        letter.revision,
        made.message.body,
        properties.raw,
        properties.format,
        made.return_address,
        by.name,
        made.reason,
    )
