"""Two acts on one database, the second of which comes upon the first when that is done and not committed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event
from time import sleep

from django.db import connection

Act = Callable[[], object]
SECONDS = 60.0

_BLOCKED = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


class Overlapping:
    """Two threads, each with a connection that it keeps."""

    def __init__(self) -> None:
        self._hands = [ThreadPoolExecutor(1) for _ in range(2)]

    def run(self, first: Act, second: Act, uncommitted: Callable[[], AbstractContextManager[object]]) -> None:
        """Holds the first up before its commit until the second is through, or waits for it."""
        done, go_on = Event(), Event()

        def held_up() -> None:
            try:
                with uncommitted():
                    first()
                    done.set()
                    assert go_on.wait(SECONDS)
            finally:
                done.set()

        one = self._hands[0].submit(held_up)
        try:
            assert done.wait(SECONDS)
            other = self._hands[1].submit(second)
            _until_through_or_blocked(other)
        finally:
            go_on.set()
        one.result(SECONDS)
        other.result(SECONDS)

    def close(self) -> None:
        for hand in self._hands:
            hand.submit(lambda: connection.close()).result()
            hand.shutdown()


def _until_through_or_blocked(act: Future[object]) -> None:
    with connection.cursor() as cursor:
        while not act.done():
            cursor.execute(_BLOCKED)
            if cursor.fetchone() == (True,):
                return
            sleep(0.001)
