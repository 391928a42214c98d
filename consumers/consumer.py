"""Declaring what processes which queue, and running it."""

from collections.abc import Callable
from typing import TypeVar

from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE
from consumers.failure import Kind
from consumers.handling import DELIVERIES, Function, Handler, OrderingKey
from consumers.loop import consume
from consumers.stopping import Stop

Declared = TypeVar("Declared", bound=Function)

BATCH = 100


class Consumer:
    """A service's handlers, each at its queue. One process of it handles one message at a time, always in the
    same thread; for more at a time, run more processes."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = []

    @property
    def ordered(self) -> bool:
        """Whether one of its queues is ordered by a key."""
        return any(handler.ordering_key for handler in self.handlers)

    def handles(
        self,
        queue: str,
        *,
        subscriber: str,
        attempts: int = 1,
        transient: tuple[type[Exception], ...] = (),
        permanent: tuple[type[Exception], ...] = (),
        ordering_key: OrderingKey | None = None,
        deliveries: int = DELIVERIES,
    ) -> Callable[[Declared], Declared]:
        """Declares a function to process the messages of a queue. It may be declared for several queues.

        A message for which it returns is done; one for which it raises any Exception goes to the office, and
        the next one follows at once. `subscriber` names the service: each one gets every message.

        `attempts`: how often in all a message is tried at once, while the error is one of `transient`, a
        TimeoutError or a ConnectionError. After that the office tries again later. Any other error goes to
        the office at once, and one of `permanent` goes on to a person. Of an error's classes the nearest that
        is named decides. RetryLater and CannotBeRepaired, raised by the function, say it themselves.

        `ordering_key` tells the business key of a message, or None. From the moment a message of a key fails,
        no later one of that key is handled before it is resolved or discarded; they wait in the office's
        database and follow first in, first out. It asks that messages have ids, and that one process at a
        time handles a key.

        A message that was delivered more often than `deliveries` and never came through may be what brings
        its process down: it goes to the office without being handled again.

        Raises ValueError for fewer than one attempt or delivery, and where this subscriber has the queue
        already.
        """
        if attempts < 1 or deliveries < 1:
            raise ValueError("attempts and deliveries include the first one: they must be at least 1.")
        if any((queue, subscriber) == (other.queue, other.subscriber) for other in self.handlers):
            raise ValueError(f"{subscriber} reads {queue} already; two handlers would share its messages.")
        kinds: dict[type[BaseException], Kind] = {
            **dict.fromkeys(transient, Kind.TRANSIENT),
            **dict.fromkeys(permanent, Kind.PERMANENT),
        }

        def declared(function: Declared) -> Declared:
            handler = Handler(queue, subscriber, function, attempts, kinds, ordering_key, deliveries)
            self.handlers.append(handler)
            return function

        return declared

    def run(
        self,
        broker: str,
        *,
        database: str | None = None,
        intake: str = INTAKE_QUEUE,
        batch: int = BATCH,
        stop: Stop | None = None,
    ) -> None:
        """Reads the queues on the broker at this URL until `stop` is requested. `batch` messages of a queue
        are taken at a time; while they are handled, those before them are settled, and as many more are on
        their way. Failures and receipts go to the queue `intake`, which is the office's to make: while it is
        not there, the consumer waits. Raises ValueError for a URL of no known broker.

        A queue with an ordering key needs the URL of the office's `database`: its gates are there."""
        if self.ordered and not database:
            raise ValueError(
                "A queue is ordered by a key, but no database is given: its gates are kept there."
            )
        broker_there, leave = connect(broker), stop or Stop()
        consume(self.handlers, broker_there, intake=intake, batch=batch, stop=leave, database=database)
