"""Ends calls that take too long.

By a timer signal, for nothing else ends Python code from outside: a thread cannot be stopped, and a process
for each call would cost more than the call. It works in the main thread alone, which is where a Celery worker
process runs its tasks (pools `prefork` and `solo`). It ends loops, sleeps and runaway patterns. It does not
end C code that never looks for signals: there Celery's time limit kills the process, and the claim lapses.
"""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Self, TypeVar

T = TypeVar("T")


class TookTooLong(BaseException):
    """Not an Exception, so that an `except Exception` in what is to be ended does not keep it going."""


class TimeLimit:
    """A limit for each of many calls. Entered once for all of them: taking a signal over costs more than most
    calls do."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGALRM, self._over)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGALRM, self._before)

    def within(self, call: Callable[[], T]) -> T:
        """What the call gives. Raises TookTooLong where it is not through in time."""
        self._running = True
        try:
            try:
                # Again and again: the first alarm may be caught by a bare `except:` or lost in a `__del__`.
                signal.setitimer(signal.ITIMER_REAL, self.seconds, self.seconds / 4)
                return call()
            finally:
                self._running = False
        finally:
            # An alarm just before `_running = False` left the inner block early; this one is reached.
            self._running = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _over(self, _number: int, _frame: FrameType | None) -> None:
        if self._running:
            raise TookTooLong
