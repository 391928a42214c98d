"""What went wrong with a message, once: told in words that a person and a program can use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from math import inf
from socket import gethostname
from types import NoneType
from typing import Any, Self
from uuid import UUID

from consumers.errors import CannotBeRepaired, RetryLater
from consumers.identity import uuid7
from consumers.tracebacks import text_of

FINGERPRINT_VERSION = 1
TEXT_LIMIT = 2_000
TRACEBACK_LIMIT = 16_000


class Kind(StrEnum):
    """What the handler knows about its failure; triage goes by this, never by the error's text."""

    TRANSIENT = "transient"
    """The world failed, not the message: trying again later may do."""
    PERMANENT = "permanent"
    """No program can mend it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt at a message."""

    error_type: str
    text: str
    handler: str
    """The function that failed, as module and qualified name."""
    kind: Kind = Kind.UNKNOWN
    traceback: str = ""
    top_frame: str = ""
    """Module and function in which the error arose, without the line number."""
    retry_after: float | None = None
    """The least seconds to wait, where the handler said so."""
    tries: int = 1
    """How often the handler was tried at once before the message was delegated."""
    host: str = field(default_factory=gethostname)
    failure_id: UUID = field(default_factory=uuid7)
    """Tells a failure that the broker delivers twice from one that happened twice."""
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, error: BaseException, handler: str, *, kind: Kind | None = None, tries: int = 1) -> Self:
        """The failure that this exception is."""
        return cls(
            error_type=type_name(type(error)),
            text=_shortened(_told(error), TEXT_LIMIT),
            handler=handler,
            kind=kind or kind_of(error),
            traceback=_shortened(text_of(error), TRACEBACK_LIMIT),
            top_frame=_top_frame(error),
            retry_after=_seconds(error.after) if isinstance(error, RetryLater) else None,
            tries=tries,
        )

    @property
    def fingerprint(self) -> str:
        """Same cause, same fingerprint: error type, handler, normalised text and top frame, and the version
        of this way of reckoning it."""
        return _fingerprint(self.error_type, self.handler, self.text[:TEXT_LIMIT], self.top_frame)

    def as_record(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {name: getattr(self, name) for name in _names}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The inverse of `as_record` after JSON. Raises ValueError, TypeError or KeyError otherwise."""
        known = {name: record[name] for name in _names if name in record}
        if not all(isinstance(value, _types[name]) for name, value in known.items()):
            raise TypeError("A part of the failure is not of its kind.")
        occurred_at = datetime.fromisoformat(record["occurred_at"])
        if occurred_at.tzinfo is None or not _YEARS[0] <= occurred_at.year <= _YEARS[1]:
            raise ValueError("The failure's time has no zone, or is none that every zone can tell.")
        if not 0 <= known.get("tries", 1) < 1 << 31:
            raise ValueError("The failure's number of tries is none.")
        known["kind"] = Kind(record["kind"])
        known["failure_id"] = UUID(record["failure_id"])
        known["occurred_at"] = occurred_at
        return cls(**known)


_YEARS = 1970, 9998
_names = tuple(field.name for field in fields(Failure))
_types: Mapping[str, Any] = dict.fromkeys(_names, str) | {"tries": int, "retry_after": (float, int, NoneType)}
"""As JSON has them."""


# Those of a batch mostly are of few causes.
@lru_cache(maxsize=256)
def _fingerprint(error_type: str, handler: str, text: str, top_frame: str) -> str:
    cause = (str(FINGERPRINT_VERSION), error_type, handler, normalised(text), top_frame)
    return sha256("\x1f".join(cause).encode(errors="replace")).hexdigest()[:32]


_kinds: Mapping[type[BaseException], Kind] = {
    CannotBeRepaired: Kind.PERMANENT,
    RetryLater: Kind.TRANSIENT,
    TimeoutError: Kind.TRANSIENT,
    ConnectionError: Kind.TRANSIENT,
}


def kind_of(error: BaseException, declared: Mapping[type[BaseException], Kind] = _kinds) -> Kind:
    """What is known of errors of this type: as declared, or else ours by their meaning, time-outs and lost
    connections as transient, and of all others nothing. The nearest class that something is known of decides.
    """
    known = {**_kinds, **declared}
    return next((known[cls] for cls in type(error).__mro__ if cls in known), Kind.UNKNOWN)


def type_name(error: type[BaseException]) -> str:
    """`ValueError`, or `shop.pricing.NoPrice`."""
    return (
        error.__qualname__ if error.__module__ == "builtins" else f"{error.__module__}.{error.__qualname__}"
    )


_variable = re.compile(
    r"'[^']*'|\"[^\"]*\""  # whatever is quoted
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # a UUID
    r"|\b0x[0-9a-f]+\b"  # an address
    r"|\b(?=\w*\d)\w{6,}\b"  # a long word with a digit in it: an account, an order, a hash
    r"|\d+(?:[.,:]\d+)*",  # a number, a time
    re.IGNORECASE,
)


def normalised(text: str) -> str:
    """The text with what differs from message to message taken out, so that one cause reads the same."""
    return " ".join(_variable.sub("…", text[:TEXT_LIMIT]).split())


def _told(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as untold:  # somebody else's __str__, which may do anything
        return f"(its text cannot be had: {type_name(type(untold))})"


def _seconds(after: object) -> float | None:
    """What a handler gave as seconds, where that is a number of them; callers of ours need not be typed."""
    return float(after) if isinstance(after, int | float) and 0 <= after < inf else None


def _top_frame(error: BaseException) -> str:
    last = error.__traceback__
    if last is None:
        return ""
    while last.tb_next:
        last = last.tb_next
    frame = last.tb_frame
    return f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}"


def _shortened(text: str, limit: int) -> str:
    """The text, with its middle left out where it is longer than the limit (characters). Surrogates, which no
    JSON can hold, are escaped."""
    if not text.isascii():
        text = text.encode(errors="backslashreplace").decode()
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"
