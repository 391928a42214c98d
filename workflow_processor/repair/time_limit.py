"""Ends calls that take too long.

By timer signals, for nothing else ends Python code from outside: a thread cannot be stopped, and a process
for each call would cost more than the call. It works in the main thread alone, which is where a Celery worker
process runs its tasks (pools `prefork` and `solo`). It ends loops, sleeps and runaway patterns. It does not
end C code that never looks for signals: there Celery's time limit kills the process, and the claim lapses.

What counts is the processor's time, so that a machine with too much to do does not make a sound call look
endless. A call that waits uses none; it has ten times as long by the clock.
"""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Self, TypeVar

T = TypeVar("T")

WAITING = 10
"""So many times longer may a call take by the clock."""
TIMERS = {signal.SIGPROF: (signal.ITIMER_PROF, 1), signal.SIGALRM: (signal.ITIMER_REAL, WAITING)}
"""By the signal that each sends: the timer, and how many times as long it runs."""


class TookTooLong(BaseException):
    """Not an Exception, so that an `except Exception` in what is to be ended does not keep it going."""


class TimeLimit:
    """A limit for each of many calls. Entered once for all of them: taking a signal over costs more than most
    calls do."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """Of the processor's time."""
        self._running = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._over) for number in TIMERS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def within(self, call: Callable[[], T]) -> T:
        """What the call gives. Raises TookTooLong where it is not through in time."""
        self._running = True
        try:
            try:
                # Again and again: the first alarm may be caught by a bare `except:` or lost in a `__del__`.
                for timer, times in TIMERS.values():
                    signal.setitimer(timer, times * self.seconds, self.seconds / 4)
                return call()
            finally:
                self._running = False
        finally:
            # An alarm just before `_running = False` left the inner block early; this one is reached.
            self._running = False
            for timer, _ in TIMERS.values():
                signal.setitimer(timer, 0)

    def _over(self, _number: int, _frame: FrameType | None) -> None:
        if self._running:
            raise TookTooLong
