"""Properties as plain named byte strings: the encoding for brokers whose messages are lists of fields.

`raw` is name, value, name, value …, each a big-endian 32-bit length and that many bytes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from struct import Struct
from types import MappingProxyType
from typing import ClassVar, Self

from consumers.errors import MalformedProperties
from consumers.properties import Headers, HeaderValue, Properties

_length = Struct(">I")
STANDARD = ("message-id", "correlation-id", "reply-to", "content-type", "type")


class FieldProperties(Properties):
    """Named byte strings. The standard names hold the message's identity; all others are headers."""

    format: ClassVar[str] = "fields"

    @classmethod
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
        standard = zip(STANDARD, (message_id, correlation_id, reply_to, content_type, type), strict=True)
        pairs = [(name.encode(), value.encode()) for name, value in standard if value is not None]
        pairs += [(_name(name), _value(value)) for name, value in (headers or {}).items()]
        return cls.of(pairs)

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, bytes]]) -> Self:
        """Encodes the pairs in their order; a name may stand more than once."""
        return cls(b"".join(_length.pack(len(part)) + part for pair in pairs for part in pair))

    def pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """The fields as they came, in their order."""
        parts = iter(_parts(self.raw))
        return zip(parts, parts, strict=True)

    @cached_property
    def _encoded(self) -> Mapping[bytes, bytes]:
        return dict(self.pairs())

    @cached_property
    def _fields(self) -> Mapping[str, HeaderValue]:
        return {
            name.decode(errors="surrogateescape"): _readable(value) for name, value in self._encoded.items()
        }

    @cached_property
    def headers(self) -> Headers:
        return MappingProxyType({name: value for name, value in self._fields.items() if name not in STANDARD})

    @property
    def message_id(self) -> str | None:
        return self._text("message-id")

    @property
    def correlation_id(self) -> str | None:
        return self._text("correlation-id")

    @property
    def reply_to(self) -> str | None:
        return self._text("reply-to")

    @property
    def content_type(self) -> str | None:
        return self._text("content-type")

    @property
    def type(self) -> str | None:
        return self._text("type")

    def described(self) -> Headers:
        return {name: value for name, value in self._fields.items() if name in STANDARD}

    def with_headers(self, changes: Headers, drop: Collection[str] = ()) -> Self:
        gone = {_name(name) for name in (*changes, *drop)}
        kept = [pair for pair in self.pairs() if pair[0] not in gone]
        return self.of([*kept, *((_name(name), _value(value)) for name, value in changes.items())])

    def _text(self, name: str) -> str | None:
        value = self._encoded.get(name.encode())
        return None if value is None else value.decode(errors="replace")


def _parts(raw: bytes) -> list[bytes]:
    parts, at, end = [], 0, len(raw)
    while at < end:
        begin = at + 4
        at = begin + int.from_bytes(raw[at:begin])
        if begin > end or at > end:
            raise MalformedProperties("The field list ends in the middle of a field.")
        parts.append(raw[begin:at])
    return parts


def _name(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


def _value(value: HeaderValue) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _readable(value: bytes) -> HeaderValue:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
