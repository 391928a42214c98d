"""Groups that are one cause after all.

A merge moves nothing: the group that is merged points at the other, whose figures are then those of both. So
new failures of either land there, and a split gives back exactly what there was.
"""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import group_figures
from workflow_processor.acts.record import actor, audit, check
from workflow_processor.models import Group, GroupEvent, Snooze
from workflow_processor.subjects import tell_groups
from workflow_processor.transition import Actor


def merge(person: User, groups: Sequence[Group], into: Group) -> list[Group]:
    """Merges groups, with what was merged into them, into another; gives those that were. Raises ValueError
    where `into` is merged itself."""
    check(person, "manage_group")
    with transaction.atomic():
        locked = {group.pk: group for group in _locked([*groups, into])}
        if into.pk not in locked or locked[into.pk].merged_into_id:
            raise ValueError("That group was merged into another in the meantime.")
        moved = [g for g in locked.values() if g.pk != into.pk and not g.merged_into_id]
        ids = [group.pk for group in moved]
        Group.objects.filter(merged_into__in=ids).update(merged_into=into)
        Group.objects.filter(pk__in=ids).update(merged_into=into, back="")
        Snooze.objects.filter(group__in=ids).delete()
        group_figures.add_up([into.pk, *ids])
        for group in moved:
            _told(person, GroupEvent.Kind.MERGED, group, into)
    return moved


def split(person: User, groups: Sequence[Group]) -> list[Group]:
    """Gives merged groups back what is theirs; gives those that were merged."""
    check(person, "manage_group")
    homes = [group.merged_into for group in groups if group.merged_into]
    with transaction.atomic():
        locked = {group.pk: group for group in _locked([*groups, *homes])}
        asked = [locked[group.pk] for group in groups]
        # Somebody was quicker, where it is merged no longer, or elsewhere.
        moved = [
            (group, locked[home]) for group in asked if (home := group.merged_into_id) in locked and home
        ]
        Group.objects.filter(pk__in=[group.pk for group, _ in moved]).update(merged_into=None)
        group_figures.add_up([one.pk for pair in moved for one in pair])
        for group, former in moved:
            _told(person, GroupEvent.Kind.SPLIT, group, former)
    return [group for group, _ in moved]


def _locked(groups: Sequence[Group]) -> list[Group]:
    """In one order, so that two people cannot wait for each other; and so that no fold is at work on them."""
    found = Group.objects.filter(pk__in=[group.pk for group in groups])
    return list(found.order_by("id").select_for_update(no_key=True))


def _told(person: User, kind: GroupEvent.Kind, group: Group, home: Group) -> None:
    by: Actor = actor(person)
    way = "into" if kind == GroupEvent.Kind.MERGED else "from"
    tell_groups(kind, [group.pk], f"{way.capitalize()} group {home.pk}: {home}", by)
    other = "in" if kind == GroupEvent.Kind.MERGED else "off"
    tell_groups(kind, [home.pk], f"Group {group.pk} {other}: {group}", by)
    audit(person, str(kind).removesuffix("d"), group=group.pk, after={way: home.pk})
