"""Queues in the memory of this process, for tests and for trying things out: gone when the process ends.

`memory://name` is one broker for everybody in the process who names it. Like RabbitMQ's, a queue has one
content that its subscribers share, and a return address is the queue itself.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Condition
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

from consumers.broker import Broker, Confirmation, Delivery, Outgoing, QueueFigures, Subscription
from consumers.errors import QueueMissing
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.properties import Properties


@dataclass(order=True, slots=True)
class _Entry:
    position: int
    message: Message = field(compare=False)
    entered: float = field(compare=False, default_factory=monotonic)
    deliveries: int = field(compare=False, default=0)


@dataclass(slots=True)
class _Queue:
    ready: list[_Entry] = field(default_factory=list)
    """A heap, so that what is given back stands again where it stood."""
    unacknowledged: dict[int, _Entry] = field(default_factory=dict)
    consumers: int = 0
    entered: int = 0
    left: int = 0


@dataclass(slots=True)
class _Server:
    queues: dict[str, _Queue] = field(default_factory=dict)
    positions: "count[int]" = field(default_factory=count)
    changed: Condition = field(default_factory=Condition)
    """Guards all of it; notified when a message becomes ready."""


_servers: defaultdict[str, _Server] = defaultdict(_Server)


class MemorySubscription(Subscription):
    """Reads one queue in memory."""

    def __init__(self, server: _Server, queue: str, prefetch: int) -> None:
        self.return_address = queue
        self._server = server
        self._queue = server.queues[queue]
        self._prefetch = prefetch
        self._held: set[int] = set()
        self._closed = False
        with server.changed:
            self._queue.consumers += 1

    def receive(self, limit: int, wait: float) -> list[Delivery]:
        limit = min(limit, self._prefetch - len(self._held))
        with self._server.changed:
            self._server.changed.wait_for(lambda: self._queue.ready and limit > 0, timeout=wait)
            return [self._deliver() for _ in range(min(limit, len(self._queue.ready)))]

    def _deliver(self) -> Delivery:
        entry = heapq.heappop(self._queue.ready)
        before = entry.deliveries
        delivery = Delivery(entry.message, self.return_address, before > 0, entry.position, before + 1)
        entry.deliveries += 1
        self._queue.unacknowledged[entry.position] = entry
        self._held.add(entry.position)
        return delivery

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        with self._server.changed:
            self._queue.left += len(self._settled(delivery.token for delivery in deliveries))

    def keep(self, deliveries: Sequence[Delivery]) -> None:
        """Nothing to do: only closing takes a delivery away."""

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with self._server.changed:
            for entry in self._settled(list(self._held)):
                heapq.heappush(self._queue.ready, entry)
            self._queue.consumers -= 1
            self._server.changed.notify_all()

    def _settled(self, positions: Iterable[int]) -> list[_Entry]:
        """The entries at these positions that this subscription still held, taken out of its hands."""
        held = [position for position in positions if position in self._held]
        self._held.difference_update(held)
        return [self._queue.unacknowledged.pop(position) for position in held]


class Memory(Broker):
    """The queues of `memory://name`."""

    properties: ClassVar[type[Properties]] = FieldProperties

    def __init__(self, url: str) -> None:
        self._server = _servers[urlsplit(url).netloc]
        self._subscriptions: list[MemorySubscription] = []

    def declare(self, queue: str, subscriber: str) -> str:  # noqa: ARG002 - they share the queue
        with self._server.changed:
            self._server.queues.setdefault(queue, _Queue())
        return queue

    def subscribe(
        self,
        queue: str,
        subscriber: str,
        *,
        prefetch: int = 500,
        in_order: bool = False,  # noqa: ARG002
    ) -> MemorySubscription:
        self.declare(queue, subscriber)
        subscription = MemorySubscription(self._server, queue, prefetch)
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, outgoing: Sequence[Outgoing]) -> list[Confirmation]:
        with self._server.changed:
            confirmations = [self._put(one) for one in outgoing]
            self._server.changed.notify_all()
        return confirmations

    def _put(self, outgoing: Outgoing) -> Confirmation:
        queue = self._server.queues.get(outgoing.queue)
        if queue is None:
            return Confirmation.UNROUTABLE
        heapq.heappush(queue.ready, _Entry(next(self._server.positions), outgoing.message))
        queue.entered += 1
        return Confirmation.CONFIRMED

    def measure(self, queue: str, subscriber: str) -> QueueFigures:  # noqa: ARG002
        with self._server.changed:
            if queue not in self._server.queues:
                raise QueueMissing(f"There is no queue {queue} in memory; declare it first.")
            found = self._server.queues[queue]
            oldest = min([*found.ready[:1], *found.unacknowledged.values()], default=None)
            return QueueFigures(
                ready=len(found.ready),
                unacknowledged=len(found.unacknowledged),
                consumers=found.consumers,
                oldest_seconds=None if oldest is None else monotonic() - oldest.entered,
                entered=found.entered,
                left=found.left,
            )

    def close(self) -> None:
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()
