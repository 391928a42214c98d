"""Row 11: one rule of staff on a body of 1 KiB, beside reading that body and printing it again."""

import json
from collections.abc import Callable, Iterator
from time import process_time

from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.repair import FailedMessage
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Row, race
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import StaffRule

COUNT = 10_000
GOAL = Beside("json.loads, json.dumps", 0.3)
FIELDS = {f"field_{at}": "x" * 8 if at % 2 else at * 1_000 for at in range(46)}
BODY = json.dumps(FIELDS | {"shares": "8756 SHARES"}).encode()
DEFINITION = {
    "when": {"queue": "trades", "error_type": "ValueError"},
    "then": [{"do": "take_number", "at": "shares"}],
}


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    count = machine.count(COUNT)
    rule = StaffRule(parse(DEFINITION), "shares", 1)
    message = Message(BODY, FieldProperties.build())
    failed = FailedMessage(message, Failure("ValueError", "no number", "shop.place"), "trades", 0)
    figures = race(
        {
            "rule": lambda: _rate(count, lambda: rule.attempt(failed)),
            GOAL.name: lambda: _rate(count, lambda: json.dumps(json.loads(BODY)).encode()),
        },
        rounds,
    )
    yield Row(11, "one rule of staff", "none", "/s", figures, (GOAL,))


def _rate(count: int, work: Callable[[], object]) -> float:
    """How often a second of the processor's time is enough for it."""
    begun = process_time()
    for _ in range(count):
        work()
    return count / (process_time() - begun)
