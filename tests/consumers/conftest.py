"""A broker, and a consumer that runs on it while a test looks on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from consumers import Consumer
from consumers.broker import Broker, Outgoing
from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER, Arrival, unwrap
from consumers.message import Message
from consumers.properties import Headers
from consumers.stopping import Stop

DEADLINE = 90.0


def until(condition: Callable[[], bool]) -> None:
    """Waits for what must come."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


class Post:
    """One broker, as producers, the office and the test see it. With a consumer at its queue `work`."""

    def __init__(
        self, url: str, queue: str = "work", subscriber: str = "tests", intake: str = INTAKE_QUEUE
    ) -> None:
        self.url = url
        self.queue, self.subscriber, self.intake = queue, subscriber, intake
        self.broker: Broker = connect(url)
        self.return_address = self.broker.declare(queue, subscriber)

    def open_office(self) -> None:
        self.broker.declare(self.intake, INTAKE_SUBSCRIBER)

    def send(self, *bodies: bytes, headers: Headers | None = None, queue: str | None = None) -> list[Message]:
        messages = [self.broker.message(body, headers, message_id=str(uuid4())) for body in bodies]
        answers = self.broker.publish([Outgoing(queue or self.queue, message) for message in messages])
        assert {answer.value for answer in answers} == {"confirmed"}
        return messages

    def at_office(self, count: int) -> list[Arrival]:
        """The next so many arrivals at the office, acknowledged."""
        arrivals: list[Arrival] = []

        def enough() -> bool:
            deliveries = intake.receive(count - len(arrivals), 0.2)
            arrivals.extend(unwrap(delivery.message) for delivery in deliveries)
            intake.acknowledge(deliveries)
            return len(arrivals) == count

        with self.broker.subscribe(self.intake, INTAKE_SUBSCRIBER) as intake:
            until(enough)
        return arrivals

    def unsettled(self) -> int:
        """Messages of the queue that nobody has acknowledged."""
        figures = self.broker.measure(self.queue, self.subscriber)
        return (figures.ready or 0) + (figures.unacknowledged or 0)

    @contextmanager
    def running(
        self, consumer: Consumer, *, url: str | None = None, batch: int = 100, database: str | None = None
    ) -> Iterator[Stop]:
        """The consumer at work in a thread, asked to leave at the end."""
        stop = Stop()
        options = {"batch": batch, "intake": self.intake, "stop": stop, "database": database}
        thread = threading.Thread(target=consumer.run, args=(url or self.url,), kwargs=options)
        thread.start()
        try:
            yield stop
        finally:
            stop.request()
            thread.join(DEADLINE)
            assert not thread.is_alive()


@pytest.fixture(params=["memory", "valkey"])
def broker_url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return f"memory://{uuid4()}"
    url: str = request.getfixturevalue("valkey_url")
    return url


@pytest.fixture
def post(broker_url: str) -> Iterator[Post]:
    """A broker with the queue and with the office's."""
    post = Post(broker_url)
    post.open_office()
    yield post
    post.broker.close()
