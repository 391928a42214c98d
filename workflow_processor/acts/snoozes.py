"""Putting groups away until later."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils import timezone

from workflow_processor import group_figures
from workflow_processor.acts.record import actor, audit, check
from workflow_processor.models import Group, GroupEvent, Snooze
from workflow_processor.subjects import tell_groups

LONGEST = timedelta(days=30)
"""What nobody has looked at for so long comes back in any case."""


def snooze(
    person: User, groups: Sequence[Group], *, until: datetime | None = None, more: int | None = None
) -> None:
    """Puts them away until a time, or until each has failed so many times more; they come back by
    themselves. Raises ValueError where neither makes sense."""
    check(person, "manage_group")
    now = timezone.now()
    end = min(until or now + LONGEST, now + LONGEST)
    if end <= now or (until is None and not more) or (more is not None and not 0 < more < 10**9):
        raise ValueError("A snooze needs an end: a time in the future, or at least one more failure.")
    with transaction.atomic():
        for group in _locked(groups):
            # Both by one clock, the database's.
            before = group_figures.failures_this_minute(group.pk)
            told = {"person": person, "since": TransactionNow(), "until": end, "more": more, "before": before}
            Snooze.objects.update_or_create(group=group, defaults=told)
            Group.objects.filter(pk=group.pk).update(back="")
            tell_groups(GroupEvent.Kind.SNOOZED, [group.pk], _said(end, more, until), actor(person))
            audit(person, "snooze", group=group.pk, after={"until": end.isoformat(), "more": more})


def wake(person: User, groups: Sequence[Group]) -> None:
    """Brings them back now."""
    check(person, "manage_group")
    with transaction.atomic():
        for group in _locked(groups):
            gone, _ = Snooze.objects.filter(group=group).delete()
            if gone:
                tell_groups(GroupEvent.Kind.WOKEN, [group.pk], "", actor(person))
                audit(person, "wake", group=group.pk)


def _locked(groups: Sequence[Group]) -> list[Group]:
    """In one order, so that two people cannot wait for each other."""
    found = Group.objects.filter(pk__in=[group.pk for group in groups], merged_into=None)
    return list(found.order_by("id").select_for_update(no_key=True))


def _said(end: datetime, more: int | None, until: datetime | None) -> str:
    times = f"Until {more:,} more failure{'s'[: more != 1]}" if more else ""
    if times and until is None:
        return f"{times}."
    local = timezone.localtime(end)
    return f"{f'{times}, or' if times else 'Until'} {local:%Y-%m-%d %H:%M} {local.tzname()}."
