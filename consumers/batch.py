"""The deliveries of one receive on their way: waiting, handled, settled."""

import threading
from collections.abc import Sequence
from typing import NamedTuple

from consumers.broker import Delivery
from consumers.failure import Failure, Kind
from consumers.handling import Handler
from consumers.key_order import KeyOrder, Turn, delivered_again
from consumers.stopping import Stop


class Handled(NamedTuple):  # made for each message, in half the time of a frozen dataclass
    """A delivery that the handler is through with."""

    delivery: Delivery
    failure: Failure | None = None
    held: bool = False
    """It was not handled: its key's gate is closed."""


class Batch:
    """Shared by two threads: the handler's appends to what was handled, the broker's takes from there and
    settles. Each attribute is written by one of them, and by single steps, which is safe without a lock."""

    def __init__(self, deliveries: Sequence[Delivery], suspect: Delivery | None = None) -> None:
        """The `suspect` is delegated unhandled."""
        self.order: KeyOrder | None = None
        """Where there is one, what waits for its key is not handled, and comes out as held."""
        self._deliveries = deliveries
        self._suspect = suspect
        self._handled: list[Handled] = []
        self._taken = 0
        """How many of the handled were asked for."""
        self._settled: set[int] = set()
        self._go = threading.Event()
        self._go.set()
        self._held_up = False
        """Whether `_go` is to be looked at, which costs more than this, before another is begun."""
        self._abandoned = False

    def work(self, handler: Handler, stop: Stop) -> None:
        """Handles one after the other. The handler's thread runs this."""
        handled, order, suspect, handle = self._handled, self.order, self._suspect, handler.handle
        for delivery in self._deliveries:
            if stop.requested or (self._held_up and not self._may_go_on(stop)):
                return
            if order is None and delivery is not suspect:
                handled.append(Handled(delivery, handle(delivery.message)))
            else:
                handled.append(self._outcome(delivery, handler))

    def _may_go_on(self, stop: Stop) -> bool:
        self._go.wait()
        return not (self._abandoned or stop.requested)

    def _outcome(self, delivery: Delivery, handler: Handler) -> Handled:
        if self.order is None:
            return Handled(delivery, self._failure(delivery, handler))
        turn = self.order.turn(delivery.message)
        if turn is Turn.HOLD:
            return Handled(delivery, held=True)
        again = turn is Turn.DELEGATE
        failure = delivered_again(handler) if again else self._failure(delivery, handler)
        if failure:
            self.order.failed(delivery.message)
        return Handled(delivery, failure)

    def _failure(self, delivery: Delivery, handler: Handler) -> Failure | None:
        if delivery is self._suspect:
            return _never_through(handler, delivery.deliveries)
        return handler.handle(delivery.message)

    def handled(self) -> list[Handled]:
        """What was handled since this was last asked, in order."""
        handled = self._handled[self._taken :]
        self._taken += len(handled)
        return handled

    def settled(self, deliveries: Sequence[Delivery]) -> None:
        self._settled.update(map(id, deliveries))

    def unsettled(self) -> list[Delivery]:
        """What is still ours to acknowledge or to give back, in the order of the queue."""
        return [delivery for delivery in self._deliveries if id(delivery) not in self._settled]

    def pause(self) -> None:
        """No further message is begun until `resume`."""
        self._go.clear()
        self._held_up = True

    def resume(self) -> None:
        self._held_up = self._abandoned
        self._go.set()

    def abandon(self) -> None:
        """The message in hand is the last one of this batch."""
        self._abandoned = self._held_up = True
        self._go.set()


def _never_through(handler: Handler, deliveries: int) -> Failure:
    """Why a message is delegated unhandled that may bring down whoever handles it."""
    return Failure(
        error_type="Never through",
        text=f"It was delivered {deliveries - 1} times, and no process finished handling it.",
        handler=handler.name,
        kind=Kind.PERMANENT,
    )
