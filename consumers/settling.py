"""What was handled, on its way to be settled: the office is told what it must know, and then it is
acknowledged."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from consumers.batch import Batch
from consumers.broker import Answers, Broker, Confirmation, Delivery, Outgoing, Subscription
from consumers.errors import BrokerUnavailable
from consumers.keeping import Keeping
from consumers.logs import told
from consumers.message import Message
from consumers.patience import Patience
from consumers.stopping import Stop

log = logging.getLogger(__name__)


class Due(NamedTuple):
    """What the office must know before this is acknowledged."""

    delivery: Delivery
    report: Message


@dataclass(slots=True)
class Portion:
    """Of one batch, what was handled."""

    queue: Subscription
    batch: Batch
    through: list[Delivery] = field(default_factory=list)
    """The office need not know of these."""
    due: list[Due] = field(default_factory=list)


class Settling:
    """Shared by the lines of a loop. One portion is on its way at a time: while the broker makes what the
    office is told durable, the next batch is received and begun.

    Everything raises BrokerUnavailable; what was on its way comes again then."""

    def __init__(self, broker: Broker, intake: str, office: Patience, stop: Stop, keeping: Keeping) -> None:
        self._broker, self._intake = broker, intake
        self._office, self._stop, self._keeping = office, stop, keeping
        self._portion: Portion | None = None
        self._answers: Answers = list
        self._trouble = ""
        """Why the office could not be told last."""
        self._listening = False
        """Whether the office took what it was told last. Until it is known to, nothing else is begun."""

    def begin(self, portion: Portion) -> None:
        """Sends the office what it must know. `finish` hears the answers and acknowledges."""
        self.finish(portion.batch)
        self._portion, self._answers = portion, self._sent(portion.due)
        if portion.due and not self._listening:
            self.finish(portion.batch)

    def finish(self, in_hand: Batch | None = None) -> None:
        """Settles what is on its way. Where the office cannot be told, holds on and asks again, and nothing
        of what is in hand is handled meanwhile: what is given back to the queue would be handled again and
        again, and some brokers drop what they delivered too often."""
        portion, self._portion = self._portion, None
        if portion is None:
            return
        in_hand, asked = in_hand or portion.batch, bool(portion.due)
        while self._hear(portion):
            if self._stop.requested:
                break
            in_hand.pause()
            self._office.wait(self._trouble, self._keeping.keep)
            self._answers = self._sent(portion.due)
        else:
            self._office.over()
        if asked:
            self._listening = not portion.due
        in_hand.resume()

    def forget(self) -> None:
        """The connection is gone, and what was on its way comes again."""
        self._portion = None

    def _sent(self, due: Sequence[Due]) -> Answers:
        """Publishes in one pipeline."""
        if not due:
            return list
        try:
            return self._broker.send([Outgoing(self._intake, one.report) for one in due])
        except BrokerUnavailable as error:
            return partial(_raised, error)

    def _answered(self, due: Sequence[Due]) -> Sequence[Confirmation]:
        """The broker's answers. One that takes no messages now, as RabbitMQ in an alarm, may yet hear what we
        acknowledge: then what is through is not handled again over what cannot be told."""
        self._trouble = f"{self._intake} takes nothing"
        try:
            return self._answers()
        except BrokerUnavailable as error:  # nothing was sent
            self._trouble += f": {error}"
            return [Confirmation.REFUSED] * len(due)

    def _hear(self, portion: Portion) -> bool:
        """Hears the answers, acknowledges what is through and those whose report was confirmed. Tells whether
        others are left."""
        heard = list(zip(portion.due, self._answered(portion.due), strict=True))
        confirmed = [one.delivery for one, answer in heard if answer is Confirmation.CONFIRMED]
        self._acknowledge(portion, [*portion.through, *confirmed])
        for one, answer in heard:
            if answer is Confirmation.IMPOSSIBLE:
                _set_aside(one.delivery)
        if any(answer is Confirmation.UNKNOWN for _, answer in heard):
            raise BrokerUnavailable("The connection broke while the office was being told of failures.")
        settled = (Confirmation.CONFIRMED, Confirmation.IMPOSSIBLE)
        portion.through, portion.due = [], [one for one, answer in heard if answer not in settled]
        return bool(portion.due)

    def _acknowledge(self, portion: Portion, deliveries: Sequence[Delivery]) -> None:
        if deliveries:
            portion.queue.acknowledge(deliveries)
            portion.batch.settled(deliveries)


def _raised(error: BrokerUnavailable) -> Sequence[Confirmation]:
    raise error


def _set_aside(delivery: Delivery) -> None:
    """What the office's queue will never take stays unacknowledged: the broker keeps it, and gives it to the
    next process. The messages behind it go on."""
    log.error(told("cannot-be-delegated", queue=delivery.queue, size=len(delivery.message.body)))
