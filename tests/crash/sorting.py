"""The consumer of crash tests, of a queue in order and one without: it fails for what is broken, and writes
everything else to the sink."""

import os
from pathlib import Path
from time import sleep

from consumers import Consumer, Message, RetryLater
from consumers.message import ATTEMPT
from tests.crash import BOOKED_QUEUE, ORDERED_QUEUE, QUEUE, SUBSCRIBER, redelivery
from tests.crash.booking import Booking
from tests.crash.letters import Kind, Letter
from tests.crash.sink import Sink

consumer = Consumer()
sink = Sink(Path(os.environ["CRASH_SINK"]))
booking = Booking(os.environ["DATABASE_URL"])
work = float(os.environ.get("CRASH_WORK", "0"))
"""Seconds that the handler takes: the more, the more often it is killed in the middle of its work."""


class Broken(Exception):
    """The letter is broken."""


@consumer.handles(
    ORDERED_QUEUE, subscriber=SUBSCRIBER, ordering_key=lambda message: Letter.read(message.body).key
)
@consumer.handles(QUEUE, subscriber=SUBSCRIBER)
def sort(message: Message) -> None:
    """Takes a letter. Raises Broken, and RetryLater for what passes."""
    sink.take(message, redelivered=opened(message))


@consumer.handles(BOOKED_QUEUE, subscriber=SUBSCRIBER)
def book(message: Message) -> None:
    """The same, with an effect that goes through the inbox."""
    booking.take(message, redelivered=opened(message))


def opened(message: Message) -> bool:
    """Whether the letter in it was delivered before. Raises what the letter is to fail with."""
    letter = Letter.read(message.body)
    sleep(work)
    if letter.broken:
        raise Broken(f"of the kind {letter.kind}")
    if letter.kind is Kind.PASSING and not message.headers.get(ATTEMPT):
        raise RetryLater("not yet", after=0.1)
    redelivered = redelivery.of(message)
    if letter.kind is Kind.SHAKY and redelivered:
        raise RetryLater("not again", after=0.1)
    return redelivered
