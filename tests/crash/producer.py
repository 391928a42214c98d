"""The producer of a soak, as a process that may die: the ledger tells it where it was."""

import os
from argparse import ArgumentParser
from pathlib import Path
from random import Random
from time import sleep

from consumers.brokers import connect
from tests.crash import ledger
from tests.crash.ledger import Ledger
from tests.crash.letters import FAILING, Kind

BATCH = 50
WEIGHTS = {Kind.RULE: 8, Kind.PASSING: 5, Kind.CLERK: 4, Kind.REFUSED: 2, Kind.LEFT: 1}
"""How the failing are divided up."""
SHAKY = 0.05
"""The share of those that are processed and would fail if they came again."""


def kinds(seed: int, count: int, failing: float) -> list[Kind]:
    """What is sent: the same for the same seed."""
    random = Random(seed)
    shares = [
        1 - failing - SHAKY,
        SHAKY,
        *(failing * weight / sum(WEIGHTS.values()) for weight in WEIGHTS.values()),
    ]
    assert set(WEIGHTS) | {Kind.SHAKY} == set(FAILING)
    return random.choices([Kind.FINE, Kind.SHAKY, *WEIGHTS], shares, k=count)


def main() -> None:
    """Publishes what is still to be published, at the rate that is asked for, and waits to be killed."""
    parser = ArgumentParser()
    for name, kind in (("queue", str), ("messages", int), ("keys", int), ("seed", int), ("failing", float)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    parser.add_argument("--rate", type=float, required=True, help="messages a second")
    given = parser.parse_args()
    path = Path(os.environ["CRASH_LEDGER"])
    book = Ledger(path, given.queue)
    wanted = kinds(given.seed, given.messages, given.failing)
    with connect(os.environ["BROKER_URL"]) as broker:
        for at in range(len(ledger.read(path)), given.messages, BATCH):
            some = wanted[at : at + BATCH]
            book.publish(broker, ledger.letters("soak", some, given.keys, at))
            sleep(len(some) / given.rate)
    while True:
        sleep(60)
