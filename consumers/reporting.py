"""What the office is told of a handled message: a failure, a receipt, or nothing."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from socket import gethostname

from consumers.broker import Broker, Delivery
from consumers.envelope import Delegated, Place, Receipt
from consumers.errors import OfficeError
from consumers.failure import Failure, Kind
from consumers.handling import Handler
from consumers.logs import told
from consumers.message import DEAD_LETTER, Message

log = logging.getLogger(__name__)

_RETURNED = DEAD_LETTER.encode()


def delegation(
    delivery: Delivery, failure: Failure, handler: Handler, return_address: str, broker: Broker
) -> Message:
    """The failed message, handed to the office."""
    message = delivery.message
    return Delegated(
        message=message,
        failure=failure,
        queue=handler.queue,
        subscriber=handler.subscriber,
        return_address=return_address,
        ordering_key=handler.key_of(message),
        redelivered=delivery.redelivered,
    ).wrapped(broker)


def note(failed: Sequence[tuple[Delivery, Failure]], handler: Handler) -> None:
    """Says in the log what is handed over: a line for all that failed alike, which names the first of them.
    A line for each would take longer than all else that is done for it; the office has each."""
    alike: dict[tuple[str, Kind], list[tuple[Delivery, Failure]]] = {}
    for delivery, failure in failed:
        alike.setdefault((failure.error_type, failure.kind), []).append((delivery, failure))
    for (error, kind), all_of_them in alike.items():
        delivery, failure = all_of_them[0]
        log.warning(
            told(
                "delegating",
                queue=handler.queue,
                handler=handler.name,
                error=error,
                kind=kind,
                count=len(all_of_them),
                message=_identity(delivery.message),
                tries=failure.tries,
                failure=failure.failure_id,
            )
        )


def receipt(message: Message, place: Place, broker: Broker) -> Message | None:
    """The word on a processed message that the office had sent, or None where it had not."""
    if not message.properties.mentions(_RETURNED):  # as almost none does
        return None
    try:
        found = Receipt.of(message, datetime.now(UTC), gethostname(), place)
        return found.wrapped(broker) if found else None
    except (ValueError, TypeError, OfficeError):  # headers in our name that are not ours
        log.warning(told("no-receipt", reason="the dlo- headers cannot be read", message=_identity(message)))
        return None


def _identity(message: Message) -> str:
    try:
        return message.identity
    except OfficeError:  # properties that nobody can read; the log line goes out all the same
        return "unreadable"
