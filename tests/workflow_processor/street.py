"""An ordered queue, its consumer and the office behind it, a step at a time: real gates, a real database, and
a broker that is a few lists. What happens between two steps is the test's to choose."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from enum import Enum
from typing import NamedTuple
from uuid import UUID, uuid4

from consumers.batch import Batch, Handled
from consumers.broker import Broker, Delivery, Outgoing
from consumers.brokers import connect
from consumers.envelope import Place
from consumers.gatekeeper import Admitted, Gatekeeper
from consumers.handling import Handler
from consumers.key_order import KeyOrder
from consumers.message import Message
from consumers.ordering import Gates
from consumers.reporting import delegation, receipt
from consumers.stopping import Stop
from workflow_processor import outbox, relay
from workflow_processor.intake.arrivals import Arrived, read
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.storing import store

QUEUE, SUBSCRIBER, ADDRESS = "street", "walker", "street:walker:requeue"


class Number(NamedTuple):
    """A message: the n-th of its key."""

    key: str
    n: int


class Stage(Enum):
    """How far the consumer is with what it has in hand."""

    IDLE, RECEIVED, HANDLED, ADMITTED = range(4)


class Street:
    """Messages go round here: from `waiting` through the consumer's hand, to nowhere or to `intake`."""

    def __init__(self, database: str, *, requeues_first: bool) -> None:
        """`requeues_first`: they come before what waits, as on Valkey, and not behind it."""
        self._requeues_first = requeues_first
        self._broker: Broker = connect(f"memory://{uuid4()}")  # for messages in its encoding alone
        self._stop = Stop()
        self._handler = Handler(QUEUE, SUBSCRIBER, self._handle, ordering_key=lambda m: number(m).key)
        self._gates = Gates(database, QUEUE, SUBSCRIBER, ADDRESS)
        self._gatekeeper = Gatekeeper(self._handler, self._gates, self._stop)
        self._known = Catalogue()
        self._failing: Iterator[bool] = iter(())
        self.sent: dict[str, int] = {}
        """How many messages of each key there are."""
        self.waiting: list[Delivery] = []
        self.hand: Sequence[Delivery] = []
        """What the consumer has received and not acknowledged."""
        self.stage = Stage.IDLE
        self._order: KeyOrder | None = None
        self._handled: list[Handled] = []
        self._admitted = Admitted([], [])
        self.intake: list[Message] = []
        self.effects: list[Number] = []

    @property
    def busy(self) -> bool:
        """Whether anything is on its way here."""
        return bool(self.waiting or self.hand or self.intake)

    def publish(self, key: str, count: int) -> None:
        """The next messages of the key."""
        for _ in range(count):
            n = self.sent[key] = self.sent.get(key, 0) + 1
            message = self._broker.message(f"{key} {n}".encode(), message_id=f"{key}-{n}")
            self.waiting.append(Delivery(message, QUEUE, False, None))

    def receive(self, count: int) -> None:
        """The consumer takes a batch, and asks for its gates."""
        deliveries, self.waiting = self.waiting[:count], self.waiting[count:]
        self._takes(deliveries)

    def handle(self, failing: Iterator[bool]) -> None:
        """It handles the batch; `failing` says of each message that is handled whether it fails."""
        assert self._order
        self._failing = failing
        batch = Batch(self.hand)
        batch.order = self._order
        batch.work(self._handler, self._stop)
        self._handled, self.stage = batch.handled(), Stage.HANDLED

    def admit(self) -> None:
        """It closes gates and holds what waits."""
        assert self._order
        self._admitted = self._gatekeeper.admit(self._handled, self._order, lambda: None)
        self.stage = Stage.ADMITTED

    def report(self) -> None:
        """It reports and acknowledges, and takes up what was to be held behind a gate that is open by now."""
        self.intake += [report for one in self._admitted.settle if (report := self._report(one))]
        self._takes(self._admitted.again)

    def die(self, *, reported: bool) -> None:
        """It dies, perhaps between its report and the acknowledgement. All of it is delivered again."""
        again = [Delivery(one.message, QUEUE, True, None) for one in self.hand]
        if reported and self.stage is Stage.ADMITTED:
            self.report()
        self.waiting = [*again, *self.waiting]
        self._takes([])

    @contextmanager
    def uncommitted(self) -> Iterator[None]:
        """What the consumer does with its gates in this block is committed at the end of it."""
        connection = self._gates._connection
        with connection.transaction() if connection else nullcontext():
            yield

    def store(self, count: int) -> list[UUID]:
        """The intake takes a batch in; gives what is to be repaired."""
        batch = [read(message) for message in self.intake[:count]]
        del self.intake[:count]
        failed = [one for one in batch if isinstance(one, Arrived)]
        return store(failed, [one for one in batch if not isinstance(one, Arrived)], self._known)

    def send(self, *, dies: bool) -> None:
        """A relay sends what is due; where it dies, nobody is told of that."""
        entries = outbox.claim(timedelta(), 100, 1 << 20)
        sent = [outgoing for entry in entries if isinstance(outgoing := relay._outgoing(entry), Outgoing)]
        arrived = [Delivery(one.message, QUEUE, False, None) for one in sent]
        self.waiting = [*arrived, *self.waiting] if self._requeues_first else [*self.waiting, *arrived]
        if entries and not dies:
            outbox.sent(entries)

    def close(self) -> None:
        self._gatekeeper.close()
        self._broker.close()

    def _takes(self, deliveries: Sequence[Delivery]) -> None:
        self.hand, self.stage = deliveries, Stage.RECEIVED if deliveries else Stage.IDLE
        self._order = self._gatekeeper.order(deliveries, lambda: None) if deliveries else None

    def _handle(self, message: Message) -> None:
        if next(self._failing):
            raise ValueError("it fails")
        self.effects.append(number(message))

    def _report(self, one: Handled) -> Message | None:
        if one.held:
            return None
        if one.failure is None:
            return receipt(one.delivery.message, Place(QUEUE, SUBSCRIBER, ADDRESS), self._broker)
        return delegation(one.delivery, one.failure, self._handler, ADDRESS, self._broker)


def number(message: Message) -> Number:
    """Which message it is."""
    key, n = message.text().split()[:2]
    return Number(key, int(n))
