"""Makes one change to each, in the name of the person: what a rule does, without being one."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings

from workflow_processor import lifecycle, sql
from workflow_processor.lifecycle import Seen
from workflow_processor.models import State
from workflow_processor.operations.kinds.in_time import in_time
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.operations.kinds.unchanged import unless_changed
from workflow_processor.repair import cases
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import StaffRule
from workflow_processor.revisions import NewRevision
from workflow_processor.rules import book
from workflow_processor.rules.trying import Outcome, Tried, try_on
from workflow_processor.transition import Moved


def change(chunk: Chunk, *, send: bool) -> Carried:
    """`definition` is the change, as a rule's. It is asked anew about each, as that was frozen; what it
    cannot be made to has failed. With `send` they go back as well."""
    sizes = {row.id: row.size for row in sql.run(_SIZES, {"ids": [letter.id for letter in chunk.seen]})}
    rule = StaffRule(parse(chunk.parameters["definition"]), "", 0, book.current().surroundings)
    moved: list[Moved] = []
    failed: dict[UUID, str] = {}
    for portion in in_time(chunk, sizes):
        tried, reached = _try(rule, portion, chunk.until)
        moved += _changed(chunk, [one for one in tried if one.outcome == Outcome.REPAIRED], send)
        failed |= {one.looked.id: one.why for one in tried if one.outcome != Outcome.REPAIRED}
    return Carried(moved, sent=send, failed=failed, reached=reached)


def _try(rule: StaffRule, seen: Sequence[Seen], until: float) -> tuple[list[Tried], UUID]:
    """What comes of each, and the last that there was time for: a rule may take long over one message."""
    as_frozen = set(seen)
    looked = cases.look([letter.id for letter in seen])
    tried: list[Tried] = []
    for one in try_on(rule, [one for one in looked if Seen(one.id, one.version) in as_frozen]):
        tried.append(one)
        if monotonic() > until:
            return tried, one.looked.id
    return tried, seen[-1].id


def _changed(chunk: Chunk, tried: Sequence[Tried], send: bool) -> list[Moved]:
    seen = [Seen(one.looked.id, one.looked.version) for one in tried]
    made = [
        NewRevision(one.message, one.return_address, f"{chunk.reason} {one.why}")
        for one in tried
        if one.message
    ]
    edited = lifecycle.edit(seen, made, chunk.by)
    return sent(chunk, edited) if send else edited


def sent(chunk: Chunk, edited: Sequence[Moved]) -> list[Moved]:
    """Sends back what was edited, after the seconds in which it can be undone."""
    hold = timedelta(seconds=settings.UNDO_SECONDS)
    seen = [Seen(letter.id, letter.version) for letter in edited]
    return lifecycle.requeue(seen, chunk.by, chunk.reason, hold=hold)


KIND = Kind(
    "edit",
    "edit_dead_letter",
    (State.PARKED,),
    lambda chunk: change(chunk, send=bool(chunk.parameters.get("send"))),
    further={"send": "requeue_dead_letter"},
    again=unless_changed,
)

_SIZES = "SELECT id, size FROM dead_letter WHERE id = ANY(%(ids)b::uuid[])"
