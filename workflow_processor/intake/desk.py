"""The intake's pipeline: receive → read → store → acknowledge → hand on."""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

import psycopg
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection

from consumers.broker import Broker, Delivery, Subscription
from consumers.database import complaint
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER, Receipt
from consumers.errors import BrokerUnavailable
from consumers.logs import told
from consumers.patience import Patience
from consumers.stopping import Stop
from workflow_processor.intake.arrivals import Arrived, read, without_record
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.storing import store
from workflow_processor.intake.tray import HandOn, Tray

log = logging.getLogger(__name__)


class Desk:
    """Takes failed messages and receipts in until it is asked to stop."""

    def __init__(
        self, broker: Broker, hand_on: HandOn, stop: Stop, *, batch: int = 500, wait: float = 0.5
    ) -> None:
        """`batch`: the most messages stored in one transaction; `wait`: seconds to wait for the first."""
        self._broker = broker
        self._tray = Tray(hand_on, batch)
        self._stop = stop
        self._batch = batch
        self._wait = wait
        self._known = Catalogue()

    def run(self, idle: Callable[[str], None]) -> None:
        """Works until stopped. Calls `idle` after every batch and every wait, with what is missing or ""."""
        broker_back = Patience("broker", self._stop)
        while not self._stop.requested:
            try:
                with self._broker.subscribe(
                    INTAKE_QUEUE, INTAKE_SUBSCRIBER, prefetch=2 * self._batch
                ) as queue:
                    broker_back.over()
                    while not self._stop.requested:
                        self.take(queue)
                        idle("")
            except BrokerUnavailable as error:
                idle("the broker is away")
                self._tray.pass_on(now=True)
                broker_back.wait(str(error))
        self._tray.pass_on(now=True)

    def take(self, queue: Subscription) -> int:
        """Takes one batch in; gives how many messages it was."""
        deliveries = queue.receive(self._batch, self._tray.patience(self._wait))
        if deliveries:
            if len(deliveries) == self._batch:  # there may be more
                queue.look_ahead(self._batch)
            letters = self._stored(deliveries, queue)
            if letters is None:
                return 0
            queue.acknowledge(deliveries)
            self._tray.put(letters)
        self._tray.pass_on()
        return len(deliveries)

    def _stored(self, deliveries: Sequence[Delivery], queue: Subscription) -> list[UUID] | None:
        """The batch, committed; or None where it was asked to stop while the database was away."""
        batch = [read(delivery.message) for delivery in deliveries]
        database_back = Patience("database", self._stop)
        while not self._stop.requested or not database_back.waited:
            try:
                letters = self._store(batch)
            except (OperationalError, InterfaceError) as error:
                connection.close()
                database_back.wait(_why(error), lambda: queue.keep(deliveries))
            else:
                database_back.over()
                return letters
        return None

    def _store(self, batch: Sequence[Arrived | Receipt]) -> list[UUID]:
        receipts = [arrival for arrival in batch if isinstance(arrival, Receipt)]
        failed = [arrival for arrival in batch if isinstance(arrival, Arrived)]
        try:
            return store(failed, receipts, self._known)
        except IntegrityError:
            # Another intake has just stored the same failure, delivered twice: the next look finds it there.
            log.info(told("stored-elsewhere", messages=len(batch)))
            self._known = Catalogue()
            return self._one_by_one(batch) if len(batch) > 1 else store(failed, receipts, self._known)
        except DataError as error:
            log.error(told("unstorable", messages=len(batch), error=type(error).__name__))
            if len(batch) > 1:
                return self._one_by_one(batch)
            return store(
                [without_record(arrived, type(error).__name__) for arrived in failed], [], self._known
            )

    def _one_by_one(self, batch: Sequence[Arrived | Receipt]) -> list[UUID]:
        return [letter for arrival in batch for letter in self._store([arrival])]


def _why(error: OperationalError | InterfaceError) -> str:
    """Why the database cannot be used; nothing of what was to be stored there."""
    cause = error.__cause__
    return complaint(cause) if isinstance(cause, psycopg.Error) else type(error).__name__
