"""The advisors, who send orders and see to it that each one is on its queue."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice

from consumers.broker import Broker, Confirmation, Outgoing
from consumers.errors import BrokerUnavailable
from consumers.message import Message
from consumers.patience import Patience
from consumers.properties import HeaderValue
from consumers.stopping import Stop
from consumers.trading import QUEUE, SUBSCRIBER, faults
from consumers.trading.trades import Order, Way

Outages = Mapping[Way | None, tuple[str, timedelta]]
"""The ways to fail that are the world's: the fault that is played, and how long after the order was sent."""

AT_ONCE = 500
"""The most orders in one publish."""
TICK = 0.05
"""The least seconds between two."""


class Advisors:
    """Send orders until they are asked to leave; wait for a broker that is away.

    An order is published again under the same message id until it is confirmed, so one whose confirmation was
    lost may be on the queue twice."""

    def __init__(self, broker: Broker, stop: Stop, outages: Outages) -> None:
        self._broker = broker
        self._stop = stop
        self._outages = outages
        self._patience = Patience("broker", stop)

    def send(self, orders: Iterable[Order], rate: float) -> int:
        """Sends so many a second, or as fast as the broker confirms for a rate of 0. Gives how many it
        confirmed."""
        confirmed = 0
        orders = iter(orders)
        for due in self._pace(rate):
            batch = [self._message(order) for order in islice(orders, due)]
            if due and not batch:
                break
            confirmed += self._publish(batch)
        return confirmed

    def _pace(self, rate: float) -> Iterator[int]:
        """How many orders to send now. What was missed in an outage is not made up for."""
        owed, then = 1.0, time.monotonic()
        while not self._stop.requested:
            yield int(owed) if rate else AT_ONCE
            if rate:
                owed -= int(owed)
                self._stop.sleep(max(TICK, (1 - owed) / rate))
                then, passed = time.monotonic(), time.monotonic() - then
                owed = min(owed + passed * rate, max(rate, 1), AT_ONCE)

    def _publish(self, messages: list[Message]) -> int:
        """Publishes these until all are confirmed, or leaving is asked for. Gives how many are."""
        left = messages
        while left and not self._stop.requested:
            try:
                self._broker.declare(QUEUE, SUBSCRIBER)
                answers = self._broker.publish([Outgoing(QUEUE, message) for message in left])
            except BrokerUnavailable as error:
                self._patience.wait(str(error))
                continue
            told = zip(left, answers, strict=True)
            left = [message for message, answer in told if answer is not Confirmation.CONFIRMED]
            if left:
                self._broker.close()
                self._patience.wait(f"{QUEUE} did not confirm")
            else:
                self._patience.over()
        return len(messages) - len(left)

    def _message(self, order: Order) -> Message:
        now = datetime.now(UTC)
        headers: dict[str, HeaderValue] = {
            "advisor": order.advisor,
            "desk": order.desk,
            "sent-at": now.isoformat(),
        }
        if order.way in self._outages:
            fault, lasts = self._outages[order.way]
            headers[faults.HEADER] = faults.header(fault, now + lasts)
        return self._broker.message(
            order.body,
            headers,
            message_id=order.message_id,
            correlation_id=order.basket,
            content_type=order.content_type,
            type="order",
        )
