"""Gives them to somebody, or to nobody."""

from django.contrib.auth.models import User

from workflow_processor import sql
from workflow_processor.acts.assignments import said
from workflow_processor.models import OPEN, Event, Notification, Operation
from workflow_processor.notifying import notify
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.subjects import Subject
from workflow_processor.transition import Actor, Moved, tell


def _carry_out(chunk: Chunk) -> Carried:
    """`to` is the person's key, None for nobody. Whose they are is no change of state: those that are theirs
    already are done, and their timelines say nothing."""
    to = User.objects.filter(pk=chunk.parameters["to"]).first()
    parameters = {
        "to": to and to.pk,
        "ids": [letter.id for letter in chunk.seen],
        "versions": [letter.version for letter in chunk.seen],
    }
    rows = sql.run(_GIVE, parameters)
    changed = [row.id for row in rows if row.changed]
    tell(Event.Kind.ASSIGNED, changed, [f"{said(to)} {chunk.reason}"] * len(changed), chunk.by)
    return Carried([Moved(*row[:-1]) for row in rows])


def _planned(operation: Operation) -> None:
    """Tells the person, once for all of them."""
    to, first = User.objects.filter(pk=operation.parameters["to"]), operation.items.order_by("id")[0]
    by = Actor(operation.person.get_username(), operation.person.pk)
    subject = Subject(dead_letter=first.dead_letter)
    notify(to, Notification.Kind.ASSIGNED, subject, f"{operation.total:,} messages", by)


KIND = Kind("assign", "assign_dead_letter", OPEN, _carry_out, planned=_planned)

_GIVE = """
WITH theirs AS (
    SELECT d.id, d.assignee_id IS DISTINCT FROM %(to)s::int AS changed
    FROM unnest(%(ids)b::uuid[], %(versions)b::int[]) AS w(id, version) JOIN dead_letter d USING (id, version)
    ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE dead_letter d SET assignee_id = %(to)s::int FROM theirs WHERE d.id = theirs.id
RETURNING d.id, d.attempt, d.revision, d.version, d.claim, d.size, theirs.changed
"""
