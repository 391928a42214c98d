"""A message's properties as RabbitMQ sends them: property flags and property list of the content header.

Source: AMQP 0-9-1, 4.2.6.1 and the properties of class `basic`.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from struct import Struct, error
from typing import ClassVar, Self

from consumers.brokers import amqp_table
from consumers.errors import MalformedProperties
from consumers.kept import kept
from consumers.properties import Headers, HeaderValue, Properties, text_of

_flags, _length, _seconds = Struct(">H"), Struct(">I"), Struct(">Q")
_SHORT, _TABLE, _OCTET, _TIMESTAMP = range(4)

_LAYOUT = {
    "content_type": (0x8000, _SHORT),
    "content_encoding": (0x4000, _SHORT),
    "headers": (0x2000, _TABLE),
    "delivery_mode": (0x1000, _OCTET),
    "priority": (0x0800, _OCTET),
    "correlation_id": (0x0400, _SHORT),
    "reply_to": (0x0200, _SHORT),
    "expiration": (0x0100, _SHORT),
    "message_id": (0x0080, _SHORT),
    "timestamp": (0x0040, _TIMESTAMP),
    "type": (0x0020, _SHORT),
    "user_id": (0x0010, _SHORT),
    "app_id": (0x0008, _SHORT),
    "cluster_id": (0x0004, _SHORT),
}
"""The properties in the order in which they are written, each with its flag and its encoding."""

_PERSISTENT = b"\2"

BROKERS_OWN = ("x-delivery-count", "x-acquired-count")
"""Headers in which a quorum queue counts its deliveries. They are no part of what the producer sent, and with
them a second delivery would be another message than the first."""

SPREADING = ("CC", "BCC")
"""Headers by which RabbitMQ puts a message on further queues."""


class AmqpProperties(Properties):
    """Properties in AMQP 0-9-1's own encoding."""

    format: ClassVar[str] = "amqp"
    room: ClassVar[int | None] = 100_000
    """All of them must fit in one frame, of 131072 bytes on a RabbitMQ nobody tuned; headers of ours are to
    find room beside those of the message."""

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
        texts = {
            "content_type": content_type,
            "correlation_id": correlation_id,
            "reply_to": reply_to,
            "message_id": message_id,
            "type": type,
        }
        parts = {name: amqp_table.short(text) for name, text in texts.items() if text is not None}
        if headers:
            parts["headers"] = _table(amqp_table.encoded(headers))
        return cls(_joined(parts | {"delivery_mode": _PERSISTENT}))

    @classmethod
    def received(cls, raw: bytes) -> Self:
        """Properties as a broker delivered them, without what it says of the delivery."""
        properties = cls(raw)
        if b"-count" in raw and any(header.encode() in raw for header in BROKERS_OWN):
            with suppress(MalformedProperties):  # what cannot be read is for the reader to find out
                return properties.with_headers({}, drop=BROKERS_OWN)
        return properties

    @classmethod
    def delivered_before(cls, raw: bytes) -> int:
        """How often a quorum queue says that it delivered this before; 0 where it does not say."""
        try:
            count = cls(raw).headers.get(BROKERS_OWN[0])
        except MalformedProperties:
            return 0
        return count if isinstance(count, int) else 0

    @kept
    def publishable(self) -> bytes:
        """The bytes to publish: `raw`, with what would lose or spread a requeue taken out.

        A message is made persistent. Its expiration goes (the requeue would vanish in the queue), its user
        id (the broker refuses that of another user), and its CC and BCC (it would reach further queues).
        Raises MalformedProperties.
        """
        raw = self.raw
        if _is_publishable(raw):
            return raw
        parts = _parts(raw) | {"delivery_mode": _PERSISTENT}
        for gone in ("expiration", "user_id"):
            parts.pop(gone, None)
        if "headers" in parts:
            parts["headers"] = _table(amqp_table.spliced(parts["headers"][4:], {}, SPREADING))
        return _joined(parts)

    def with_headers(self, changes: Headers, drop: Collection[str] = ()) -> Self:
        parts = dict(self._parts)
        table = amqp_table.spliced(parts.pop("headers", b"")[4:], changes, drop)
        return type(self)(_joined(parts | ({"headers": _table(table)} if table else {})))

    @kept
    def _parts(self) -> Mapping[str, bytes]:
        return _parts(self.raw)

    @kept
    def headers(self) -> Headers:
        return amqp_table.LazyTable(_header_table(self.raw))

    @property
    def message_id(self) -> str | None:
        return self._text("message_id")

    @property
    def correlation_id(self) -> str | None:
        return self._text("correlation_id")

    @property
    def reply_to(self) -> str | None:
        return self._text("reply_to")

    @property
    def content_type(self) -> str | None:
        return self._text("content_type")

    @property
    def type(self) -> str | None:
        return self._text("type")

    def described(self) -> Headers:
        return {name: self._described(name) for name in self._parts if name != "headers"}

    def _described(self, name: str) -> HeaderValue:
        part, kind = self._parts[name], _LAYOUT[name][1]
        if kind == _OCTET:
            return part[0]
        return amqp_table.moment(_seconds.unpack(part)[0]) if kind == _TIMESTAMP else self._text(name)

    def _text(self, name: str) -> str | None:
        part = self._parts.get(name)
        return None if part is None else text_of(part[1:])


