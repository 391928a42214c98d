"""Snoozed groups come back by themselves: when their time has come, or when they failed often enough."""

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import sql
from workflow_processor.models import Group, GroupEvent, Notification
from workflow_processor.notifying import notify
from workflow_processor.subjects import Subject, tell_groups
from workflow_processor.transition import Actor

CLOCK = Actor("clock")


def wake() -> int:
    """Brings back the groups whose snooze has ended; gives their number."""
    with transaction.atomic():
        ended = sql.run(_ended)
        for row in ended:
            why = _why(row)
            Group.objects.filter(pk=row.group_id).update(back=why)
            tell_groups(GroupEvent.Kind.WOKEN, [row.group_id], why, CLOCK)
            people = User.objects.filter(pk__in=[pk for pk in (row.person_id, row.assignee_id) if pk])
            notify(people, Notification.Kind.WOKEN, Subject(group=row.group_id), why, CLOCK)
    return len(ended)


def _why(row: object) -> str:
    more = getattr(row, "more", None)
    if more and getattr(row, "failed", 0) >= more:
        return f"It failed {more:,} more time{'s'[: more != 1]}."
    return "Its snooze was over."


# A snooze that somebody is changing is looked at again the next time.
_ended = """
WITH asleep AS (
    SELECT s.group_id, s.until, (
        SELECT coalesce(sum(f.count), 0) - s.before FROM failure_group m JOIN flow f ON f.group_id = m.id
        WHERE (m.id = s.group_id OR m.merged_into_id = s.group_id) AND f.kind = 'failed'
              AND f.minute >= date_trunc('minute', s.since)
    ) AS failed
    FROM snooze s FOR UPDATE SKIP LOCKED
)
DELETE FROM snooze s USING asleep a, failure_group g
WHERE a.group_id = s.group_id AND g.id = s.group_id AND (s.until <= now() OR a.failed >= s.more)
RETURNING s.group_id, s.more, s.person_id, g.assignee_id, a.failed
"""
