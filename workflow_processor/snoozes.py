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
            why = _why(row.over, row.more)
            Group.objects.filter(pk=row.group_id).update(back=why)
            tell_groups(GroupEvent.Kind.WOKEN, [row.group_id], why, CLOCK)
            people = User.objects.filter(pk__in=[pk for pk in (row.person_id, row.assignee_id) if pk])
            notify(people, Notification.Kind.WOKEN, Subject(group=row.group_id), why, CLOCK)
    return len(ended)


def _why(over: bool, more: int) -> str:
    return "Its snooze was over." if over else f"It failed {more:,} more time{'s'[: more != 1]}."


# A snooze that somebody is changing is looked at again the next time. Failures are added up for those that
# wait for them alone, and are never more rows than they wait for.
_ended = """
WITH ended AS (
    SELECT s.group_id FROM snooze s
    WHERE s.until <= now() OR (s.more IS NOT NULL AND s.more <= (
        SELECT coalesce(sum(f.count), 0) - s.before FROM failure_group m JOIN flow f ON f.group_id = m.id
        WHERE (m.id = s.group_id OR m.merged_into_id = s.group_id) AND f.kind = 'failed'
              AND f.minute >= date_trunc('minute', s.since)
    ))
    FOR UPDATE SKIP LOCKED
)
DELETE FROM snooze s USING ended e, failure_group g
WHERE e.group_id = s.group_id AND g.id = s.group_id
RETURNING s.group_id, s.more, s.person_id, g.assignee_id, s.until <= now() AS over
"""
