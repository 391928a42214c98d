"""Row 3: a bulk requeue, each message recorded and confirmed."""

import time
from collections.abc import Iterator
from functools import partial
from itertools import islice

from tests.benchmarks import letters, peers
from tests.benchmarks.letters import QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Contestant, Figures, Row, race

COUNT, FEW, BATCH = 100_000, 2_000, 500
SHOVEL = {"classic": "a shovel between classic queues", "quorum": "a shovel between quorum queues"}
SCRIPT = "get, confirm, acknowledge one by one"
SQS = "SQS's documented limit"
_SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    count = machine.count(COUNT)
    _parked(machine, count)
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
    from django.contrib.auth.models import User

    from workflow_processor.models import DeadLetter, Operation
    from workflow_processor.operations import acts

    _park_again(machine)
    person, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    order = acts.Order(kind="requeue", selection=Operation.Selection.QUERY, reason="The rate is measured.")
    with machine.office(intakes=0, concurrency=2):
        begun = time.perf_counter()
        acts.plan(person, order, DeadLetter.objects.filter(state="parked"))
        machine.until(_SENT, count)
        return count / (time.perf_counter() - begun)


def _parked(machine: Machine, count: int) -> None:
    """Dead letters that wait for a person."""
    from workflow_processor.intake.arrivals import Arrived, read
    from workflow_processor.intake.catalogue import Catalogue
    from workflow_processor.intake.storing import store
    from workflow_processor.repair import pipeline

    machine.empty()
    known = Catalogue()
    with machine.broker() as broker:
        failed = letters.failed(broker, count, broker.declare(QUEUE, SUBSCRIBER))
        arrived = (one for one in map(read, failed) if isinstance(one, Arrived))
        while batch := list(islice(arrived, BATCH)):
            pipeline.repair(store(batch, [], known), [])


def _park_again(machine: Machine) -> None:
    """As if none had been sent; the queue is emptied."""
    with machine.database() as database:
        database.execute("TRUNCATE operation, outbox CASCADE")
        database.execute("UPDATE dead_letter SET state = 'parked', attempt = 0 WHERE state <> 'parked'")
        database.execute("VACUUM ANALYZE")
    machine.drain(QUEUE, SUBSCRIBER)
