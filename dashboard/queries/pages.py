"""One page of a list, by keyset: however long the list is, a page costs the rows it shows."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from dashboard.queries.patience import TookTooLong, row_by_row, within
from workflow_processor.models import DeadLetter, FailedAttempt

SIZE = 50
NEAR, FAR = 5_000, 100_000
"""Dead letters among which a page is looked for first, and at most where no index helps."""
PATIENCE = 2.0
"""Seconds."""

Walk = Callable[[Q], QuerySet[DeadLetter]]
"""The dead letters of a list, in the form for looking at each of those whose primary keys fit a condition."""


class Page(NamedTuple):
    letters: list[DeadLetter]
    """The newest first."""
    newer: UUID | None
    """Where the page before begins, if there is one: ask for what is newer than this."""
    older: UUID | None
    partly: bool = False
    """Only the nearest were looked through, and the rest are where `older` leads: it would take too long."""


def page(
    letters: QuerySet[DeadLetter],
    *,
    older: UUID | None = None,
    newer: UUID | None = None,
    size: int = SIZE,
    near: Walk | None = None,
    rare: bool = False,
) -> Page:
    """Those older than an id, or newer than one, or the newest of all. With `near`, the same dead letters, it
    is first tried whether a few thousand will do, unless they are `rare`; an index can tell only of all."""
    if newer:
        found, _ = _some(letters, _Side("pk__gt", "pk__lte", "id", newer), size + 1, near, rare)
        # Too few to fill a page: it is the first one, and shows what it can.
        if len(found) < size:
            return page(letters, size=size, near=near, rare=rare)
        shown = found[:size][::-1]
        return Page(shown, shown[0].id if len(found) > size else None, shown[-1].id)
    found, end = _some(letters, _Side("pk__lt", "pk__gte", "-id", older), size + 1, near, rare)
    shown = found[:size]
    newer = shown[0].id if older and shown else None
    return Page(shown, newer, shown[-1].id if len(found) > size else end, partly=end is not None)


class _Side(NamedTuple):
    """Which way a page is looked for, and beyond what."""

    beyond: str
    within: str
    order: str
    since: UUID | None

    def of(self, letters: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        return letters.filter(self.until(None)).order_by(self.order)

    def until(self, last: UUID | None) -> Q:
        """On primary keys: those from here to there, or to the end."""
        ends = {self.beyond: self.since, self.within: last}
        return Q(**{end: id for end, id in ends.items() if id})


def _some(
    letters: QuerySet[DeadLetter], side: _Side, size: int, near: Walk | None, rare: bool
) -> tuple[list[DeadLetter], UUID | None]:
    """The nearest of them, so many; and where it was given up to look for more."""
    if near is None:
        return list(side.of(letters)[:size]), None
    if not rare:
        found, end = _nearby(near, side, size, NEAR)
        if len(found) == size or not end:
            return found, None
    try:
        with within(PATIENCE):
            return list(side.of(letters)[:size]), None
    except TookTooLong:
        found, end = _nearby(near, side, size, FAR)
        return found, end if len(found) < size else None


def _nearby(near: Walk, side: _Side, size: int, number: int) -> tuple[list[DeadLetter], UUID | None]:
    """Those among the nearest so many dead letters, and the last one of these, if there are more."""
    last = side.of(DeadLetter.objects.all()).values_list("id", flat=True)[number - 1 : number].first()
    with row_by_row():
        return list(near(side.until(last)).order_by(side.order)[:size]), last


def latest_attempt() -> int:
    """The latest failed attempt there is: what comes back fails after it."""
    return FailedAttempt.objects.order_by("-id").values_list("id", flat=True).first() or 0


def newest() -> UUID | None:
    """The newest dead letter there is: what comes after it was not there yet."""
    return DeadLetter.objects.order_by("-id").values_list("id", flat=True).first()
