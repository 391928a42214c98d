"""Everything of a message that is not its body, in the encoding of the broker it came from.

The encoded bytes are the truth and travel unread; decoding happens when somebody looks. That is what lets
a requeue leave exactly as the message came, and what makes passing one on cheap.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from consumers.kept import kept

HeaderValue = (
    None
    | bool
    | int
    | float
    | str
    | bytes
    | Decimal
    | datetime
    | list["HeaderValue"]
    | dict[str, "HeaderValue"]
)
Headers = Mapping[str, HeaderValue]


def text_of(encoded: bytes) -> str:
    """Bytes that should be UTF-8, and may be anything, as text that a database takes: a binary counter that
    is used as an id must not become another one's."""
    return encoded.decode(errors="backslashreplace").replace("\0", "\\x00")


class Properties(ABC):
    """A message's headers and identity. Immutable; `with_headers` makes a copy."""

    format: ClassVar[str]
    """Names the encoding of `raw`; stored beside it."""

    room: ClassVar[int | None] = None
    """The most bytes of properties that the broker takes, or None where it sets no limit."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @classmethod
    @abstractmethod
    def build(
        cls,
        headers: Headers | None = None,
        *,
        message_id: str | None = None,
        correlation_id: str | None = None,
        reply_to: str | None = None,
        content_type: str | None = None,
        type: str | None = None,
    ) -> Self:
        """Encodes properties for a message that starts here."""

    @property
    def size(self) -> int:
        """About how many bytes they are."""
        return len(self.raw)

    def mentions(self, name: bytes) -> bool:
        """Whether this stands in it anywhere: a quick no to the question whether there is a header of a name,
        which decodes nothing."""
        return name in self.raw

    @kept
    @abstractmethod
    def headers(self) -> Headers:
        """The headers, decoded. Raises MalformedProperties where `raw` cannot be read."""

    @property
    @abstractmethod
    def message_id(self) -> str | None: ...

    @property
    @abstractmethod
    def correlation_id(self) -> str | None: ...

    @property
    @abstractmethod
    def reply_to(self) -> str | None: ...

    @property
    @abstractmethod
    def content_type(self) -> str | None: ...

    @property
    @abstractmethod
    def type(self) -> str | None: ...

    @abstractmethod
    def described(self) -> Headers:
        """What the broker knows of the message beside its headers, by the broker's own names."""

    @abstractmethod
    def with_headers(self, changes: Headers, drop: Collection[str] = ()) -> Self:
        """A copy with headers set or dropped; the encoding of every other byte stays as it is."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Properties) and (self.format, self.raw) == (other.format, other.raw)

    def __hash__(self) -> int:
        return hash((self.format, self.raw))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.raw)} bytes)"
