"""What would lose messages, put into the processes from outside: each has to turn the checker red. A checker
that stays green with these checks nothing."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from consumers.broker import Answers, Broker, Confirmation, Delivery, Outgoing, Subscription
from tests.crash.strikes import Strikes
from tests.crash.wrapping import around

ACKNOWLEDGES_FIRST = "acknowledges-first"
"""Acknowledges what it receives before anything is done with it."""
CONFIRMS_OFF = "confirms-off"
"""Takes for confirmed what is in a buffer, to be sent by and by: so a client publishes without confirms."""
MANDATORY_OFF = "mandatory-off"
"""Takes for confirmed what no queue was there for."""
MARKS_OFF = "marks-off"
"""Sends a requeue that may have been sent before without saying so."""

TWO_AT_ONCE = "two-at-once"
"""Lets go of two held messages where one is to be followed by its receipt."""

Original = Callable[..., Any]


def name(program: str, how: str) -> str:
    """What this sabotage of this program is switched by."""
    return f"{program}.{how}"


def install(program: str, strikes: Strikes) -> None:
    """Prepares all of them; each is on while a test says so."""

    def on(how: str) -> Callable[[], bool]:
        return lambda: strikes.misbehaving(name(program, how))

    for queue in Subscription.__subclasses__():
        _acknowledges_first(queue, on(ACKNOWLEDGES_FIRST))
    for broker in Broker.__subclasses__():
        _confirms_off(broker, on(CONFIRMS_OFF))
        around(broker, "publish", _mandatory_off(on(MANDATORY_OFF)))
        around(broker, "send", _as_it_publishes(on(CONFIRMS_OFF), on(MANDATORY_OFF)))
    if program == "worker":
        _marks_off(on(MARKS_OFF))
    if program == "intake":
        _two_at_once(on(TWO_AT_ONCE))


def _acknowledges_first(queue: type[Subscription], on: Callable[[], bool]) -> None:
    acknowledge = queue.acknowledge
    done: set[int] = set()
    kept: list[Delivery] = []

    def receiving(original: Original) -> Original:
        def receive(self: Subscription, limit: int, wait: float) -> list[Delivery]:
            deliveries: list[Delivery] = original(self, limit, wait)
            if on() and deliveries:
                acknowledge(self, deliveries)
                kept.extend(deliveries)
                done.update(map(id, deliveries))
            return deliveries

        return receive

    def settling(original: Original) -> Original:
        def settle(self: Subscription, deliveries: Sequence[Delivery]) -> None:
            if left := [delivery for delivery in deliveries if id(delivery) not in done]:
                original(self, left)

        return settle

    around(queue, "receive", receiving)
    for verb in ("acknowledge", "keep"):
        around(queue, verb, settling)


def _confirms_off(broker: type[Broker], on: Callable[[], bool]) -> None:
    buffer: list[tuple[Broker, Outgoing]] = []
    acknowledged: list[tuple[Broker, Outgoing]] = []
    """What is sent next. The next batch may be received before the last one is acknowledged."""
    send = broker.publish

    def publishing(original: Original) -> Original:
        def publish(self: Broker, outgoing: Sequence[Outgoing]) -> list[Confirmation]:
            if not on():
                answers: list[Confirmation] = original(self, outgoing)
                return answers
            buffer.extend((self, one) for one in outgoing)
            return [Confirmation.CONFIRMED] * len(outgoing)

        return publish

    def receiving(original: Original) -> Original:
        def receive(self: Subscription, limit: int, wait: float) -> list[Delivery]:
            while acknowledged:
                owner, late = acknowledged.pop(0)
                send(owner, [late])
            deliveries: list[Delivery] = original(self, limit, wait)
            return deliveries

        return receive

    def acknowledging(original: Original) -> Original:
        def acknowledge(self: Subscription, deliveries: Sequence[Delivery]) -> None:
            original(self, deliveries)
            acknowledged.extend(buffer)
            buffer.clear()

        return acknowledge

    around(broker, "publish", publishing)
    for queue in Subscription.__subclasses__():
        around(queue, "receive", receiving)
        around(queue, "acknowledge", acknowledging)


def _mandatory_off(on: Callable[[], bool]) -> Callable[[Original], Original]:
    def publishing(original: Original) -> Original:
        def publish(self: Broker, outgoing: Sequence[Outgoing]) -> list[Confirmation]:
            answers: list[Confirmation] = original(self, outgoing)
            if on():
                unroutable = Confirmation.UNROUTABLE
                return [Confirmation.CONFIRMED if one is unroutable else one for one in answers]
            return answers

        return publish

    return publishing


def _as_it_publishes(*on: Callable[[], bool]) -> Callable[[Original], Original]:
    """A broker that publishes badly sends as badly."""

    def sending(original: Original) -> Original:
        def send(self: Broker, outgoing: Sequence[Outgoing]) -> Answers:
            badly = any(each() for each in on)
            answers: Answers = Broker.send(self, outgoing) if badly else original(self, outgoing)
            return answers

        return send

    return sending


def _marks_off(on: Callable[[], bool]) -> None:
    from workflow_processor.outbox import Entry

    told = Entry.__dict__["marked"].fget
    Entry.marked = property(lambda self: not on() and told(self))  # type: ignore[method-assign, assignment]


def _two_at_once(on: Callable[[], bool]) -> None:
    from workflow_processor import ordering

    def advancing(original: Original) -> Original:
        def advance(ended: Sequence[UUID]) -> list[UUID]:
            heads: list[UUID] = original(ended)
            return heads + original(heads) if on() else heads

        return advance

    around(ordering, "advance", advancing)
