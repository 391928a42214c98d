"""Row 3: a bulk requeue, each message recorded and confirmed."""

import time
from collections.abc import Iterator
from functools import partial

from tests.benchmarks import parked, peers
from tests.benchmarks.letters import QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Contestant, Figures, Row, race

COUNT, FEW = 100_000, 2_000
SHOVEL = {"classic": "a shovel between classic queues", "quorum": "a shovel between quorum queues"}
SCRIPT = "get, confirm, acknowledge one by one"
SQS = "SQS's documented limit"
# By its index alone: counting what was sent would take the database longer than sending it.
_ALL_LEFT = """
SELECT (state = 'finished' AND NOT EXISTS (SELECT FROM outbox WHERE state = 'pending'))::int FROM operation
"""


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    count = machine.count(COUNT)
    machine.empty()
    parked.add(machine, count)
    contestants: dict[str, Contestant] = {
        "the office": lambda: _office(machine, count),
        SCRIPT: lambda: peers.one_by_one(machine, machine.count(FEW)),
    }
    goals = [Beside(SCRIPT, 6), Beside(SQS, 15)]
    if machine.name == "rabbitmq":
        contestants |= {name: partial(peers.shovelled, machine, kind, count) for kind, name in SHOVEL.items()}
        goals = [Beside(SHOVEL["classic"], 1), Beside(SHOVEL["quorum"], 0.8), *goals]
    figures = race(contestants, rounds) | {SQS: Figures((500.0,))}
    yield Row(3, f"bulk requeue of {count:,}", machine.name, "/s", figures, tuple(goals))


def _office(machine: Machine, count: int) -> float:
    """An operation over all that is parked, from its confirmation to the last one's leaving."""
    _park_again(machine)
    with machine.office(intakes=0, concurrency=2):
        begun = time.perf_counter()
        parked.requeue()
        machine.until(_ALL_LEFT, 1)
        return count / (time.perf_counter() - begun)


def _park_again(machine: Machine) -> None:
    """As if none had been sent; the queue is emptied."""
    with machine.database() as database:
        database.execute("TRUNCATE operation, outbox CASCADE")
        database.execute("UPDATE dead_letter SET state = 'parked', attempt = 0 WHERE state <> 'parked'")
        database.execute("VACUUM ANALYZE")
    machine.drain(QUEUE, SUBSCRIBER)
