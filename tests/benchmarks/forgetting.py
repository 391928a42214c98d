"""Row 12: retention in small portions, beside all of it in one transaction: how fast, and for how long dead
letters and their rows are locked; and how large the database becomes where as many come as are forgotten."""

import time
from collections.abc import Iterator

from tests.benchmarks import parked
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Figures, Row, race

COUNT = 1_000_000
"""Dead letters, of which those are forgotten that have ended."""
PEER = "one transaction"
EVERYTHING = 2**31
TURNOVER, TURNS = 100_000, 5
"""So many come and are forgotten, so many times."""
ONCE = "the first time"
# Autovacuum looks once a minute, and has a day where retention runs daily.
_ROOM_IS_MADE = "SELECT (max(n_dead_tup) < 1000)::int FROM pg_stat_user_tables"


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
    sizes = list(_turned_over(machine, machine.count(TURNOVER)))
    grown = {"the office": Figures((sizes[-1],)), ONCE: Figures((sizes[0],))}
    work = f"database of {machine.count(TURNOVER):,}, time {len(sizes)}"
    yield Row(12, work, "–", "MB", grown, (Beside(ONCE, 1.2, at_most=True),))


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


def _turned_over(machine: Machine, count: int) -> Iterator[float]:
    """Megabytes of the database each time that so many have come and ended; they are forgotten then."""
    from django.utils import timezone

    from workflow_processor import retention

    machine.empty()
    for _ in range(TURNS):
        parked.add(machine, count)
        with machine.database() as database:
            database.execute("UPDATE dead_letter SET state = 'discarded'")
        yield machine.figure("SELECT pg_database_size(current_database()) / 1e6")
        while retention.forget(timezone.now()):
            continue
        machine.until(_ROOM_IS_MADE, 1)
