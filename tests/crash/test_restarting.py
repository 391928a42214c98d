"""Every process is asked to leave and started again, one after the other, while messages flow."""

import signal

import pytest

from dashboard.one_machine import ports
from tests.browser.server import answers
from tests.crash import ORDERED_QUEUE, QUEUE
from tests.crash.offices import Office
from tests.crash.rounds import Round

pytestmark = pytest.mark.timeout(300)

GRACEFUL = {"consumer": 0, "intake": 0, "worker": 0, "beat": 0, "web": -signal.SIGTERM}
"""What each gives when it has left; uvicorn says by which signal it was asked to."""


def test_a_rolling_restart_loses_nothing_and_repeats_nothing(killed: Office) -> None:
    killed.start("web", "--port", str(port := ports.free()))
    pages = f"http://127.0.0.1:{port}"
    killed.until(lambda: answers(pages))
    rounds = {queue: Round(killed, queue) for queue in (QUEUE, ORDERED_QUEUE)}
    for round in rounds.values():
        round.send()
        round.settle()  # all of them are there, and listen to signals
    for program, code in GRACEFUL.items():
        for round in rounds.values():
            round.send()
        assert killed.stop(program) == code, killed.said()
        killed.start(program)
    for queue, round in rounds.items():
        report = round.settle()
        assert report.faults(ordered=queue == ORDERED_QUEUE, once=True) == {}, report.table()
        assert report.copies == 0, report.table()
    killed.until(lambda: answers(pages))
    killed.kill("web")
