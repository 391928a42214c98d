"""A handler at its queue: receive → handle → delegate or report → acknowledge, a batch at a time.

Two threads. One handles messages, the other owns the broker: so a handler that takes minutes neither keeps
back what failed before it, nor makes the broker believe that this consumer is dead.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass

from consumers.batch import Batch, Handled
from consumers.broker import Broker, Delivery
from consumers.envelope import Place
from consumers.gatekeeper import Gatekeeper
from consumers.handling import Handler
from consumers.keeping import Keeping
from consumers.message import Message
from consumers.ordering import Gates
from consumers.reporting import delegation, note, receipt
from consumers.settling import Due, Portion, Settling
from consumers.stopping import Stop

FLUSH = 0.05
"""Seconds within which an outcome leaves, however long the next message takes."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the lines of one loop share."""

    broker: Broker
    hand: Executor
    """The one thread in which messages are handled."""
    stop: Stop
    batch: int
    database: str | None
    """The office's, where gates are. Ordered queues alone need it."""
    keeping: Keeping
    settling: Settling


class Line:
    """One handler, reading its queue. Raises BrokerUnavailable from everywhere; then it is of no more use."""

    def __init__(self, handler: Handler, around: Surroundings) -> None:
        self._handler = handler
        self._around = around
        self._queue = around.broker.subscribe(
            handler.queue,
            handler.subscriber,
            prefetch=3 * around.batch,  # one that is being settled, one that is handled, and the next
            in_order=handler.ordering_key is not None,
        )
        self._place = Place(handler.queue, handler.subscriber, self._queue.return_address)
        self._gatekeeper = self._ordered() if handler.ordering_key else None
        self._last = self._batch = Batch(())
        """Two are unsettled at most: the last one, which is being settled, and the one in hand."""
        self._waiting: Sequence[Delivery] = ()
        """Received, and in no batch yet."""
        around.keeping.begin(self._queue, self._unsettled)
        self._suspecting = False
        """Whether what was received last was delivered too often."""

    def close(self) -> None:
        self._around.keeping.end(self._queue)
        self._queue.close()
        if self._gatekeeper:
            self._gatekeeper.close()

    def receive(self, wait: float) -> list[Delivery]:
        """The next batch; waits up to this many seconds for its first message."""
        return self._queue.receive(self._around.batch, wait)

    def carry(self, deliveries: Sequence[Delivery]) -> None:
        """Handles a batch, and settles what was handled before it. Of this one some may be left to settle,
        which is done when the next is in hand; what is not settled when the line closes is given back."""
        suspect = self._suspect(deliveries)
        for part in self._parts(deliveries):
            again = self._carry(part, suspect)
            while again and not self._around.stop.requested:
                again = self._carry(again, suspect)

    def _suspect(self, deliveries: Sequence[Delivery]) -> Delivery | None:
        """The one that may be what brings down who handles it. What a process that died had in hand comes
        again, all of it, in one batch or several; the one that it died of is the first."""
        often = [one for one in deliveries if one.deliveries > self._handler.deliveries]
        follows, self._suspecting = self._suspecting, bool(often)
        return often[0] if often and not follows else None

    def _parts(self, deliveries: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
        """What goes at once: all of it. But one by one, each settled before the next, where processes died
        so often that the next time one of them is suspected: so that the first is the one."""
        if all(one.deliveries < max(self._handler.deliveries, 2) for one in deliveries):
            yield deliveries
            return
        for at, delivery in enumerate(deliveries, 1):
            self._around.settling.finish()
            self._waiting = deliveries[at:]
            yield [delivery]
        self._around.settling.finish()

    def _carry(self, deliveries: Sequence[Delivery], suspect: Delivery | None) -> list[Delivery]:
        """Takes deliveries as far as they go. Gives what was to be held behind a gate that somebody opened in
        the meantime: that is handled before anything newer is."""
        around, again = self._around, list[Delivery]()
        self._last, self._batch = self._batch, (batch := Batch(deliveries, suspect))
        if self._gatekeeper:
            batch.order = self._gatekeeper.order(deliveries, self._meanwhile)
            if batch.order is None:
                return []
        work = around.hand.submit(batch.work, self._handler, around.stop)
        try:
            if len(deliveries) == around.batch:  # there may be more
                self._queue.look_ahead(around.batch)
            self._settle_while(work, batch, again)
        finally:
            batch.abandon()
            wait([work])
        return again

    def _settle_while(self, work: Future[None], batch: Batch, again: list[Delivery]) -> None:
        settling = self._around.settling
        settling.finish(batch)
        while wait([work], FLUSH).not_done:
            self._tell(batch, again)
            settling.finish(batch)
            self._around.keeping.keep()
        self._tell(batch, again)
        if error := work.exception():  # what stopped the handler's thread: an interrupt, an exit
            settling.finish(batch)
            raise error

    def _tell(self, batch: Batch, again: list[Delivery]) -> None:
        """Tells the office what it must know of what was handled since this was last done."""
        portion = Portion(self._queue, batch)
        handled = self._admitted(batch, again)
        note([(one.delivery, one.failure) for one in handled if one.failure], self._handler)
        for one in handled:
            if report := self._report(one):
                portion.due.append(Due(one.delivery, report))
            else:
                portion.through.append(one.delivery)
        self._around.settling.begin(portion)

    def _admitted(self, batch: Batch, again: list[Delivery]) -> Sequence[Handled]:
        """What was handled or held since this was last asked, with its gates closed."""
        handled = batch.handled()
        if not self._gatekeeper or not batch.order:
            return handled
        admitted = self._gatekeeper.admit(handled, batch.order, self._meanwhile)
        again.extend(admitted.again)
        return admitted.settle

    def _report(self, handled: Handled) -> Message | None:
        delivery, broker = handled.delivery, self._around.broker
        if handled.held:
            return None
        if handled.failure is None:
            return receipt(delivery.message, self._place, broker)
        return delegation(delivery, handled.failure, self._handler, self._queue.return_address, broker)

    def _unsettled(self) -> list[Delivery]:
        return [*self._last.unsettled(), *self._batch.unsettled(), *self._waiting]

    def _ordered(self) -> Gatekeeper:
        handler, around = self._handler, self._around
        gates = Gates(around.database or "", handler.queue, handler.subscriber, self._queue.return_address)
        return Gatekeeper(handler, gates, around.stop)

    def _meanwhile(self) -> None:
        """What goes on while gates are waited for."""
        self._around.settling.finish(self._batch)
        self._around.keeping.keep()
