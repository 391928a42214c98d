"""Row 5: what delegating costs a consumer, beside one that never has to; and beside the loop of the broker's
own client, which could not."""

from collections.abc import Iterator

from tests.benchmarks.consumed import consumed, filled
from tests.benchmarks.consuming import client
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Row, race

COUNT = 20_000
NONE = "no failures"
CLIENT = "the client's own loop, none fails"
GOALS = {100: 0.95, 10: 0.75, 2: 0.45}
"""One message of so many fails, and the share of the pace that is to be kept."""


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    contestants = {f"{1 / every:.0%} fail": (lambda every=every: _failing(machine, every)) for every in GOALS}
    besides = {NONE: lambda: _failing(machine, 0), CLIENT: lambda: client(machine)}
    figures = race(contestants | besides, rounds)
    for (every, goal), name in zip(GOALS.items(), contestants, strict=True):
        work = f"a consumer of which {1 / every:.0%} fail"
        beside = Beside(NONE, goal), Beside(CLIENT)
        those = {each: figures[each] for each in (name, *besides)}
        yield Row(5, work, machine.name, "/s", those, beside)


def _failing(machine: Machine, every: int) -> float:
    filled(machine, count := machine.count(COUNT))
    return consumed(machine, count, fails=lambda number: bool(every) and number % every == 0)
