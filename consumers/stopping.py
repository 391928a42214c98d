"""Asking a process to leave, gently at first."""

import os
import signal
import time
from types import FrameType

_STEP = 0.1


class Stop:
    """Whether to leave. A plain flag, read often: setting an Event in a signal handler can dead-lock with a
    wait for that Event which the signal came upon."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Leave when what is in hand is done."""
        self.requested = True

    def on_signals(self) -> None:
        """SIGTERM and SIGINT ask to leave. The second one leaves at once, in the middle of whatever it is:
        the broker takes back what was not settled, as after a crash."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, _: FrameType | None) -> None:
        if self.requested:
            os._exit(128 + number)
        self.request()

    def sleep(self, seconds: float) -> None:
        """Sleeps, less where leaving is asked for."""
        until = time.monotonic() + seconds
        while not self.requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _STEP))
