"""The causes of failure, those with the most to do first; their counts are sums of figures that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from workflow_processor import figures
from workflow_processor.models import OPEN, Group, State

SIZE = 50


@dataclass
class GroupRow:
    """A group with its figures, as its row shows them; its own fields are had from it too."""

    group: Group
    counts: figures.Counts
    trend: Sequence[int]
    """Failures in each of the last 24 hours."""

    def __getattr__(self, name: str) -> object:
        return getattr(self.group, name)

    @property
    def count(self) -> int:
        """Of those that wait for a person."""
        return self.counts[State.PARKED]

    @property
    def states(self) -> list[tuple[str, int]]:
        """Where its dead letters stand, as far as there are any."""
        return [(str(state), count) for state, count in self.counts.items() if count]


class GroupPage(NamedTuple):
    groups: list[GroupRow]
    first: int
    """Number of the first one, from 1."""
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.groups) - 1


def groups(*, everything: bool = False, start: int = 0, size: int = SIZE) -> GroupPage:
    """Groups with open dead letters, or all; those with the most parked ones first, then the latest."""
    wanted = {} if everything else {"open__gt": 0}
    found = Group.objects.annotate(
        parked=_sum(Q(state_counts__state=State.PARKED)), open=_sum(Q(state_counts__state__in=OPEN))
    ).filter(**wanted)
    ordered = found.order_by(F("parked").desc(), "-last_seen_at", "-id")
    return GroupPage(with_figures(ordered[start : start + size]), start + 1, found.count())


def with_figures(found: QuerySet[Group]) -> list[GroupRow]:
    listed = list(found.select_related("source"))
    ids = [group.pk for group in listed]
    counts, trends = figures.counts_of(ids), figures.failures_of(ids)
    return [GroupRow(group, counts[group.pk], trends[group.pk]) for group in listed]


def _sum(where: Q) -> Coalesce:
    return Coalesce(Sum("state_counts__change", filter=where), 0)
