"""A consumer of the office's, timed from its first message to its leaving."""

import logging
import time
from collections.abc import Callable
from itertools import count as counting
from pathlib import Path

from consumers import Consumer, Message
from consumers.command_line import LOG_FORMAT
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from consumers.handling import OrderingKey
from consumers.stopping import Stop
from tests.benchmarks import letters
from tests.benchmarks.letters import QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine

BATCH = 500


def filled(machine: Machine, count: int) -> None:
    """A business queue with messages on it, and an intake queue."""
    machine.empty()
    with machine.broker() as broker:
        broker.declare(INTAKE_QUEUE, INTAKE_SUBSCRIBER)
        broker.declare(QUEUE, SUBSCRIBER)
        letters.put(broker, QUEUE, letters.messages(broker, count))


def consumed(
    machine: Machine,
    count: int,
    fails: Callable[[int], bool] = lambda _: False,
    ordering_key: OrderingKey | None = None,
    handled: int | None = None,
) -> float:
    """Messages a second. `fails` says of which message, by its number from 0, the handler raises;
    `handled`: of so many it is asked, where not of all."""
    stop, number, last = Stop(), counting(), (handled or count) - 1
    begun: list[float] = []
    consumer = Consumer()
    _log_to(machine.folder / "consumer.log")

    @consumer.handles(QUEUE, subscriber=SUBSCRIBER, ordering_key=ordering_key)
    def handle(message: Message) -> None:
        at = next(number)
        if at == 0:
            begun.append(time.perf_counter())
        if at == last:
            stop.request()
        if fails(at):
            raise ValueError("no whole number: 8756 SHARES")

    consumer.run(machine.broker_url, batch=BATCH, stop=stop, database=machine.database_url)
    return count / (time.perf_counter() - begun[0])


def _log_to(path: Path) -> None:
    """What a consumer says of each failure goes to a file, as it does where services run."""
    log = logging.getLogger("consumers")
    log.propagate = False
    log.setLevel(logging.INFO)
    if not log.handlers:
        log.addHandler(handler := logging.FileHandler(path))
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
