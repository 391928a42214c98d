"""Row 6: from a failure to the open dashboard, and to the repaired requeue, at 100 failures a second."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http.client import RemoteDisconnected
from statistics import median, quantiles

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from consumers.broker import Outgoing
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from tests.benchmarks import letters
from tests.benchmarks.letters import QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Figures, Row
from tests.benchmarks.visitor import Visitor

COUNT, PACE = 3_000, 100
"""Failures, and how many a second."""
TYPICAL, WORST = "the most allowed, at the median", "the most allowed, at the 99th of 100"
_SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"
_REPAIRED = """
SELECT extract(epoch FROM o.sent_at - f.occurred_at)::float
FROM outbox o JOIN failed_attempt f ON f.dead_letter_id = o.dead_letter_id
"""


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    del rounds
    count = machine.count(COUNT)
    machine.empty()
    with machine.office(), machine.web() as web:
        watcher = Watcher(web.port)
        watcher.start()
        failed = _fail(machine, count)
        machine.until(_SENT, count)
        watcher.until(count)
    with machine.database() as database:
        repaired = [row[0] for row in database.execute(_REPAIRED)]
    for work, seconds in (("visible", watcher.delays(failed)), ("requeued", repaired)):
        figures = {
            "the median": Figures((median(seconds),)),
            "the 99th of 100": Figures((quantiles(seconds, n=100)[98],)),
            TYPICAL: Figures((0.3,)),
            WORST: Figures((1.0,)),
        }
        for name, goal in (("the median", TYPICAL), ("the 99th of 100", WORST)):
            pair = {name: figures[name], goal: figures[goal]}
            beside = (Beside(goal, 1, at_most=True),)
            yield Row(6, f"failure to {work}, {name}", machine.name, "s", pair, beside)


class Watcher(threading.Thread):
    """An open page: it hears hints over the socket, and at each asks how many messages are new."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port, self._visitor = port, Visitor(port)
        self._seen: list[tuple[float, int]] = []
        self._listening = threading.Event()

    def run(self) -> None:
        at = f"127.0.0.1:{self._port}"
        headers = self._visitor.headers
        with (
            suppress(ConnectionClosed, RemoteDisconnected, ConnectionError),
            connect(f"ws://{at}/live/", origin=Origin(f"http://{at}"), additional_headers=headers) as socket,
        ):
            self._listening.set()
            for frame in socket:
                if '"changed"' in str(frame):
                    page = self._visitor.get("/messages/new/")
                    self._seen.append((time.time(), _number(page)))

    def start(self) -> None:
        super().start()
        assert self._listening.wait(60), "the page's socket does not open"

    def until(self, count: int) -> None:
        """Waits until it has seen so many."""
        deadline = time.monotonic() + 60
        while not self._seen or self._seen[-1][1] < count:
            assert time.monotonic() < deadline, f"the page does not see all: {self._seen[-3:]}"
            time.sleep(0.05)

    def delays(self, failed: Sequence[datetime]) -> list[float]:
        """Seconds from each failure to the first look that counts as many."""
        found, looks = [], iter(self._seen)
        at, seen = next(looks)
        for place, failure in enumerate(failed, 1):
            while seen < place:
                at, seen = next(looks)
            found.append(at - failure.timestamp())
        return found


def _fail(machine: Machine, count: int) -> list[datetime]:
    """Delegates so many failures at their pace; gives when each happened."""
    failed = []
    with machine.broker() as broker:
        broker.declare(INTAKE_QUEUE, INTAKE_SUBSCRIBER)
        wrapped = letters.failed(broker, count, broker.declare(QUEUE, SUBSCRIBER))
        begun = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, begun + number / PACE - time.monotonic()))
            failed.append(datetime.now(UTC))
            broker.publish([Outgoing(INTAKE_QUEUE, next(wrapped))])
    return failed


def _number(page: str) -> int:
    found = re.search(r"([\d,]+) new", page)
    return int(found[1].replace(",", "")) if found else 0
