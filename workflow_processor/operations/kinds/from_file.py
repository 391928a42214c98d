"""Gives each the body that an imported file has for it."""

from collections.abc import Sequence

from consumers import brokers
from consumers.message import Message
from workflow_processor import lifecycle, sql
from workflow_processor.lifecycle import Seen
from workflow_processor.models import State
from workflow_processor.operations.kinds.edit import PORTION, sent
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Moved


def _carry_out(chunk: Chunk) -> Carried:
    """`file` is the number of the file. Headers and return address stay. With `send` they go back as well."""
    send = bool(chunk.parameters.get("send"))
    moved: list[Moved] = []
    for start in range(0, len(chunk.seen), PORTION):
        edited = _edit(chunk, chunk.seen[start : start + PORTION])
        moved += sent(chunk, edited) if send else edited
    return Carried(moved, sent=send)


def _edit(chunk: Chunk, seen: Sequence[Seen]) -> list[Moved]:
    parameters = {
        "file": chunk.parameters["file"],
        "ids": [letter.id for letter in seen],
        "versions": [letter.version for letter in seen],
    }
    rows = sql.run(_BODIES, parameters)
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
    "import", "edit_dead_letter", (State.PARKED,), _carry_out, further={"send": "requeue_dead_letter"}
)

_BODIES = """
SELECT d.id, d.version, i.body, r.properties, r.properties_format, r.return_address
FROM unnest(%(ids)b::uuid[], %(versions)b::int[]) AS w(id, version)
JOIN dead_letter d USING (id, version)
JOIN imported_body i ON i.file_id = %(file)s AND i.dead_letter = d.id
JOIN revision r ON r.dead_letter_id = d.id AND r.number = d.revision
"""
