"""The messages of the benchmarks: 1 KiB of body, a dozen headers, and where they failed a traceback of
1.5 KiB."""

from collections.abc import Iterator
from itertools import islice
from uuid import uuid4

from consumers.broker import Broker, Confirmation, Outgoing
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER, Delegated
from consumers.failure import Failure
from consumers.message import Message

QUEUE, SUBSCRIBER = "trades", "placement"
HANDLER = "placement.place"
KEYS = 1_000
_FILLING = "x" * 900
_FRAME = '  File "/srv/placement/handlers.py", line 41, in place\n    shares = int(trade["shares"])\n'
TRACEBACK = f"Traceback (most recent call last):\n{_FRAME * 16}ValueError: no whole number\n"
PIPELINE = 2_000


def messages(broker: Broker, count: int) -> Iterator[Message]:
    """Trades with a quantity that no consumer takes, and that a rule mends."""
    for number in range(count):
        key = number % KEYS
        body = b'{"account":"%06d","side":"BUY","symbol":"AAPL","shares":"8756 SHARES","note":"%b"}' % (
            key,
            _FILLING.encode(),
        )
        headers = {f"x-header-{place}": f"value of header {place}" for place in range(11)}
        yield broker.message(body, headers | {"account": f"{key:06d}"}, message_id=str(uuid4()))


def failed(broker: Broker, count: int, return_address: str) -> Iterator[Message]:
    """The same, delegated."""
    for message in messages(broker, count):
        failure = Failure(
            error_type="ValueError",
            text="no whole number: 8756 SHARES",
            handler=HANDLER,
            traceback=TRACEBACK,
            top_frame="placement.handlers.place",
        )
        yield Delegated(message, failure, QUEUE, SUBSCRIBER, return_address).wrapped(broker)


def put(broker: Broker, queue: str, all_messages: Iterator[Message]) -> None:
    """Publishes them all, confirmed."""
    outgoing = (Outgoing(queue, message) for message in all_messages)
    while portion := list(islice(outgoing, PIPELINE)):
        answers = broker.publish(portion)
        assert all(answer is Confirmation.CONFIRMED for answer in answers)


def put_failed(broker: Broker, count: int) -> None:
    """Fills the intake queue."""
    broker.declare(INTAKE_QUEUE, INTAKE_SUBSCRIBER)
    put(broker, INTAKE_QUEUE, failed(broker, count, broker.declare(QUEUE, SUBSCRIBER)))
