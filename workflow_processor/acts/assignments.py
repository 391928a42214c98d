"""Whose a dead letter or a group is."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import sql, transition
from workflow_processor.acts.record import Outcome, actor, audit, check
from workflow_processor.models import Event, Group, GroupEvent, Notification
from workflow_processor.notifying import notify, staff
from workflow_processor.subjects import Subject, tell_groups


def assign(person: User, letters: Sequence[UUID], to: User | None) -> Outcome:
    """Gives dead letters to somebody, or to nobody. Those that are theirs already are unchanged. Raises
    ValueError where `to` does not work here."""
    check(person, "assign_dead_letter")
    _work_here(to)
    with transaction.atomic():
        changed = [row.id for row in sql.run(_assign, {"ids": list(letters), "to": to and to.pk})]
        if not changed:
            return Outcome([], list(letters))
        transition.tell(Event.Kind.ASSIGNED, changed, [said(to)] * len(changed), actor(person))
        entry = audit(person, "assign", letters=changed, after={"assignee": to and to.get_username()})
        text = f"{len(changed):,} messages" if len(changed) > 1 else ""
        _tell(person, to, Subject(dead_letter=changed[0]), text)
    same = set(letters).difference(changed)
    return Outcome(changed, [id for id in letters if id in same], entry)


def assign_groups(person: User, groups: Sequence[Group], to: User | None) -> None:
    """Gives groups to somebody, or to nobody. Raises ValueError where `to` does not work here."""
    check(person, "assign_dead_letter")
    _work_here(to)
    with transaction.atomic():
        wanted = Group.objects.filter(pk__in=[group.pk for group in groups])
        # In one order, so that two people cannot wait for each other.
        for group in wanted.order_by("id").select_for_update(no_key=True):
            before, group.assignee = group.assignee, to
            if before == to:
                continue
            group.save(update_fields=["assignee"])
            tell_groups(GroupEvent.Kind.ASSIGNED, [group.pk], said(to), actor(person))
            audit(
                person,
                "assign",
                group=group.pk,
                before={"assignee": before and before.get_username()},
                after={"assignee": to and to.get_username()},
            )
            _tell(person, to, Subject(group=group.pk), "")


def _work_here(to: User | None) -> None:
    if to and to not in staff():
        raise ValueError(f"{to.get_username()} has no active account with access.")


def said(to: User | None) -> str:
    """As timelines tell it."""
    return f"To {to.get_username()}." if to else "To nobody."


def _tell(person: User, to: User | None, subject: Subject, text: str) -> None:
    if to:
        notify([to], Notification.Kind.ASSIGNED, subject, text, actor(person))


_assign = """
WITH theirs AS (
    SELECT id FROM dead_letter
    WHERE id = ANY(%(ids)b::uuid[]) AND assignee_id IS DISTINCT FROM %(to)s::int
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE dead_letter d SET assignee_id = %(to)s::int FROM theirs WHERE d.id = theirs.id RETURNING d.id
"""
