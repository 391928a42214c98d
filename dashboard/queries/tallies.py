"""How many a query finds, and of what: from figures that are kept where these tell, or else counted, up to a
bound that is named."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet, Value

from dashboard.queries.patience import TookTooLong, row_by_row, within
from dashboard.queries.terms import Term, of_figures, of_letters, rare
from workflow_processor.models import DeadLetter, StateCount

LIMIT = 10_000
"""Dead letters that are counted one by one."""
NEAR, ENOUGH = 5_000, 250
"""Where so many of so many, the newest, are found, an index would find too many to be of use."""
PATIENCE = 1.0
"""Seconds that counting may take."""
ASPECTS = ("state", "queue", "subscriber", "error", "handler")
_OF_FIGURES = ("state", "source", "group", "change")
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


class Numbers(NamedTuple):
    """How many an act would be about."""

    found: int
    able: int
    """In a state in which it can be done."""


def tally(terms: Sequence[Term]) -> Tally:
    """How many these terms find."""
    figures = of_figures(terms)
    if figures is not None:
        return Tally(_counted(_OF_EACH, StateCount.objects.filter(figures).values_list(*_OF_FIGURES)))
    near = None if rare(terms) else _near(terms)
    if near and (near.whole or near.total >= ENOUGH):
        return near
    try:
        with within(PATIENCE):
            found = Tally(_counted(_BY_EACH, _newest(DeadLetter.objects.filter(of_letters(terms)))))
    except TookTooLong:
        return near or _near(terms)
    return replace(found, whole=found.total <= LIMIT)


def numbers(terms: Sequence[Term], until: UUID | None, able: Iterable[str]) -> Numbers:
    """Of what these terms find, none newer than `until`: each counted, or else told by figures. These know of
    all, so what is newer is taken off, in one statement: nothing happens between its parts."""
    figures, letters = of_figures(terms), DeadLetter.objects.filter(of_letters(terms))
    if figures is None:
        those = letters.filter(id__lte=until) if until else letters
        return Numbers(**those.aggregate(found=Count("*"), able=Count("pk", filter=Q(state__in=able))))
    newer = letters.filter(id__gt=until) if until else letters.none()
    kept = StateCount.objects.filter(figures).values_list("state", "change")
    found = kept.union(newer.values_list("state", Value(-1)), all=True)
    [row] = _rows(_NUMBERS, found, [str(state) for state in able]) or [(0, 0)]
    return Numbers(int(row[0]), int(row[1]))


def _near(terms: Sequence[Term]) -> Tally:
    """Counted among the newest of all."""
    end = DeadLetter.objects.order_by("-id").values_list("id", flat=True)[NEAR : NEAR + 1].first()
    found = DeadLetter.objects.filter(of_letters(terms, among=Q(pk__gt=end) if end else Q()))
    with row_by_row():
        return Tally(_counted(_BY_EACH, _newest(found)), whole=end is None)


def _newest(found: QuerySet[DeadLetter]) -> QuerySet[DeadLetter, Any]:
    return found.order_by("-id").values_list(*_OF_LETTERS, Value(1))[: LIMIT + 1]


def _counted(sums: str, found: QuerySet[Any, Any]) -> dict[str, Counter[str]]:
    """Sums of the last column by each of the others."""
    numbers: dict[str, Counter[str]] = {aspect: Counter() for aspect in ASPECTS}
    for *values, number in _rows(sums, found):
        [(aspect, value)] = ((a, v) for a, v in zip(ASPECTS, values, strict=True) if v is not None)
        numbers[aspect][value] = int(number)
    return numbers


def _rows(sums: str, found: QuerySet[Any, Any], *parameters: Any) -> list[Any]:
    """Those of a statement around what is found; none where nothing can be."""
    try:
        inner, inside = found.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sums.format(inner), [*parameters, *inside])
        return list(cursor.fetchall())


# None of the columns is ever null, so one that is was not summed by.
_BY_EACH = """
SELECT state, queue, subscriber, error, handler, sum(number)
FROM ({}) AS found(state, queue, subscriber, error, handler, number)
GROUP BY GROUPING SETS ((state), (queue), (subscriber), (error), (handler)) HAVING sum(number) > 0
"""
# Figures are many, groups few: they are added up before anything is called by its name.
_OF_EACH = """
WITH sums AS (
    SELECT state, source_id, group_id, sum(number) AS number
    FROM ({}) AS found(state, source_id, group_id, number)
    GROUP BY GROUPING SETS ((state), (source_id), (group_id))
)
SELECT state, queue, subscriber, error_type, handler, sum(number)
FROM sums LEFT JOIN source s ON s.id = source_id LEFT JOIN failure_group g ON g.id = group_id
GROUP BY GROUPING SETS ((state), (queue), (subscriber), (error_type), (handler))
HAVING sum(number) > 0 AND num_nonnulls(state, queue, subscriber, error_type, handler) > 0
"""
_NUMBERS = """
SELECT coalesce(sum(number), 0), coalesce(sum(number) FILTER (WHERE state = ANY(%s)), 0)
FROM ({}) AS found(state, number)
"""
