"""What has been stored and is not handed on yet, so that a trickle does not make a task of each message."""

from collections.abc import Callable, Sequence
from time import monotonic
from uuid import UUID

HandOn = Callable[[Sequence[UUID]], None]
"""Told which dead letters are to be repaired: none where receipts alone came. It may fail or be lost: a sweep
finds what it was not told."""

PAUSE = 0.05
"""Least seconds between two hand-overs. A worker does 20 small batches a second with ease; it would not do
100 of one message."""


class Tray:
    """Hands on at once what comes after a pause, and together what comes close upon it."""

    def __init__(self, hand_on: HandOn, batch: int) -> None:
        self._hand_on, self._batch = hand_on, batch
        self._letters: list[UUID] = []
        self._news = False
        self._next_at = 0.0

    def put(self, letters: Sequence[UUID]) -> None:
        self._letters += letters
        self._news = True

    def patience(self, wait: float) -> float:
        """How many seconds may be waited for more, at most `wait`."""
        return min(wait, max(0.0, self._next_at - monotonic())) if self._news else wait

    def pass_on(self, *, now: bool = False) -> None:
        """Hands on what is due; `now`: all of it."""
        if self._news and (now or len(self._letters) >= self._batch or monotonic() >= self._next_at):
            letters, self._letters, self._news = self._letters, [], False
            self._next_at = monotonic() + PAUSE
            self._hand_on(letters)
