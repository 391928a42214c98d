"""Something this process needs and that is away: said once when it goes and once when it is back, and tried
again after longer and longer pauses. Nobody sleeps here: a task that finds a pause leaves, and a later one
tries."""

import logging
import random
from time import monotonic

from consumers.logs import told
from consumers.patience import FIRST, LONGEST

log = logging.getLogger(__name__)


class Outage:
    def __init__(self, awaited: str) -> None:
        self.awaited = awaited
        self.reason = ""
        """Why it is away; "" while it is there."""
        self._failures = 0
        self._again_at = 0.0

    @property
    def pausing(self) -> bool:
        """Whether it is too soon to try again."""
        return monotonic() < self._again_at

    def begins(self, reason: str) -> None:
        """It is away, or still away."""
        if not self.reason:
            log.warning(told("waiting", awaited=self.awaited, reason=reason))
        self.reason = reason
        pause = min(FIRST * 2 ** min(self._failures, 16), LONGEST) * random.uniform(0.5, 1)  # noqa: S311
        self._again_at = monotonic() + pause
        self._failures += 1

    def ends(self) -> None:
        """It is there."""
        if self.reason:
            log.warning(told("back", awaited=self.awaited, failures=self._failures))
        self.reason, self._failures, self._again_at = "", 0, 0.0
