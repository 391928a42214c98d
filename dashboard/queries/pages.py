"""One page of a list, by keyset: however long the list is, a page costs the rows it shows."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from workflow_processor.models import DeadLetter

SIZE = 50
NEAR = 5_000
"""Dead letters among which a page is looked for first."""


class Page(NamedTuple):
    letters: list[DeadLetter]
    """The newest first."""
    newer: UUID | None
    """Where the page before begins, if there is one: ask for what is newer than this."""
    older: UUID | None


def page(
    letters: QuerySet[DeadLetter],
    *,
    older: UUID | None = None,
    newer: UUID | None = None,
    size: int = SIZE,
    near: bool = False,
) -> Page:
    """Those older than an id, or newer than one, or the newest of all. With `near` it is first tried whether
    a few thousand dead letters will do, where an index can tell only of all."""
    if newer:
        found = _some(letters, _Side("id__gt", "id__lte", "id", newer), size + 1, near)
        # Too few to fill a page: it is the first one, and shows what it can.
        if len(found) < size:
            return page(letters, size=size, near=near)
        shown = found[:size][::-1]
        return Page(shown, shown[0].id if len(found) > size else None, shown[-1].id)
    found = _some(letters, _Side("id__lt", "id__gte", "-id", older), size + 1, near)
    shown = found[:size]
    newer = shown[0].id if older and shown else None
    return Page(shown, newer, shown[-1].id if len(found) > size else None)


class _Side(NamedTuple):
    """Which way a page is looked for, and beyond what."""

    beyond: str
    within: str
    order: str
    since: UUID | None

    def of(self, letters: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        return (letters.filter(**{self.beyond: self.since}) if self.since else letters).order_by(self.order)


def _some(letters: QuerySet[DeadLetter], side: _Side, size: int, near: bool) -> list[DeadLetter]:
    """The nearest of them, so many."""
    if near:
        end = side.of(DeadLetter.objects.all()).values_list("id", flat=True)[NEAR : NEAR + 1].first()
        found = list(side.of(letters.filter(**{side.within: end}) if end else letters)[:size])
        if len(found) == size or not end:
            return found
    return list(side.of(letters)[:size])


def newest() -> UUID | None:
    """The newest dead letter there is: what comes after it was not there yet."""
    return DeadLetter.objects.order_by("-id").values_list("id", flat=True).first()
