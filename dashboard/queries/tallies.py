"""How many a query finds, and of what: from figures that are kept where these tell, or else counted, up to a
bound that is named."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from dashboard.queries.patience import TookTooLong, row_by_row, within
from dashboard.queries.terms import Term, of_figures, of_letters
from workflow_processor.models import DeadLetter, StateCount

LIMIT = 10_000
"""Dead letters that are counted one by one."""
NEAR, ENOUGH = 20_000, 1_000
"""Where so many of so many, the newest, are found, an index would find too many to be of use."""
PATIENCE = 1.0
"""Seconds that counting may take."""
ASPECTS = ("state", "queue", "subscriber", "error", "handler")
_OF_FIGURES = ("state", "source__queue", "source__subscriber", "group__error_type", "group__handler")
_OF_LETTERS = ("state", "source__queue", "source__subscriber", "error_type", "handler")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are of each state, queue, subscriber, error and handler."""

    numbers: Counter[tuple[str, ...]]
    whole: bool = True
    """False where there may be more than were counted, the newest ones."""

    @property
    def total(self) -> int:
        return self.numbers.total()

    def by(self, aspect: str) -> Counter[str]:
        place = ASPECTS.index(aspect)
        found: Counter[str] = Counter()
        for values, number in self.numbers.items():
            found[values[place]] += number
        return found


def tally(terms: Sequence[Term]) -> Tally:
    """How many these terms find."""
    figures = of_figures(terms)
    if figures is not None:
        kept = StateCount.objects.filter(figures).values_list(*_OF_FIGURES).annotate(number=Sum("change"))
        return Tally(_counter(kept.filter(number__gt=0)))
    near = _near(terms)
    if near.whole or near.total >= ENOUGH:
        return near
    try:
        with within(PATIENCE):
            counted = _counter(_of_letters(DeadLetter.objects.filter(of_letters(terms))))
    except TookTooLong:
        return near
    return Tally(counted, whole=counted.total() <= LIMIT)


def _near(terms: Sequence[Term]) -> Tally:
    """Counted among the newest of all."""
    end = DeadLetter.objects.order_by("-id").values_list("id", flat=True)[NEAR : NEAR + 1].first()
    found = DeadLetter.objects.filter(of_letters(terms))
    with row_by_row():
        counted = _counter(_of_letters(found.filter(id__gt=end) if end else found))
    return Tally(counted, whole=end is None)


def _of_letters(found: QuerySet[DeadLetter]) -> Iterable[tuple[Any, ...]]:
    newest = found.order_by("-id").values("id")[: LIMIT + 1]
    counted = DeadLetter.objects.filter(id__in=newest).order_by()
    return counted.values_list(*_OF_LETTERS).annotate(number=Count("*"))


def _counter(rows: Iterable[tuple[Any, ...]]) -> Counter[tuple[str, ...]]:
    return Counter({row[:-1]: row[-1] for row in rows})
