"""The deliveries of one receive on their way: waiting, handled, settled."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from consumers.broker import Delivery
from consumers.failure import Failure, Kind
from consumers.handling import Handler
from consumers.key_order import KeyOrder, Turn, delivered_again
from consumers.stopping import Stop


@dataclass(frozen=True, slots=True)
class Handled:
    """A delivery that the handler is through with."""

    delivery: Delivery
    failure: Failure | None = None
    held: bool = False
    """It was not handled: its key's gate is closed."""


class Batch:
    """Shared by two threads: the handler's moves deliveries from waiting to handled, the broker's takes them
    from there and settles them. Each end of a deque belongs to one thread, which is safe without a lock."""

    def __init__(self, deliveries: Sequence[Delivery], order: KeyOrder | None = None) -> None:
        """With an `order` what waits for its key is not handled, and comes out as held."""
        self.order = order
        self._waiting = deque(deliveries)
        self._handled: deque[Handled] = deque()
        self._open = {id(delivery): delivery for delivery in deliveries}
        self._suspect: Delivery | None = None
        self._go = threading.Event()
        self._go.set()
        self._abandoned = False

    def work(self, handler: Handler, stop: Stop) -> None:
        """Handles one after the other. The handler's thread runs this.

        What a process that died had in hand comes again, all of it; the one that it died of is the first.
        """
        often = (one for one in self._waiting if one.deliveries > handler.deliveries)
        self._suspect = next(often, None)
        while self._waiting and self._go.wait() and not (self._abandoned or stop.requested):
            delivery = self._waiting.popleft()
            self._handled.append(self._outcome(delivery, handler))

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
        return [self._handled.popleft() for _ in range(len(self._handled))]

    def settled(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            del self._open[id(delivery)]

    def unsettled(self) -> list[Delivery]:
        """What is still ours to acknowledge or to give back, in the order of the queue."""
        return list(self._open.values())

    def pause(self) -> None:
        """No further message is begun until `resume`."""
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def abandon(self) -> None:
        """The message in hand is the last one of this batch."""
        self._abandoned = True
        self._go.set()


def _never_through(handler: Handler, deliveries: int) -> Failure:
    """Why a message is delegated unhandled that may bring down whoever handles it."""
    return Failure(
        error_type="Never through",
        text=f"It was delivered {deliveries - 1} times, and no process came to an end with it.",
        handler=handler.name,
        kind=Kind.UNKNOWN,
    )
