"""What a query finds, as rows to be taken away: all of it, a portion at a time, in the order of the list."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from workflow_processor.models import DeadLetter, Revision
from workflow_processor.portions import in_portions

PORTION = 100
"""Messages in memory at a time, with their bodies where these are no more than a portion."""


class Exported(NamedTuple):
    """A dead letter, and its current revision where that is asked for."""

    letter: DeadLetter
    revision: Revision | None = None


def letters(found: QuerySet[DeadLetter]) -> Iterator[Exported]:
    """The newest first, without their bytes."""
    return map(Exported, _newest(found))


def with_bodies(found: QuerySet[DeadLetter]) -> Iterator[Exported]:
    """The newest first, each as it is now."""
    for portion in in_portions(_newest(found), lambda letter: letter.size, most=PORTION):
        revisions = {
            (revision.dead_letter_id, revision.number): revision
            for revision in Revision.objects.filter(
                dead_letter__in=portion, number__in={letter.revision for letter in portion}
            )
        }
        yield from (Exported(letter, revisions.get((letter.id, letter.revision))) for letter in portion)


def _newest(found: QuerySet[DeadLetter]) -> Iterator[DeadLetter]:
    ordered = found.select_related("source").order_by("-id")
    portion = list(ordered[:PORTION])
    while portion:
        yield from portion
        portion = list(ordered.filter(id__lt=portion[-1].id)[:PORTION])
