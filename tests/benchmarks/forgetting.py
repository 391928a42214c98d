"""Row 12: retention in small portions, beside all of it in one transaction: how fast, and for how long dead
letters and their rows are locked."""

import time
from collections.abc import Iterator

from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Figures, Row, race

COUNT = 1_000_000
"""Dead letters, of which those are forgotten that have ended."""
PEER = "one transaction"
EVERYTHING = 2**31


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    from workflow_processor import retention

    if machine.name != "valkey":  # no broker has a part in it
        return
    longest: dict[str, list[float]] = {"the office": [], PEER: []}

    def forgetting(name: str, portion: int) -> float:
        rate, seconds = _forgotten(machine, portion)
        longest[name].append(seconds)
        return rate

    rates = race(
        {
            "the office": lambda: forgetting("the office", retention.BATCH),
            PEER: lambda: forgetting(PEER, EVERYTHING),
        },
        rounds,
    )
    work = f"forgetting, of {machine.count(COUNT):,}"
    yield Row(12, work, "–", "/s", rates, (Beside(PEER, 0.5),))
    locked = {name: Figures(tuple(seconds)) for name, seconds in longest.items()}
    yield Row(12, f"{work}: longest lock", "–", "s", locked, (Beside(PEER, 0.1, at_most=True),))


def _forgotten(machine: Machine, portion: int) -> tuple[float, float]:
    """Dead letters a second, and the seconds of the longest transaction."""
    from django.utils import timezone

    from workflow_processor import retention

    machine.seed(machine.count(COUNT))
    number, longest = 0, 0.0
    begun = before = time.perf_counter()
    while gone := retention.forget(timezone.now(), portion):
        number, now = number + gone, time.perf_counter()
        longest, before = max(longest, now - before), now
    return number / (before - begun), longest
