"""Does to them what a rule would do, once and in the name of the person, and sends them back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from workflow_processor import lifecycle
from workflow_processor.lifecycle import Seen
from workflow_processor.models import State
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.repair import cases
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import StaffRule
from workflow_processor.revisions import NewRevision
from workflow_processor.rules import book
from workflow_processor.rules.trying import Outcome, Tried, try_on
from workflow_processor.transition import Moved

PORTION = 50
"""Messages that are in memory at a time."""


def _carry_out(chunk: Chunk) -> Carried:
    """`definition` is the rule's, as JSON. It is asked anew about each, as that was frozen."""
    rule = StaffRule(parse(chunk.parameters["definition"]), "", 0, book.current().surroundings)
    moved: list[Moved] = []
    failed: dict[UUID, str] = {}
    for start in range(0, len(chunk.seen), PORTION):
        tried = _try(rule, chunk.seen[start : start + PORTION])
        moved += _mend(chunk, [one for one in tried if one.outcome == Outcome.REPAIRED])
        failed |= {one.looked.id: one.why for one in tried if one.outcome != Outcome.REPAIRED}
    return Carried(moved, sent=True, failed=failed)


def _try(rule: StaffRule, seen: Sequence[Seen]) -> list[Tried]:
    as_frozen = set(seen)
    looked = cases.look([letter.id for letter in seen])
    return list(try_on(rule, [one for one in looked if Seen(one.id, one.version) in as_frozen]))


def _mend(chunk: Chunk, tried: Sequence[Tried]) -> list[Moved]:
    hold = timedelta(seconds=settings.UNDO_SECONDS)
    seen = [Seen(one.looked.id, one.looked.version) for one in tried]
    made = [
        NewRevision(one.message, one.return_address, f"{chunk.reason} {one.why}")
        for one in tried
        if one.message
    ]
    edited = lifecycle.edit(seen, made, chunk.by)
    return lifecycle.requeue([Seen(one.id, one.version) for one in edited], chunk.by, chunk.reason, hold=hold)


KIND = Kind(
    "apply rule",
    "edit_dead_letter",
    (State.PARKED,),
    _carry_out,
    further={"definition": "requeue_dead_letter"},
)
