"""A handler at its queue: receive → handle → delegate or report → acknowledge, a batch at a time.

Two threads. One handles messages, the other owns the broker: so a handler that takes minutes neither keeps
back what failed before it, nor makes the broker believe that this consumer is dead.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from typing import NamedTuple

from consumers.batch import Batch, Handled
from consumers.broker import Broker, Confirmation, Delivery, Outgoing
from consumers.envelope import Place
from consumers.errors import BrokerUnavailable
from consumers.gatekeeper import Gatekeeper
from consumers.handling import Handler
from consumers.keeping import Keeping
from consumers.logs import told
from consumers.message import Message
from consumers.ordering import Gates
from consumers.patience import Patience
from consumers.reporting import delegation, note, receipt
from consumers.stopping import Stop

log = logging.getLogger(__name__)

FLUSH = 0.05
"""Seconds within which an outcome leaves, however long the next message takes."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the lines of one loop share."""

    broker: Broker
    hand: Executor
    """The one thread in which messages are handled."""
    stop: Stop
    office: Patience
    intake: str
    batch: int
    database: str | None
    """The office's, where gates are. Ordered queues alone need it."""
    keeping: Keeping


class Line:
    """One handler, reading its queue. Raises BrokerUnavailable from everywhere; then it is of no more use."""

    def __init__(self, handler: Handler, around: Surroundings) -> None:
        self._handler = handler
        self._around = around
        self._queue = around.broker.subscribe(
            handler.queue,
            handler.subscriber,
            prefetch=2 * around.batch,  # one that is handled, and the next one on its way
            in_order=handler.ordering_key is not None,
        )
        self._place = Place(handler.queue, handler.subscriber, self._queue.return_address)
        self._gatekeeper = self._ordered() if handler.ordering_key else None
        around.keeping.begin(self._queue)
        self._suspecting = False
        """Whether what was received last was delivered too often."""
        self._trouble = ""
        """Why the office could not be told last."""

    def close(self) -> None:
        self._around.keeping.end(self._queue)
        self._queue.close()
        if self._gatekeeper:
            self._gatekeeper.close()

    def receive(self, wait: float) -> list[Delivery]:
        """The next batch; waits up to this many seconds for its first message."""
        return self._queue.receive(self._around.batch, wait)

    def carry(self, deliveries: Sequence[Delivery]) -> None:
        """Takes a batch all the way. What is not settled when this ends in good order is given back."""
        while deliveries:
            deliveries = self._carry(deliveries)

    def _carry(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Takes a batch as far as it goes. Gives what was to be held behind a gate that somebody opened in
        the meantime: that is handled before anything newer is."""
        order = None
        if self._gatekeeper:
            order = self._gatekeeper.order(deliveries, lambda: self._keep(Batch(deliveries)))
            if order is None:
                return []
        batch = Batch(deliveries, order, self._suspect(deliveries))
        again: list[Delivery] = []
        work = self._around.hand.submit(batch.work, self._handler, self._around.stop)
        try:
            if len(deliveries) == self._around.batch:  # there may be more
                self._queue.look_ahead(self._around.batch)
            self._settle_while(work, batch, again)
        finally:
            batch.abandon()
            wait([work])
        return [] if self._around.stop.requested else again

    def _suspect(self, deliveries: Sequence[Delivery]) -> Delivery | None:
        """The one that may be what brings down who handles it. What a process that died had in hand comes
        again, all of it, in one batch or several; the one that it died of is the first."""
        often = [one for one in deliveries if one.deliveries > self._handler.deliveries]
        follows, self._suspecting = self._suspecting, bool(often)
        return often[0] if often and not follows else None

    def _settle_while(self, work: Future[None], batch: Batch, again: list[Delivery]) -> None:
        while wait([work], FLUSH).not_done:
            self._settle(self._admitted(batch, again), batch)
            self._keep(batch)
        self._settle(self._admitted(batch, again), batch)
        work.result()  # raises what stopped the handler's thread: an interrupt, an exit

    def _admitted(self, batch: Batch, again: list[Delivery]) -> Sequence[Handled]:
        """What was handled or held since this was last asked, with its gates closed."""
        handled = batch.handled()
        if not self._gatekeeper or not batch.order:
            return handled
        admitted = self._gatekeeper.admit(handled, batch.order, lambda: self._keep(batch))
        again.extend(admitted.again)
        return admitted.settle

    def _settle(self, handled: Sequence[Handled], batch: Batch) -> None:
        """Tells the office what it must know of, and acknowledges what is through. Where the office cannot be
        told, holds on and asks again, handling nothing meanwhile: what is given back to the queue would be
        handled again and again, and some brokers drop what they delivered too often."""
        through: list[Delivery] = []
        due: list[_Due] = []
        note([(one.delivery, one.failure) for one in handled if one.failure], self._handler)
        for one in handled:
            if report := self._report(one):
                due.append(_Due(one.delivery, report))
            else:
                through.append(one.delivery)
        while due := self._publish(due, through, batch):
            through = []
            if self._around.stop.requested:
                break
            batch.pause()
            self._around.office.wait(self._trouble, lambda: self._keep(batch))
        else:
            self._around.office.over()
        batch.resume()

    def _report(self, handled: Handled) -> Message | None:
        delivery, broker = handled.delivery, self._around.broker
        if handled.held:
            return None
        if handled.failure is None:
            return receipt(delivery.message, self._place, broker)
        return delegation(delivery, handled.failure, self._handler, self._queue.return_address, broker)

    def _publish(self, due: list["_Due"], through: list[Delivery], batch: Batch) -> list["_Due"]:
        """Publishes in one pipeline, then acknowledges what is through and those whose report was confirmed.
        Gives the others."""
        outgoing = [Outgoing(self._around.intake, one.report) for one in due]
        answers = self._answers(outgoing) if outgoing else []
        heard = list(zip(due, answers, strict=True))
        confirmed = [one.delivery for one, answer in heard if answer is Confirmation.CONFIRMED]
        self._acknowledge([*through, *confirmed], batch)
        self._set_aside([one.delivery for one, answer in heard if answer is Confirmation.IMPOSSIBLE])
        if Confirmation.UNKNOWN in answers:
            raise BrokerUnavailable("The connection broke while the office was being told of failures.")
        settled = (Confirmation.CONFIRMED, Confirmation.IMPOSSIBLE)
        return [one for one, answer in heard if answer not in settled]

    def _answers(self, outgoing: Sequence[Outgoing]) -> Sequence[Confirmation]:
        """The broker's answers. One that takes no messages now, as RabbitMQ in an alarm, may yet hear what we
        acknowledge: then what is through is not handled again over what cannot be told."""
        self._trouble = f"{self._around.intake} takes nothing"
        try:
            return self._around.broker.publish(outgoing)
        except BrokerUnavailable as error:  # nothing was sent
            self._trouble += f": {error}"
            return [Confirmation.REFUSED] * len(outgoing)

    def _set_aside(self, deliveries: Sequence[Delivery]) -> None:
        """What the office's queue will never take stays unacknowledged: the broker keeps it, and gives it to
        the next process. The messages behind it go on."""
        for delivery in deliveries:
            log.error(told("cannot-be-delegated", queue=self._handler.queue, size=len(delivery.message.body)))

    def _acknowledge(self, deliveries: Sequence[Delivery], batch: Batch) -> None:
        if deliveries:
            self._queue.acknowledge(deliveries)
            batch.settled(deliveries)

    def _ordered(self) -> Gatekeeper:
        handler, around = self._handler, self._around
        gates = Gates(around.database or "", handler.queue, handler.subscriber, self._queue.return_address)
        return Gatekeeper(handler, gates, around.stop)

    def _keep(self, batch: Batch) -> None:
        self._around.keeping.keep(self._queue, batch.unsettled)


class _Due(NamedTuple):
    delivery: Delivery
    report: Message
