"""Measuring contestants side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

Contestant = Callable[[], float]
"""Prepares, works, and gives its figure: messages a second, seconds, bytes."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rounds of one contestant gave."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def spread(self) -> float:
        """How far the farthest round is from the median, as a share of it."""
        return max(abs(one - self.median) for one in self.rounds) / self.median if self.median else 0.0


class Beside(NamedTuple):
    """What a row's work is compared with."""

    name: str
    goal: float | None = None
    """The least share of it that the work is to reach; None where it is told for comparison alone."""
    at_most: bool = False
    """The goal is the most, for what is better the less it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    number: int
    work: str
    broker: str
    unit: str
    figures: Mapping[str, Figures]
    """Of each contestant; the first is the office."""
    beside: tuple[Beside, ...]

    @property
    def ours(self) -> Figures:
        return next(iter(self.figures.values()))

    def ratio(self, beside: Beside) -> float:
        """Of the medians."""
        return self.ours.median / self.figures[beside.name].median

    def reached(self, beside: Beside) -> bool:
        if beside.goal is None:
            return True
        ratio = self.ratio(beside)
        return ratio <= beside.goal if beside.at_most else ratio >= beside.goal


def race(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, Figures]:
    """Lets them work in turn, in the other order every second round: whatever else the machine is doing
    meets all of them."""
    names = list(contestants)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(contestants[name]())
    return {name: Figures(tuple(values)) for name, values in found.items()}
