"""Keeps a queue's messages in order per key: what waits is held, and a failure closes its gate, before
anything of it is acknowledged."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from consumers.batch import Handled
from consumers.broker import Delivery
from consumers.handling import Handler
from consumers.key_order import KeyOrder
from consumers.ordering import DatabaseUnavailable, Gates, Keyed
from consumers.patience import Patience
from consumers.stopping import Stop

Meanwhile = Callable[[], None]


class Admitted(NamedTuple):
    """What the gates let through."""

    settle: Sequence[Handled]
    """These may be reported and acknowledged."""
    again: list[Delivery]
    """These were to be held, and their gate is open by now: they are still to be handled."""


class Gatekeeper:
    """At the queue of one handler. Where the gates cannot be asked it waits, and nothing is handled."""

    def __init__(self, handler: Handler, gates: Gates, stop: Stop) -> None:
        self._handler = handler
        self._gates = gates
        self._stop = stop
        self._patience = Patience("gates", stop)
        self._brake = Patience("fewer held", stop)
        self._too_fast = False
        """Whether the last batch was held past the cap."""

    def order(self, deliveries: Sequence[Delivery], meanwhile: Meanwhile) -> KeyOrder | None:
        """The order of this batch; None where it was asked to leave while it waited."""
        if self._too_fast:
            # It waits once and goes on: what the gates wait for may stand behind this batch in the queue.
            self._brake.wait("more messages are held than a queue should have", meanwhile)
            self._too_fast = False
        while not self._stop.requested:
            try:
                order = KeyOrder(self._handler, self._gates, [delivery.message for delivery in deliveries])
            except DatabaseUnavailable as error:
                self._patience.wait(str(error), meanwhile)
            else:
                self._patience.over()
                return order
        return None

    def admit(self, handled: Sequence[Handled], order: KeyOrder, meanwhile: Meanwhile) -> Admitted:
        """Closes gates and holds what waits."""
        failed = self._keyed([one for one in handled if one.failure], order)
        held = self._keyed([one for one in handled if one.held], order)
        while failed or held:
            try:
                opened = self._gates.settle(failed, held)
            except DatabaseUnavailable as error:
                if self._stop.requested:
                    return Admitted([one for one in handled if not one.failure and not one.held], [])
                self._patience.wait(str(error), meanwhile)
            else:
                self._patience.over()
                if held:
                    self._watch()
                settle: list[Handled] = []
                again: list[Delivery] = []
                for one in handled:
                    if one.held and order.key_of(one.delivery.message) in opened:
                        again.append(one.delivery)
                    else:
                        settle.append(one)
                return Admitted(settle, again)
        return Admitted(handled, [])

    def close(self) -> None:
        self._gates.close()

    def _watch(self) -> None:
        """Looks whether so much is held by now that the next batch had better wait."""
        self._too_fast = self._gates.overfull
        if not self._too_fast:
            self._brake.over()

    @staticmethod
    def _keyed(handled: Sequence[Handled], order: KeyOrder) -> list[Keyed]:
        deliveries = [one.delivery for one in handled]
        keyed = ((order.key_of(delivery.message), delivery) for delivery in deliveries)
        return [Keyed(key, one.message, one.redelivered) for key, one in keyed if key is not None]
