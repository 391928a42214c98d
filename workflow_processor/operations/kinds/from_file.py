"""Gives each the body that an imported file has for it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from consumers import brokers
from consumers.message import Message
from workflow_processor import lifecycle, sql
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, ImportFile, Operation, State
from workflow_processor.operations.kinds.edit import sent
from workflow_processor.operations.kinds.in_time import in_time
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.operations.kinds.unchanged import unless_changed
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Moved

FORGOTTEN = "The file is no longer kept: import it again."


def _carry_out(chunk: Chunk) -> Carried:
    """`file` is the number of the file. Headers and return address stay. With `send` they go back as well."""
    send = bool(chunk.parameters.get("send"))
    moved: list[Moved] = []
    failed: dict[UUID, str] = {}
    for portion in in_time(chunk, _sizes(chunk)):
        rows = _read(chunk, portion)
        edited = _edit(chunk, [row for row in rows if row.body is not None])
        moved += sent(chunk, edited) if send else edited
        failed |= {row.id: FORGOTTEN for row in rows if row.body is None}
        reached = portion[-1].id
    return Carried(moved, sent=send, failed=failed, reached=reached)


def _again(operation: Operation, failures: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
    if not ImportFile.objects.filter(pk=operation.parameters["file"]).exists():
        raise ValueError(FORGOTTEN)
    return unless_changed(operation, failures)


def _sizes(chunk: Chunk) -> dict[UUID, int]:
    parameters = {"file": chunk.parameters["file"], "ids": [letter.id for letter in chunk.seen]}
    return {row.dead_letter: row.size for row in sql.run(_SIZES, parameters)}


def _read(chunk: Chunk, seen: Sequence[Seen]) -> list[Any]:
    parameters = {
        "file": chunk.parameters["file"],
        "ids": [letter.id for letter in seen],
        "versions": [letter.version for letter in seen],
    }
    return sql.run(_BODIES, parameters)


def _edit(chunk: Chunk, rows: Sequence[Any]) -> list[Moved]:
    made = [
        NewRevision(
            Message(row.body, brokers.properties(row.properties_format, row.properties)),
            row.return_address,
            chunk.reason,
        )
        for row in rows
    ]
    return lifecycle.edit([Seen(row.id, row.version) for row in rows], made, chunk.by)


KIND = Kind(
    "import",
    "edit_dead_letter",
    (State.PARKED,),
    _carry_out,
    further={"send": "requeue_dead_letter"},
    again=_again,
)

_SIZES = """
SELECT dead_letter, octet_length(body) AS size FROM imported_body
WHERE file_id = %(file)s AND dead_letter = ANY(%(ids)b::uuid[])
"""
_BODIES = """
SELECT d.id, d.version, i.body, r.properties, r.properties_format, r.return_address
FROM unnest(%(ids)b::uuid[], %(versions)b::int[]) AS w(id, version)
JOIN dead_letter d USING (id, version)
LEFT JOIN imported_body i ON i.file_id = %(file)s AND i.dead_letter = d.id
JOIN revision r ON r.dead_letter_id = d.id AND r.number = d.revision
"""
