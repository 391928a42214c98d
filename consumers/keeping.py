"""Signs of life for everything that the lines of a loop hold, whichever of them is at work."""

import time
from collections.abc import Callable, Sequence

from consumers.broker import Delivery, Subscription

KEEP = 1.0
"""Seconds after which the broker is told again that deliveries are being worked on."""


class Keeping:
    """What a line has looked ahead at waits while another one works on a batch, however long that takes."""

    def __init__(self) -> None:
        self._queues: list[Subscription] = []
        self._kept_at = 0.0

    def begin(self, queue: Subscription) -> None:
        self._queues.append(queue)

    def end(self, queue: Subscription) -> None:
        self._queues.remove(queue)

    def keep(self, queue: Subscription, deliveries: Callable[[], Sequence[Delivery]]) -> None:
        """Speaks for these of this queue, and for what the others hold ready, where it is time to."""
        if time.monotonic() - self._kept_at > KEEP:
            for each in self._queues:
                each.keep(deliveries() if each is queue else ())
            self._kept_at = time.monotonic()
