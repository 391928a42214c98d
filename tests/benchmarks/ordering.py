"""Row 8: an ordered queue, beside one without an ordering key."""

from collections.abc import Iterator

from consumers.message import Message
from tests.benchmarks.consumed import consumed, filled
from tests.benchmarks.letters import KEYS, QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Row, race

COUNT = 20_000
CLOSED = KEYS // 100
PEER = "the unordered queue"
_CLOSE = """
INSERT INTO gate (queue, subscriber, key, head_identity, closed_at)
SELECT %s, %s, lpad(number::text, 6, '0'), sha256(number::text::bytea), now()
FROM generate_series(1, %s) AS number
"""


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    figures = race(
        {
            "no gate closed": lambda: _ordered(machine, 0),
            "1 % of the keys closed": lambda: _ordered(machine, CLOSED),
            PEER: lambda: _unordered(machine),
        },
        rounds,
    )
    for name, goal in (("no gate closed", 0.7), ("1 % of the keys closed", 0.5)):
        pair = {name: figures[name], PEER: figures[PEER]}
        yield Row(8, f"an ordered queue, {name}", machine.name, "/s", pair, (Beside(PEER, goal),))


def _account(message: Message) -> str:
    return str(message.headers["account"])


def _ordered(machine: Machine, closed: int) -> float:
    filled(machine, count := machine.count(COUNT))
    with machine.database() as database:
        database.execute(_CLOSE, (QUEUE, SUBSCRIBER, closed))
    held = sum(1 for number in range(count) if 1 <= number % KEYS <= closed)
    return consumed(machine, count, ordering_key=_account, handled=count - held)


def _unordered(machine: Machine) -> float:
    filled(machine, count := machine.count(COUNT))
    return consumed(machine, count)
