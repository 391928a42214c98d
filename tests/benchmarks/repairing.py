"""Row 2: automatic repair, from the intake queue to the confirmed requeue, by real processes."""

from collections.abc import Iterator

from tests.benchmarks import letters, peers
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Row, race

COUNT, FEW = 20_000, 1_000
PEER = "INSERT, publish, UPDATE by a task each"
SECONDS = """
SELECT extract(epoch FROM max(o.sent_at) - min(d.received_at))
FROM outbox o JOIN dead_letter d ON d.id = o.dead_letter_id
"""
SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    figures = race(
        {
            "the office": lambda: repaired(machine),
            PEER: lambda: peers.repaired_each(machine, machine.count(FEW)),
        },
        rounds,
    )
    goal = 12 if machine.name == "valkey" else 8
    yield Row(2, "automatic repair", machine.name, "/s", figures, (Beside(PEER, goal),))


def repaired(machine: Machine, intakes: int = 1, workers: int = 1) -> float:
    """Messages a second that go the whole way, timed by what the office writes."""
    machine.empty()
    count = machine.count(COUNT)
    with machine.office(intakes, workers) as programs:
        with machine.broker() as broker, machine.paused(programs[:intakes]):
            letters.put_failed(broker, count)
        machine.until(SENT, count)
    return count / machine.figure(SECONDS)
