"""Row 10: rows 1 and 2 with two intakes and two workers."""

from collections.abc import Iterator

from tests.benchmarks import letters
from tests.benchmarks.machine import Machine
from tests.benchmarks.repairing import repaired
from tests.benchmarks.rounds import Beside, Row, race

COUNT = 20_000
GOAL = Beside("one of each", 1.4)
_STORED = "SELECT count(*) FROM dead_letter"
_SECONDS = "SELECT extract(epoch FROM max(received_at) - min(received_at)) FROM dead_letter"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    figures = race({"two": lambda: _stored(machine, 2), GOAL.name: lambda: _stored(machine, 1)}, rounds)
    yield Row(10, "two intakes", machine.name, "/s", figures, (GOAL,))
    figures = race(
        {"two": lambda: repaired(machine, 2, 2), GOAL.name: lambda: repaired(machine, 1, 1)}, rounds
    )
    yield Row(10, "two intakes and two workers", machine.name, "/s", figures, (GOAL,))


def _stored(machine: Machine, intakes: int) -> float:
    machine.empty()
    count = machine.count(COUNT)
    with machine.office(intakes, 0) as programs:
        with machine.broker() as broker, machine.paused(programs[:intakes]):
            letters.put_failed(broker, count)
        machine.until(_STORED, count)
    return count / machine.figure(_SECONDS)
