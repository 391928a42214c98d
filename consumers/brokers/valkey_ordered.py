"""Reading a queue on Valkey in order, over the death of a process."""

from time import monotonic, sleep

from consumers.brokers.valkey_subscription import StreamSubscription

LOOK_EVERY = 0.1
"""Seconds between two looks whether another process has let go."""


class OrderedStreamSubscription(StreamSubscription):
    """Reads nothing new while another process of the group holds anything that is older. If that one lives,
    it settles it; if it died, its deliveries are claimed after `claim_after`, and come first."""

    def look_ahead(self, limit: int) -> None:
        """Does nothing: whether it may read is to be asked when it reads."""

    def _read(self, limit: int, wait: float) -> bool:
        deadline = monotonic() + wait
        while self._held_by_others():
            if (left := deadline - monotonic()) <= 0:
                return False
            sleep(min(LOOK_EVERY, left))
            self._claim_at = 0.0
            self._claim(limit)
            if self._arrived:
                return True
        return super()._read(limit, max(0.0, deadline - monotonic()))

    def _held_by_others(self) -> bool:
        summaries = self._connection.ask(*(("XPENDING", stream, self._group) for stream in self._streams))
        holders = {name.decode() for _, _, _, consumers in summaries for name, _ in consumers or ()}
        return bool(holders - {self._consumer})
