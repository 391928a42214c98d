"""How many of what a query finds have which value: counted without the query's own choice of that value, so
that the alternatives stay in sight."""

from typing import NamedTuple

from django.db.models import Count, QuerySet

from workflow_processor.models import DeadLetter, State

SHOWN = 8


class FacetKey(NamedTuple):
    key: str
    """Of the filter language."""
    title: str
    column: str


KEYS = (
    FacetKey("status", "State", "state"),
    FacetKey("queue", "Queue", "source__queue"),
    FacetKey("subscriber", "Subscriber", "source__subscriber"),
    FacetKey("error", "Error", "error_type"),
    FacetKey("handler", "Handler", "handler"),
)


class FacetValue(NamedTuple):
    value: str
    number: int
    chosen: bool


class Facet(NamedTuple):
    key: str
    title: str
    values: list[FacetValue]
    """The most frequent ones, and those that the query asks for."""
    left_out: int
    """So many further values are not shown."""


def facet(letters: QuerySet[DeadLetter], key: FacetKey, chosen: frozenset[str]) -> Facet:
    """The values of one key among these dead letters."""
    counted = letters.order_by().values_list(key.column).annotate(number=Count("*"))
    counts = {str(value): number for value, number in counted}
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    shown = [value for rank, value in enumerate(ranked) if rank < SHOWN or value in chosen]
    if key.key == "status":
        shown.sort(key=_state_order)
    values = [FacetValue(value, counts[value], value in chosen) for value in shown]
    return Facet(key.key, key.title, values, len(ranked) - len(shown))


def _state_order(value: str) -> int:
    """States keep their places, whatever their counts."""
    return State.values.index(value)
