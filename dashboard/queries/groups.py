"""The causes of failure with their figures, which are sums that are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min
from django.utils import timezone

from workflow_processor import figures, group_figures
from workflow_processor.models import Group, State


@dataclass
class GroupRow:
    """A group with its figures, as its row shows them; its own fields are had from it too."""

    group: Group
    counts: figures.Counts
    trend: Sequence[int]
    """Failures in each of the last 24 hours."""
    merged: int
    """Other groups that were merged into it."""
    first_seen_at: datetime
    last_seen_at: datetime

    def __getattr__(self, name: str) -> object:
        return getattr(self.group, name)

    @property
    def count(self) -> int:
        """Of those that wait for a person."""
        return self.counts[State.PARKED]

    @property
    def snoozed(self) -> bool:
        snooze = getattr(self.group, "snooze", None)
        return bool(snooze and snooze.until > timezone.now())

    @property
    def states(self) -> list[tuple[str, int]]:
        """Where its dead letters stand, as far as there are any."""
        return [(str(state), count) for state, count in self.counts.items() if count]


def with_figures(ids: Sequence[int]) -> list[GroupRow]:
    """These groups with their figures, in this order."""
    found = Group.objects.select_related("source", "assignee", "snooze__person").in_bulk(ids)
    counts, trends, merged = group_figures.counts_of(ids), group_figures.failures_of(ids), _merged(ids)
    return [_row(found[id], counts[id], trends[id], merged.get(id, {})) for id in ids]


def _merged(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    members = Group.objects.filter(merged_into__in=ids).values("merged_into")
    told = members.annotate(number=Count("id"), first=Min("first_seen_at"), last=Max("last_seen_at"))
    return {row["merged_into"]: row for row in told}  # type: ignore[misc]  # none of them is None


def _row(group: Group, counts: figures.Counts, trend: Sequence[int], merged: Mapping[str, Any]) -> GroupRow:
    first = min(group.first_seen_at, merged.get("first", group.first_seen_at))
    last = max(group.last_seen_at, merged.get("last", group.last_seen_at))
    return GroupRow(group, counts, trend, merged.get("number", 0), first, last)
