"""Properties as plain named byte strings: the encoding for brokers whose messages are lists of fields.

`raw` is name, value, name, value …, each a big-endian 32-bit length and that many bytes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from struct import Struct, error
from typing import ClassVar, Self

from consumers.errors import MalformedProperties
from consumers.kept import kept
from consumers.properties import Headers, HeaderValue, Properties, text_of

_length = Struct(">I")
STANDARD = ("message-id", "correlation-id", "reply-to", "content-type", "type")
_STANDARD = {name.encode(): name for name in STANDARD}


class FieldProperties(Properties):
    """Named byte strings. The standard names hold the message's identity; all others are headers.

    Made from `raw` or from parts: name, value, name, value …. The one is had from the other when somebody
    asks for it: of most messages that a consumer handles nobody does.
    """

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
        return cls.of_parts([part for pair in pairs for part in pair])

    @classmethod
    def of_parts(cls, parts: Sequence[bytes]) -> Self:
        """Encodes name, value, name, value …, which must not change any more."""
        properties = cls.__new__(cls)
        properties.parts = parts
        return properties

    @kept
    def raw(self) -> bytes:  # nobody sets it
        return b"".join([_length.pack(len(part)) + part for part in self.parts])

    @kept
    def parts(self) -> Sequence[bytes]:
        """Name, value, name, value …, as they came."""
        return _parts(self.raw)

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))

    def pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """The fields as they came, in their order."""
        return zip(self.parts[::2], self.parts[1::2], strict=True)

    def mentions(self, name: bytes) -> bool:
        return name in self.parts

    @kept
    def _encoded(self) -> Mapping[bytes, bytes]:
        return dict(self.pairs())

    @kept
    def headers(self) -> Headers:
        return _Headers(self._encoded)

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
        encoded = self._encoded.items()
        return {_STANDARD[name]: _readable(value) for name, value in encoded if name in _STANDARD}

    def with_headers(self, changes: Headers, drop: Collection[str] = ()) -> Self:
        gone = {_name(name) for name in (*changes, *drop)}
        parts = list(self.parts)
        if not gone.isdisjoint(parts[::2]):
            parts = [part for pair in self.pairs() if pair[0] not in gone for part in pair]
        for name, value in changes.items():
            parts += (_name(name), _value(value))
        return self.of_parts(parts)

    def _text(self, name: str) -> str | None:
        encoded = name.encode()
        value = self._encoded.get(encoded) if "parts" in self.__dict__ else _last(self.raw, encoded)
        return None if value is None else text_of(value)


class _Headers(Mapping[str, HeaderValue]):
    """Headers that are decoded when they are asked for, each alone: a handler looks at one or two of them."""

    __slots__ = ("_encoded",)

    def __init__(self, encoded: Mapping[bytes, bytes]) -> None:
        self._encoded = encoded

    def __getitem__(self, name: str) -> HeaderValue:
        if name in STANDARD:
            raise KeyError(name)
        try:
            return _readable(self._encoded[_name(name)])
        except (KeyError, UnicodeEncodeError):
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        try:
            return name not in STANDARD and isinstance(name, str) and _name(name) in self._encoded
        except UnicodeEncodeError:
            return False

    def __iter__(self) -> Iterator[str]:
        return (name.decode(errors="surrogateescape") for name in self._encoded if name not in _STANDARD)

    def __len__(self) -> int:
        return sum(name not in _STANDARD for name in self._encoded)

    def __repr__(self) -> str:
        return repr(dict(self))


def _parts(raw: bytes) -> list[bytes]:
    parts, at, end, length = [], 0, len(raw), _length.unpack_from
    try:
        while at < end:
            begin = at + 4
            at = begin + length(raw, at)[0]
            parts.append(raw[begin:at])
    except error:
        at = end + 1
    if at > end:
        raise MalformedProperties("The field list ends in the middle of a field.")
    if len(parts) % 2:
        raise MalformedProperties("The field list ends with a name that has no value.")
    return parts


def _last(raw: bytes, name: bytes) -> bytes | None:
    """The value that stands last under a name. Reads no further than to where the name is last seen: an id
    mostly comes first, and what is not there at all is not looked for."""
    at, value, end = 0, None, raw.rfind(name)
    while at < end:
        field = raw[at + 4 : (begin := at + 4 + int.from_bytes(raw[at : at + 4]))]
        at = begin + 4 + int.from_bytes(raw[begin : begin + 4])
        if at > len(raw):
            raise MalformedProperties("The field list ends in the middle of a field.")
        if field == name:
            value = raw[begin + 4 : at]
    return value


def _name(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


def _value(value: HeaderValue) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _readable(value: bytes) -> HeaderValue:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
