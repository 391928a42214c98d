"""Row 5: what delegating costs a consumer."""

from collections.abc import Iterator

from tests.benchmarks.consumed import consumed, filled
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Row, race

COUNT = 20_000
NONE = "no failures"
GOALS = {100: 0.95, 10: 0.75, 2: 0.45}
"""One message of so many fails, and the share of the pace that is to be kept."""


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    contestants = {f"{1 / every:.0%} fail": (lambda every=every: _failing(machine, every)) for every in GOALS}
    figures = race(contestants | {NONE: lambda: _failing(machine, 0)}, rounds)
    for (every, goal), name in zip(GOALS.items(), contestants, strict=True):
        work = f"a consumer of which {1 / every:.0%} fail"
        pair = {name: figures[name], NONE: figures[NONE]}
        yield Row(5, work, machine.name, "/s", pair, (Beside(NONE, goal),))


def _failing(machine: Machine, every: int) -> float:
    filled(machine, count := machine.count(COUNT))
    return consumed(machine, count, fails=lambda number: bool(every) and number % every == 0)
