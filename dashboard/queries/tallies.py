"""How many a query finds, and of what: from figures that are kept where these tell, or else counted, up to a
bound that is named."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from dashboard.queries.patience import TookTooLong, within
from dashboard.queries.terms import Term, of_figures, of_letters
from workflow_processor.models import DeadLetter, StateCount

LIMIT = 10_000
"""Dead letters that are counted one by one."""
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
    """False where there are more than were counted, the newest ones."""
    ended: bool = True
    """False where it took too long: nothing is known."""

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
    try:
        with within(PATIENCE):
            counted = _counter(_counted(terms))
    except TookTooLong:
        return Tally(Counter(), whole=False, ended=False)
    return Tally(counted, whole=counted.total() <= LIMIT)


def _counted(terms: Sequence[Term]) -> Iterable[tuple[Any, ...]]:
    newest = DeadLetter.objects.filter(of_letters(terms)).order_by("-id").values("id")[: LIMIT + 1]
    found = DeadLetter.objects.filter(id__in=newest).order_by()
    return found.values_list(*_OF_LETTERS).annotate(number=Count("*"))


def _counter(rows: Iterable[tuple[Any, ...]]) -> Counter[tuple[str, ...]]:
    return Counter({row[:-1]: row[-1] for row in rows})
