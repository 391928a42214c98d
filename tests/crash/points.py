"""The crash points: where each process can be made to kill itself. Functions of the office are wrapped from
outside; nothing in the office knows of it.

Where a broker is spoken to, the wrapped functions are those of the Broker port, which every adapter has. One
point alone needs to know the adapter: between a publish and the first confirmation.
"""

from collections.abc import Callable, Sequence
from typing import Any

from consumers.broker import Broker, Delivery, Outgoing, Subscription
from consumers.envelope import Delegated, unwrap
from consumers.handling import Handler
from consumers.message import DEAD_LETTER, Message
from tests.crash.strikes import Strikes
from tests.crash.wrapping import after, around, before

CONSUMER = (
    "consumer.received",
    "consumer.handler-failed",
    "consumer.delegate-sent",
    "consumer.delegate-confirmed",
    "consumer.acknowledged",
    "consumer.effect",
    "consumer.effect-without-receipt",
    "consumer.gate-closed",
    "consumer.held",
)
INTAKE = (
    "intake.received",
    "intake.inserted",
    "intake.committed",
    "intake.acknowledged",
    "intake.resolve-uncommitted",
    "intake.next-not-released",
)
REPAIR = ("repair.claimed", "repair.decided", "repair.settled")
RELAY = ("relay.try-recorded", "relay.published", "relay.confirmed")
CLERK = ("clerk.edit-uncommitted", "clerk.edit-committed")

POINTS = (*CONSUMER, *INTAKE, *REPAIR, *RELAY, *CLERK)


def consumer(strikes: Strikes) -> None:
    """The crash points of a consumer."""
    _handling(strikes)
    _ordering(strikes)
    _unconfirmed(lambda: strikes.here("consumer.delegate-sent"))
    _delegating(strikes)


def _handling(strikes: Strikes) -> None:
    def handled(failure: object, handler: Handler, message: Message) -> None:
        if failure is not None:
            strikes.here("consumer.handler-failed")
        else:
            returned = DEAD_LETTER in message.headers
            strikes.here("consumer.effect-without-receipt" if returned else "consumer.effect")

    after(Handler, "handle", handled)


def _ordering(strikes: Strikes) -> None:
    from consumers.ordering import Gates

    def settled(_: object, gates: Gates, failed: Sequence[object], held: Sequence[object]) -> None:
        if failed:
            strikes.here("consumer.gate-closed")
        if held:
            strikes.here("consumer.held")

    after(Gates, "settle", settled)


def _delegating(strikes: Strikes) -> None:
    delegated: list[Outgoing] = []

    def sent(_: object, broker: Broker, outgoing: Sequence[Outgoing]) -> None:
        delegated.extend(one for one in outgoing if isinstance(unwrap(one.message), Delegated))

    def acknowledging(_: Subscription, deliveries: Sequence[Delivery]) -> None:
        if delegated:
            strikes.here("consumer.delegate-confirmed")

    def acknowledged(_: object, queue: Subscription, deliveries: Sequence[Delivery]) -> None:
        if delegated:
            delegated.clear()
            strikes.here("consumer.acknowledged")

    for broker in Broker.__subclasses__():
        after(broker, "send", sent)
    for queue in Subscription.__subclasses__():
        after(queue, "receive", _if_any(lambda: strikes.here("consumer.received")))
        before(queue, "acknowledge", acknowledging)
        after(queue, "acknowledge", acknowledged)


def intake(strikes: Strikes) -> None:
    """The crash points of the intake."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from workflow_processor import ordering
    from workflow_processor.intake import desk

    storing: list[str] = []

    def stored(original: Callable[..., Any]) -> Callable[..., Any]:
        def store(failed: Sequence[Any], receipts: Sequence[Any], *rest: Any) -> Any:
            storing[:] = [
                *(["intake.inserted"] if failed else []),
                *(["intake.resolve-uncommitted"] if receipts else []),
            ]
            try:
                return original(failed, receipts, *rest)
            finally:
                storing.clear()

        return store

    def committing(_: object) -> None:
        for point in storing:
            strikes.here(point)

    before(ordering, "advance", _if_any(lambda: strikes.here("intake.next-not-released")))
    around(desk, "store", stored)
    before(BaseDatabaseWrapper, "commit", committing)
    for queue in Subscription.__subclasses__():
        after(queue, "receive", _if_any(lambda: strikes.here("intake.received")))
        before(queue, "acknowledge", lambda *_: strikes.here("intake.committed"))
        after(queue, "acknowledge", lambda *_: strikes.here("intake.acknowledged"))


def worker(strikes: Strikes) -> None:
    """The crash points of a Celery worker: those of repair and those of the relay."""
    from workflow_processor import lifecycle, outbox
    from workflow_processor.relay import Relay
    from workflow_processor.repair import pipeline

    if_settled = _if_any(lambda: strikes.here("repair.settled"))
    if_tried = _if_any(lambda: strikes.here("relay.try-recorded"))
    after(lifecycle, "claim", _if_any(lambda: strikes.here("repair.claimed")))
    before(pipeline, "carry_out", _if_any(lambda: strikes.here("repair.decided")))
    after(pipeline, "carry_out", lambda settled, *_: if_settled(settled.claims))
    before(Relay, "send", lambda _, entries, *__: if_tried(entries))
    _unconfirmed(lambda: strikes.here("relay.published"))
    before(outbox, "sent", lambda entries: strikes.here("relay.confirmed"))


def clerk(strikes: Strikes) -> None:
    """The crash points of a person's act."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from workflow_processor import acts

    editing: list[bool] = []

    def edited(original: Callable[..., Any]) -> Callable[..., Any]:
        def edit(*args: Any, **named: Any) -> Any:
            editing.append(True)
            try:
                return original(*args, **named)
            finally:
                editing.clear()

        return edit

    around(acts, "edit", edited)

    def committing(_: object) -> None:
        if editing:
            strikes.here("clerk.edit-uncommitted")

    def committed(*_: object) -> None:
        if editing:
            strikes.here("clerk.edit-committed")

    before(BaseDatabaseWrapper, "commit", committing)
    after(BaseDatabaseWrapper, "commit", committed)


INSTALLED: dict[str, Callable[[Strikes], None]] = {
    "consumer": consumer,
    "intake": intake,
    "worker": worker,
    "clerk": clerk,
}


def process_of(point: str) -> str:
    """The program that passes the point."""
    part = point.partition(".")[0]
    return {"repair": "worker", "relay": "worker"}.get(part, part)


def _unconfirmed(strike: Callable[[], None]) -> None:
    """At a confirmation that has arrived and of which nobody knows yet: the broker has the message."""
    from consumers.brokers import rabbitmq_batch, valkey_publishing

    before(valkey_publishing, "_confirmation", lambda *_: strike())
    before(rabbitmq_batch.Batch, "confirm", lambda *_: strike())


def _if_any(strike: Callable[[], None]) -> Callable[..., None]:
    """Strikes where the first that is given, a result or an argument, is not empty."""

    def then(first: Any, *_: Any, **__: Any) -> None:
        if first:
            strike()

    return then