def _parts(raw: bytes) -> dict[str, bytes]:
    """The bytes of each property that is there, by its name. Raises MalformedProperties."""
    if len(raw) < 2 or (flags := _flags.unpack_from(raw)[0]) & 0b11:
        raise MalformedProperties("These are no property flags of AMQP's class basic.")
    parts, at = {}, 2
    for name, (flag, kind) in _LAYOUT.items():
        if flags & flag:
            end = _end(raw, at, kind)
            parts[name] = raw[at:end]
            at = end
    if at != len(raw):
        raise MalformedProperties("The property list is longer or shorter than its flags say.")
    return parts


def _header_table(raw: bytes) -> bytes:
    """The table of headers alone: two properties at most stand before it. Raises MalformedProperties."""
    try:
        flags, at = _flags.unpack_from(raw)[0], 2
        if not flags & 0x2000:
            return _parts(raw).get("headers", b"")  # none, unless it is malformed
        for flag in (0x8000, 0x4000):
            at += 1 + raw[at] if flags & flag else 0
        end = at + 4 + _length.unpack_from(raw, at)[0]
    except (IndexError, error):
        end = len(raw) + 1
    if end > len(raw):
        raise MalformedProperties("The property list ends before its headers do.")
    return raw[at + 4 : end]


def _end(raw: bytes, at: int, kind: int) -> int:
    if at + (4 if kind == _TABLE else 1) > len(raw):
        raise MalformedProperties("The property list ends before its last property.")
    if kind == _TABLE:
        return int(at + 4 + _length.unpack_from(raw, at)[0])
    return at + {_SHORT: 1 + raw[at], _OCTET: 1, _TIMESTAMP: 8}[kind]


def _joined(parts: Mapping[str, bytes]) -> bytes:
    flags = sum(_LAYOUT[name][0] for name in parts)
    return _flags.pack(flags) + b"".join(parts[name] for name in _LAYOUT if name in parts)


def _table(table: bytes) -> bytes:
    return _length.pack(len(table)) + table


def _is_publishable(raw: bytes) -> bool:
    """Whether properties can leave as they are. Reads no more of them than it must: all publishing asks."""
    if b"\x02CC" in raw or b"\x03BCC" in raw:
        return False
    try:
        flags = _flags.unpack_from(raw)[0]
        if flags & 0x1110 != 0x1000:  # a delivery mode, no expiration, no user id
            return False
        at = 2
        for flag in (0x8000, 0x4000):
            at += 1 + raw[at] if flags & flag else 0
        at += 4 + _length.unpack_from(raw, at)[0] if flags & 0x2000 else 0
        return raw[at : at + 1] == _PERSISTENT
    except (IndexError, error):
        return False
