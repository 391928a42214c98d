"""How many of what a query finds have which value: counted without the query's own choice of that value, so
that the alternatives stay in sight."""

from typing import NamedTuple

from dashboard.queries.tallies import Tally
from workflow_processor.models import State

SHOWN = 8


class FacetKey(NamedTuple):
    key: str
    """Of the filter language."""
    title: str
    aspect: str
    """Of a tally."""


KEYS = (
    FacetKey("status", "State", "state"),
    FacetKey("queue", "Queue", "queue"),
    FacetKey("subscriber", "Subscriber", "subscriber"),
    FacetKey("error", "Error", "error"),
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
    whole: bool
    """False where only the newest were counted."""


def facet(tally: Tally, key: FacetKey, chosen: frozenset[str]) -> Facet:
    """The values of one key in a tally."""
    counts = tally.numbers[key.aspect]
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    shown = [value for rank, value in enumerate(ranked) if rank < SHOWN or value in chosen]
    if key.key == "status":
        shown.sort(key=_state_order)
    values = [FacetValue(value, counts[value], value in chosen) for value in shown]
    return Facet(key.key, key.title, values, len(ranked) - len(shown), tally.whole)


def _state_order(value: str) -> int:
    """States keep their places, whatever their counts."""
    return State.values.index(value)
