"""How many a query finds, and of what: from figures that are kept where these tell, or else counted, up to a
bound that is named."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value

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

    numbers: Mapping[str, Counter[str]]
    """By aspect and value."""
    whole: bool = True
    """False where there may be more than were counted, the newest ones."""

    @property
    def total(self) -> int:
        return self.numbers["state"].total()


def tally(terms: Sequence[Term]) -> Tally:
    """How many these terms find."""
    figures = of_figures(terms)
    if figures is not None:
        return Tally(_counted(StateCount.objects.filter(figures).values_list(*_OF_FIGURES, "change")))
    near = _near(terms)
    if near.whole or near.total >= ENOUGH:
        return near
    try:
        with within(PATIENCE):
            found = Tally(_counted(_newest(DeadLetter.objects.filter(of_letters(terms)))))
    except TookTooLong:
        return near
    return replace(found, whole=found.total <= LIMIT)


def _near(terms: Sequence[Term]) -> Tally:
    """Counted among the newest of all."""
    end = DeadLetter.objects.order_by("-id").values_list("id", flat=True)[NEAR : NEAR + 1].first()
    found = DeadLetter.objects.filter(of_letters(terms))
    with row_by_row():
        return Tally(_counted(_newest(found.filter(id__gt=end) if end else found)), whole=end is None)


def _newest(found: QuerySet[DeadLetter]) -> QuerySet[DeadLetter, Any]:
    return found.order_by("-id").values_list(*_OF_LETTERS, Value(1))[: LIMIT + 1]


def _counted(found: QuerySet[Any, Any]) -> dict[str, Counter[str]]:
    """Sums of the last column by each of the others."""
    numbers: dict[str, Counter[str]] = {aspect: Counter() for aspect in ASPECTS}
    try:
        inner, parameters = found.query.sql_with_params()
    except EmptyResultSet:
        return numbers
    with connection.cursor() as cursor:
        cursor.execute(_BY_EACH.format(inner), parameters)
        rows = cursor.fetchall()
    for *values, number in rows:
        [(aspect, value)] = ((a, v) for a, v in zip(ASPECTS, values, strict=True) if v is not None)
        numbers[aspect][value] = int(number)
    return numbers


# None of the columns is ever null, so one that is was not summed by.
_BY_EACH = """
SELECT state, queue, subscriber, error, handler, sum(number)
FROM ({}) AS found(state, queue, subscriber, error, handler, number)
GROUP BY GROUPING SETS ((state), (queue), (subscriber), (error), (handler)) HAVING sum(number) > 0
"""
