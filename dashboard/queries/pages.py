"""One page of a list, by keyset: however long the list is, a page costs the rows it shows."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from workflow_processor.models import DeadLetter

SIZE = 50


class Page(NamedTuple):
    letters: list[DeadLetter]
    """The newest first."""
    newer: UUID | None
    """Where the page before begins, if there is one: ask for what is newer than this."""
    older: UUID | None


def page(
    letters: QuerySet[DeadLetter], *, older: UUID | None = None, newer: UUID | None = None, size: int = SIZE
) -> Page:
    """Those older than an id, or newer than one, or the newest of all."""
    if newer:
        found = list(letters.filter(id__gt=newer).order_by("id")[:size])
        # Too few to fill a page: it is the first one, and shows what it can.
        return _shown(letters, found[::-1]) if len(found) == size else page(letters, size=size)
    return _shown(letters, list((letters.filter(id__lt=older) if older else letters).order_by("-id")[:size]))


def _shown(letters: QuerySet[DeadLetter], found: list[DeadLetter]) -> Page:
    if not found:
        return Page([], None, None)
    first, last = found[0].id, found[-1].id
    return Page(
        found,
        first if letters.filter(id__gt=first).exists() else None,
        last if letters.filter(id__lt=last).exists() else None,
    )


def newest() -> UUID | None:
    """The newest dead letter there is: what comes after it was not there yet."""
    return DeadLetter.objects.order_by("-id").values_list("id", flat=True).first()
