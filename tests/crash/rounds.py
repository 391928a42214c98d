"""One round: messages of every kind, processes that die, and the checker at the end."""

import secrets
from collections.abc import Iterable, Sequence
from itertools import cycle, islice

from tests.crash import QUEUE
from tests.crash import ledger as book
from tests.crash.checker import Report
from tests.crash.ledger import Entered
from tests.crash.letters import Kind
from tests.crash.offices import Office
from tests.crash.strikes import Reach

BATCH, KEYS = 16, 3
MIX = (Kind.FINE, Kind.RULE, Kind.SHAKY, Kind.CLERK, Kind.PASSING, Kind.SHAKY, Kind.REFUSED, Kind.FINE)
ONCE_A_ROUND = (Kind.LEFT,)
STRIKES = ((1, Reach.ALONE), (2, Reach.WHOLE), (4, Reach.ALONE))
"""Passages at which a point strikes: now the process that passes, now the program with all its parts."""


class Round:
    """Its messages have names of their own, so that rounds do not see each other's."""

    def __init__(self, office: Office, queue: str = QUEUE) -> None:
        self._office = office
        self._name = secrets.token_hex(4)
        self._ledger = office.ledger(self._name, queue)
        self._kinds = cycle(MIX)
        self._sent = 0

    def send(self, kinds: Iterable[Kind] | None = None) -> None:
        """Publishes messages of these kinds, or a batch of every kind."""
        wanted = list(kinds or [*islice(self._kinds, BATCH), *(ONCE_A_ROUND if not self._sent else ())])
        self._office.publish(self._ledger, book.letters(self._name, wanted, KEYS, self._sent))
        self._sent += len(wanted)

    def entries(self) -> list[Entered]:
        return self._ledger.entries()

    def drained(self) -> bool:
        return self._office.drained(self.entries())

    def settle(self) -> Report:
        """The report when all messages have come to rest."""
        self._office.until(self.drained, found=lambda: self.report().table())
        return self.report()

    def report(self) -> Report:
        return self._office.report(self.entries())


def kill_at(office: Office, points: Sequence[str], rounds: Sequence[Round]) -> None:
    """Sends messages in all of these rounds until each of the points has struck as often as it is to."""
    strikes = office.strikes

    def struck() -> bool:
        return all(strikes.struck(point) == len(STRIKES) for point in points)

    for point in points:
        strikes.arm(point, STRIKES)
    while not struck():
        for round in rounds:
            round.send()
        office.until(lambda: struck() or all(one.drained() for one in rounds))
    for point in points:
        strikes.disarm(point)
