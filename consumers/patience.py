"""Waiting for something that is away: longer each time; said once when it goes and once when it is back."""

import logging
import random
from collections.abc import Callable

from consumers.logs import told
from consumers.stopping import Stop

log = logging.getLogger(__name__)

FIRST, LONGEST = 0.1, 10.0
_SLICE = 1.0


class Patience:
    """Back-off for one thing that can be away, in seconds from FIRST doubling to LONGEST, each with jitter so
    that many processes do not come back in one moment."""

    def __init__(self, awaited: str, stop: Stop) -> None:
        self._awaited = awaited
        self._stop = stop
        self._waits = 0
        self._reason = ""

    def wait(self, reason: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Waits once. Calls `meanwhile` about every second. Ends early where leaving is asked for."""
        if reason != self._reason:
            log.warning(told("waiting", awaited=self._awaited, reason=reason))
        self._reason = reason
        left = min(FIRST * 2 ** min(self._waits, 16), LONGEST) * random.uniform(0.5, 1)  # noqa: S311
        self._waits += 1
        while left > 0 and not self._stop.requested:
            meanwhile()
            self._stop.sleep(min(left, _SLICE))
            left -= _SLICE

    @property
    def waited(self) -> bool:
        """Whether it is being waited for."""
        return self._waits > 0

    def over(self) -> None:
        """It is here. The next wait starts short again."""
        if self._waits:
            log.info(told("back", awaited=self._awaited, waits=self._waits))
        self._waits, self._reason = 0, ""
