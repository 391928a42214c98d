"""Signs of life for everything that the lines of a loop hold, whichever of them is at work."""

import time
from collections.abc import Callable, Sequence

from consumers.broker import Delivery, Subscription

KEEP = 1.0
"""Seconds after which the broker is told again that deliveries are being worked on."""


class Keeping:
    """What a line holds waits while another one works on a batch, however long that takes."""

    def __init__(self) -> None:
        self._held: dict[Subscription, Callable[[], Sequence[Delivery]]] = {}
        self._kept_at = 0.0

    def begin(self, queue: Subscription, unsettled: Callable[[], Sequence[Delivery]]) -> None:
        """From now on speaks for what this gives, and for what the queue holds ready."""
        self._held[queue] = unsettled

    def end(self, queue: Subscription) -> None:
        del self._held[queue]

    def keep(self) -> None:
        """Speaks for all of it, where it is time to."""
        if time.monotonic() - self._kept_at > KEEP:
            for queue, unsettled in self._held.items():
                queue.keep(unsettled())
            self._kept_at = time.monotonic()
