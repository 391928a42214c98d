"""Wherever a process is killed, nothing is lost, nothing is repeated unmarked, no byte is changed, a queue
with a key stays in order, and what goes through the inbox happens once."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.crash import BOOKED_QUEUE, ORDERED_QUEUE, QUEUE, ledger
from tests.crash.offices import Office
from tests.crash.points import POINTS
from tests.crash.rounds import Round, kill_at

pytestmark = pytest.mark.timeout(300)

QUEUES = (QUEUE, ORDERED_QUEUE, BOOKED_QUEUE)
TOGETHER = [POINTS[at::8] for at in range(8)]
"""Points, most of them of different processes, at which processes are killed in the same round: their deaths
meet, and the rounds are fewer."""
ENDS = ("processed", "parked", "held", "discarded")


@pytest.mark.parametrize("points", TOGETHER, ids=" ".join)
def test_every_promise_holds_where_a_process_is_killed(killed: Office, points: Sequence[str]) -> None:
    rounds = {queue: Round(killed, queue) for queue in QUEUES}
    kill_at(killed, points, list(rounds.values()))
    for queue, round in rounds.items():
        report = round.settle()
        ordered, once = queue == ORDERED_QUEUE, queue == BOOKED_QUEUE
        assert report.faults(ordered=ordered, once=once) == {}, f"{queue}\n{report.table()}"
        found = Counter({end: getattr(report, end) for end in ENDS if getattr(report, end)})
        assert found == ledger.expected(round.entries(), ordered=ordered), f"{queue}\n{report.table()}"
        assert report.acts > 0
