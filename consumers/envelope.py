"""What travels on the intake queue: delegated failures and receipts, in and out of messages.

A delegated failure is a message whose body is the failed message's own body, untouched, and whose headers
carry the failure (`dlo-failure`, JSON), the failed message's properties (`dlo-properties`, their own bytes)
and the format of those (`dlo-format`). Nothing of the original is re-encoded, and none of its properties act
on the intake queue: an expiration there would lose it.

Where the two do not fit in the broker's room for headers, they stand in front of the body instead and
`dlo-front` gives their two lengths. A receipt has an empty body and `dlo-receipt`, JSON.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import orjson

from consumers.broker import Broker
from consumers.brokers import properties as stored_properties
from consumers.errors import MalformedEnvelope, OfficeError
from consumers.failure import Failure
from consumers.message import ATTEMPT, DEAD_LETTER, REQUEUE, Message
from consumers.properties import HeaderValue

INTAKE_QUEUE = "dlo.intake"
INTAKE_SUBSCRIBER = "office"

_FAILURE, _PROPERTIES, _FORMAT = "dlo-failure", "dlo-properties", "dlo-format"
_FRONT, _RECEIPT = "dlo-front", "dlo-receipt"


@dataclass(frozen=True, slots=True)
class Delegated:
    """A failed message on its way to the office."""

    message: Message
    failure: Failure
    queue: str
    """The queue it was read from."""
    subscriber: str
    """Who read it."""
    return_address: str
    """Where a requeue reaches that subscriber alone."""
    ordering_key: str | None = None
    redelivered: bool = False
    """The broker had delivered it before: it may have been processed then, though it failed now."""

    def wrapped(self, broker: Broker) -> Message:
        """This, as a message for the intake queue."""
        record = orjson.dumps(
            {
                "failure": self.failure.as_record(),
                "queue": self.queue,
                "subscriber": self.subscriber,
                "return_address": self.return_address,
                "ordering_key": self.ordering_key,
                "redelivered": self.redelivered,
            }
        )
        original = self.message.properties
        headers: dict[str, HeaderValue] = {_FORMAT: original.format}
        room = broker.properties.room
        if room is not None and len(record) + len(original.raw) > room:
            headers[_FRONT] = f"{len(record)} {len(original.raw)}"
            return broker.message(record + original.raw + self.message.body, headers)
        return broker.message(self.message.body, headers | {_FAILURE: record, _PROPERTIES: original.raw})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message was read."""

    queue: str
    subscriber: str
    return_address: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A consumer's word on a requeued message: processed."""

    dead_letter: UUID
    attempt: int
    requeue_id: UUID
    processed_at: datetime
    host: str
    place: Place | None = None
    """None from a consumer of an earlier version."""

    @classmethod
    def of(cls, message: Message, processed_at: datetime, host: str, place: Place) -> Self | None:
        """The receipt that a processed message asks for, or None where it was never with the office."""
        headers = message.headers
        if DEAD_LETTER not in headers:
            return None
        dead_letter, attempt, requeue = (str(headers.get(name)) for name in (DEAD_LETTER, ATTEMPT, REQUEUE))
        return cls(UUID(dead_letter), int(attempt), UUID(requeue), processed_at, host, place)

    def wrapped(self, broker: Broker) -> Message:
        """This, as a message for the intake queue."""
        return broker.message(b"", {_RECEIPT: orjson.dumps(asdict(self))})


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message on the intake queue that no consumer of ours put there."""

    message: Message


Arrival = Delegated | Receipt | Foreign


def unwrap(message: Message) -> Arrival:
    """What a message on the intake queue is. Raises MalformedEnvelope where it has our headers and cannot be
    read as what they announce."""
    try:
        headers = message.headers
        if _RECEIPT in headers:
            return _receipt(headers[_RECEIPT])
        if _FRONT in headers:
            record, original = (int(length) for length in str(headers[_FRONT]).split())
            body = memoryview(message.body)
            if min(record, original) < 0 or record + original > len(body):
                raise ValueError("What is to stand in front of the body is not there.")
            properties = bytes(body[record : record + original])
            return _delegated(
                bytes(body[:record]), str(headers[_FORMAT]), properties, bytes(body[record + original :])
            )
        if _FAILURE in headers:
            properties = _bytes(headers[_PROPERTIES])
            return _delegated(_bytes(headers[_FAILURE]), str(headers[_FORMAT]), properties, message.body)
    except (ValueError, KeyError, TypeError, AttributeError, OfficeError) as error:
        raise MalformedEnvelope(
            f"Our headers are there but cannot be read: {type(error).__name__}."
        ) from error
    return Foreign(message)


def _delegated(record: bytes, format: str, properties: bytes, body: bytes) -> Delegated:
    told: dict[str, Any] = orjson.loads(record)
    place, key = _place(told), told["ordering_key"]
    return Delegated(
        message=Message(body, stored_properties(format, properties)),
        failure=Failure.from_record(told["failure"]),
        queue=place.queue,
        subscriber=place.subscriber,
        return_address=place.return_address,
        ordering_key=None if key is None else _text(key),
        redelivered=bool(told.get("redelivered")),  # a consumer of an earlier version does not say
    )


def _receipt(value: HeaderValue) -> Receipt:
    told: dict[str, Any] = orjson.loads(_bytes(value))
    attempt = told["attempt"]
    if type(attempt) is not int or not 0 <= attempt < 1 << 31:
        raise ValueError("The number of the requeue is none.")
    return Receipt(
        dead_letter=UUID(_text(told["dead_letter"])),
        attempt=attempt,
        requeue_id=UUID(_text(told["requeue_id"])),
        processed_at=datetime.fromisoformat(told["processed_at"]),
        host=_text(told["host"]),
        place=None if told.get("place") is None else _place(told["place"]),
    )


def _place(told: dict[str, Any]) -> Place:
    return Place(*(_text(told[name]) for name in ("queue", "subscriber", "return_address")))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _bytes(value: HeaderValue) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise TypeError(type(value).__name__)
