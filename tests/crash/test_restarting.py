"""Every process is asked to leave and started again, one after the other, while messages flow."""

import pytest

from tests.crash import ORDERED_QUEUE, QUEUE
from tests.crash.offices import PROGRAMS, Office
from tests.crash.rounds import Round

pytestmark = pytest.mark.timeout(300)

GRACEFUL = ("consumer", "intake", "worker", "beat")


def test_a_rolling_restart_loses_nothing_and_repeats_nothing(killed: Office) -> None:
    rounds = {queue: Round(killed, queue) for queue in (QUEUE, ORDERED_QUEUE)}
    for round in rounds.values():
        round.send()
        round.settle()  # all of them are there, and listen to signals
    for program in GRACEFUL:
        for round in rounds.values():
            round.send()
        assert killed.stop(program) == 0, killed.said()
        killed.start(program, *PROGRAMS[program])
    for queue, round in rounds.items():
        report = round.settle()
        assert report.faults(ordered=queue == ORDERED_QUEUE, once=True) == {}, report.table()
        assert report.copies == 0, report.table()
