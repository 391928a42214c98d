"""Identifiers that sort by the time they were made, and those that are derived."""

import os
import threading
import time
from hashlib import sha256
from uuid import UUID, uuid5

from consumers.errors import OfficeError
from consumers.message import ATTEMPT, DEAD_LETTER, Message

INDEXED = 200
"""Characters of a text that identifies something; of a longer one these and a digest."""


class _Clock:
    """Gives 48 bits of Unix milliseconds and 74 random ones, each number above the one before: within one
    millisecond, too, and where the system's clock goes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest = 0

    def next(self) -> int:
        milliseconds = time.time_ns() // 1_000_000
        random = int.from_bytes(os.urandom(10))
        with self._lock:
            self._latest = max(milliseconds << 74 | random >> 6, self._latest + 1 + (random & _STEP))
            return self._latest


_STEP = (1 << 32) - 1
_clock = _Clock()


def uuid7() -> UUID:
    """A time-ordered identifier, RFC 9562 section 5.7. Those of one process are in the order in which they
    were made."""
    value = _clock.next()
    return UUID(
        int=value >> 74 << 80 | 0x7 << 76 | (value >> 62 & 0xFFF) << 64 | 0b10 << 62 | value & (1 << 62) - 1
    )


def requeue_id(dead_letter: UUID, attempt: int) -> UUID:
    """The deduplication key of one requeue: the same for every publish of that attempt."""
    return uuid5(dead_letter, str(attempt))


def indexable(text: str) -> str:
    """The text as a database can hold and index it. Two stay two."""
    if len(text) <= INDEXED and text.isascii() and "\0" not in text:
        return text
    plain = text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
    if len(plain) <= INDEXED:
        return plain
    return f"{plain[:INDEXED]}… {sha256(plain.encode()).hexdigest()}"


def own_id(message: Message) -> str | None:
    """The id that its producer gave it; None where there is none, or none that can be read."""
    try:
        return message.message_id
    except OfficeError:
        return None


def dead_letter(message: Message) -> UUID | None:
    """The dead letter that it is a requeue of; None where it is none, or says so in no readable way."""
    try:
        return UUID(str(message.headers.get(DEAD_LETTER)))
    except (ValueError, OfficeError):
        return None


def attempt(message: Message) -> int:
    """Which requeue of its dead letter it is; 0 where it is none, or says so in no readable way."""
    try:
        told = str(message.headers.get(ATTEMPT))
    except OfficeError:
        return 0
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0


def digest(queue: str, subscriber: str, message: Message) -> bytes:
    """SHA-256 of source, message id and body: the same message, the same digest."""
    parts = (queue, subscriber, own_id(message) or message.derived_id)
    return sha256("\0".join(parts).encode(errors="surrogateescape") + b"\0" + message.body).digest()
