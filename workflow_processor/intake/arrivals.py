"""What came on the intake queue, made fit to be stored: whatever its bytes, it is stored."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from consumers.envelope import INTAKE_QUEUE, Delegated, Foreign, Receipt, unwrap
from consumers.errors import OfficeError
from consumers.failure import Failure
from consumers.identity import attempt, dead_letter, digest, own_id
from consumers.message import DEAD_LETTER, Message
from consumers.properties import Headers
from workflow_processor.storable import NAME_LIMIT, storable

_NAMED = DEAD_LETTER.encode()
NO_HOST = ""
"""Where nobody told which host it failed on; that of the intake would mislead."""
_REASONS = {
    "expired": "it waited longer than its time to live",
    "rejected": "a consumer rejected it",
    "maxlen": "the queue was full",
    "delivery_limit": "it was delivered as often as the queue allows",
}
"""RabbitMQ's reasons of dead-lettering, in words."""


class Arrived(NamedTuple):  # made for each message, in a third of the time of a frozen dataclass
    """A failed message, ready to be stored."""

    delegated: Delegated
    digest: bytes
    """Of source, message id and body (`consumers.identity.digest`)."""
    fingerprint: str
    """Of the failure: its group."""
    message_id_derived: bool
    dead_letter: UUID | None
    """The dead letter it says it belongs to: it is a requeue that failed."""
    attempt: int

    @property
    def message(self) -> Message:
        return self.delegated.message

    @property
    def failure(self) -> Failure:
        return self.delegated.failure

    @property
    def source(self) -> tuple[str, str]:
        return self.delegated.queue, self.delegated.subscriber


def read(message: Message) -> Arrived | Receipt:
    """What a message on the intake queue is. Never raises: what cannot be read is a failed message too."""
    try:
        arrival = unwrap(message)
    except OfficeError as error:
        return arrived(_unreadable(message, str(error)))
    match arrival:
        case Receipt():
            return arrival
        case Foreign():
            return arrived(_foreign(message))
        case Delegated():
            return arrived(arrival)


def arrived(delegated: Delegated) -> Arrived:
    """Reckons what a delegated failure is stored under."""
    message = delegated.message
    # Names stand in every encoding as they are: most messages need not be read to see that this is absent.
    requeue = _NAMED in message.properties.raw
    return Arrived(
        delegated=delegated,
        digest=digest(delegated.queue, delegated.subscriber, message),
        fingerprint=delegated.failure.fingerprint,
        message_id_derived=own_id(message) is None,
        dead_letter=dead_letter(message) if requeue else None,
        attempt=attempt(message) if requeue else 0,
    )


def without_record(arrived: Arrived, reason: str) -> Arrived:
    """The same message and where it belongs, without what its consumer told of the failure: the last resort
    where that cannot be stored."""
    delegated = arrived.delegated
    failure = Failure(
        error_type="Unstorable record",
        text=f"What its consumer reported could not be stored: {reason}.",
        handler="",
        host=NO_HOST,
        failure_id=delegated.failure.failure_id,
    )
    again = replace(
        delegated,
        failure=failure,
        queue=storable(delegated.queue, NAME_LIMIT),
        subscriber=storable(delegated.subscriber, NAME_LIMIT),
        return_address=storable(delegated.return_address, NAME_LIMIT),
        ordering_key=delegated.ordering_key and storable(delegated.ordering_key, NAME_LIMIT),
    )
    return arrived._replace(delegated=again, fingerprint=failure.fingerprint)


def _foreign(message: Message) -> Delegated:
    """A message that a broker dead-lettered, or that somebody put here by hand."""
    headers = _headers(message)
    queue = str(headers.get("x-first-death-queue", ""))
    reason = str(headers.get("x-first-death-reason", ""))
    failure = Failure(
        error_type="Dead-lettered by the broker" if queue else "Not delegated",
        text=_why(reason) if queue else "No consumer reported what failed.",
        handler="",
        host=NO_HOST,
    )
    return Delegated(message, failure, queue or INTAKE_QUEUE, "", return_address=queue)


def _why(reason: str) -> str:
    return f"The broker removed it from its queue: {_REASONS.get(reason, reason)}."


def _unreadable(message: Message, text: str) -> Delegated:
    failure = Failure(error_type="Malformed envelope", text=text, handler="", host=NO_HOST)
    return Delegated(message, failure, INTAKE_QUEUE, "", return_address="")


def _headers(message: Message) -> Headers:
    try:
        return message.headers
    except OfficeError:
        return {}
