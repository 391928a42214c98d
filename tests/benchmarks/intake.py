"""Row 1: failed messages from the intake queue to committed rows, acknowledged."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import psycopg

from consumers.broker import Broker
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from consumers.message import Message
from consumers.properties import HeaderValue
from consumers.stopping import Stop
from tests.benchmarks import letters, peers
from tests.benchmarks.machine import Machine, rate
from tests.benchmarks.rounds import Beside, Row, race

COUNT, FEW = 20_000, 2_000
BATCH = 500
_BARE = """
CREATE TABLE IF NOT EXISTS bench_bare (
    id bigserial PRIMARY KEY, body bytea NOT NULL, headers bytea NOT NULL, failure text NOT NULL)
"""
_COPY = "COPY bench_bare (body, headers, failure) FROM STDIN (FORMAT BINARY)"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    figures = race(
        {
            "the office": lambda: _office(machine),
            "a Celery task and an INSERT each": lambda: peers.task_each(machine, machine.count(FEW)),
            "consume, COPY, acknowledge": lambda: _bare(machine),
        },
        rounds,
    )
    beside = Beside("a Celery task and an INSERT each", 5), Beside("consume, COPY, acknowledge", 0.75)
    yield Row(1, "intake", machine.name, "/s", figures, beside)


def _office(machine: Machine) -> float:
    from workflow_processor import tasks
    from workflow_processor.intake.desk import Desk

    def hand_on(ids: Sequence[UUID]) -> None:
        tasks.repair.apply_async(([str(id) for id in ids],))

    count = _filled(machine)
    with machine.broker() as broker:
        desk = Desk(broker, hand_on, Stop(), batch=BATCH)
        with broker.subscribe(INTAKE_QUEUE, INTAKE_SUBSCRIBER, prefetch=2 * BATCH) as queue:

            def work() -> None:
                taken = 0
                while taken < count:
                    taken += desk.take(queue)

            return rate(count, work)


def _bare(machine: Machine) -> float:
    count = _filled(machine)
    with machine.broker() as broker, machine.database() as database:
        database.execute(_BARE)
        database.execute("TRUNCATE bench_bare")
        return rate(count, lambda: _copied(broker, database, count))


def _copied(broker: Broker, database: psycopg.Connection[object], count: int) -> None:
    with broker.subscribe(INTAKE_QUEUE, INTAKE_SUBSCRIBER, prefetch=2 * BATCH) as queue:
        taken = 0
        while taken < count:
            deliveries = queue.receive(BATCH, 0.5)
            with (
                database.transaction(),
                database.cursor().copy(_COPY) as copy,
            ):
                copy.set_types(["bytea", "bytea", "text"])
                for delivery in deliveries:
                    copy.write_row(_told(delivery.message))
            queue.acknowledge(deliveries)
            taken += len(deliveries)


def _told(message: Message) -> tuple[bytes, bytes, str]:
    """The body, the failed message's headers and the failure, each as it came."""
    headers = message.headers
    return message.body, _bytes(headers["dlo-properties"]), _bytes(headers["dlo-failure"]).decode()


def _bytes(value: HeaderValue) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _filled(machine: Machine) -> int:
    machine.empty()
    count = machine.count(COUNT)
    with machine.broker() as broker:
        letters.put_failed(broker, count)
    return count
