"""AMQP 0-9-1 field tables, by the types that RabbitMQ reads and writes.

Source: the specification, 4.2.5.5, as amended by https://www.rabbitmq.com/amqp-0-9-1-errata (section 3): `s`
is a short integer and both `l` and `L` are signed. A table is handled here without the length before it.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from struct import Struct, error, pack

from consumers.errors import MalformedProperties
from consumers.properties import HeaderValue

DEPTH = 100
"""Tables and arrays nested deeper are not decoded: a header must not exhaust the interpreter's stack."""

_numbers = {
    kind: Struct(format)
    for kind, format in {
        b"b": ">b",
        b"B": ">B",
        b"s": ">h",
        b"u": ">H",
        b"I": ">i",
        b"i": ">I",
        b"l": ">q",
        b"L": ">q",
        b"f": ">f",
        b"d": ">d",
    }.items()
}
_timestamp, _decimal, _length = Struct(">Q"), Struct(">Bi"), Struct(">I")
_sizes = {kind: number.size for kind, number in _numbers.items()} | {b"t": 1, b"T": 8, b"D": 5, b"V": 0}
_long = (b"S", b"x", b"A", b"F")


def decoded(table: bytes, depth: int = 0) -> dict[str, HeaderValue]:
    """The table's entries; of a name that stands twice, the last. Raises MalformedProperties."""
    found: dict[str, HeaderValue] = {}
    at, size = 0, len(table)
    while at < size:
        value = at + 1 + table[at]
        text = value + 5
        # Nearly all values are strings: they are read here, in a third of the time that the others take.
        if table[value : value + 1] == b"S" and text <= size:
            end = text + _length.unpack_from(table, value + 1)[0]
            if end <= size:
                found[name(table[at:value])] = _text(table[text:end])
                at = end
                continue
        end = _end(table, value)
        found[name(table[at:value])] = _value(table[value:end], depth)
        at = end
    return found


def entries(table: bytes) -> Iterator[bytes]:
    """Each entry's own bytes: the name's length, the name, the value's type, the value."""
    at = 0
    while at < len(table):
        end = _end(table, at + 1 + table[at])
        yield table[at:end]
        at = end


def name(entry: bytes) -> str:
    """The name of an entry."""
    return str(entry[1 : 1 + entry[0]], "utf-8", "surrogateescape")


def spliced(table: bytes, changes: Mapping[str, HeaderValue], drop: Collection[str] = ()) -> bytes:
    """The table with entries set, at its end, or dropped; the bytes of all others stay as they are."""
    kept = [entry for entry in entries(table) if (known := name(entry)) not in changes and known not in drop]
    return b"".join([*kept, encoded(changes)])


def encoded(table: Mapping[str, HeaderValue]) -> bytes:
    """A table of these entries. Raises MalformedProperties for a value that RabbitMQ cannot hold."""
    return b"".join(short(name) + _encoded(value) for name, value in table.items())


def short(text: str) -> bytes:
    """A short string: a byte of length, and the text."""
    data = text.encode(errors="surrogateescape")
    if len(data) > 255:
        raise MalformedProperties(
            f"A name or property of {len(data)} bytes is too long for AMQP, which takes 255."
        )
    return bytes((len(data),)) + data


def _end(data: bytes, at: int) -> int:
    """Where the value ends whose type stands here."""
    kind = data[at : at + 1]
    if kind in _long and at + 5 <= len(data):
        end = at + 5 + _length.unpack_from(data, at + 1)[0]
    elif kind in _sizes:
        end = at + 1 + _sizes[kind]
    else:
        raise MalformedProperties(f"No value of AMQP's begins with {kind!r}.")
    if end > len(data):
        raise MalformedProperties("A field table ends in the middle of a value.")
    return int(end)


def _value(data: bytes, depth: int) -> HeaderValue:
    """The value in these bytes: its type and what follows."""
    if depth > DEPTH:
        raise MalformedProperties(f"Header values are nested more than {DEPTH} deep.")
    kind = data[:1]
    if kind in _numbers:
        number: int | float = _numbers[kind].unpack_from(data, 1)[0]
        return number
    match kind:
        case b"S":
            return _text(data[5:])
        case b"x":
            return data[5:]
        case b"t":
            return data[1] != 0
        case b"T":
            return moment(_timestamp.unpack_from(data, 1)[0])
        case b"D":
            scale, digits = _decimal.unpack_from(data, 1)
            return Decimal(digits).scaleb(-scale)
        case b"F":
            return decoded(data[5:], depth + 1)
        case b"A":
            return list(_items(data[5:], depth + 1))
        case _:
            return None


def _items(array: bytes, depth: int) -> Iterator[HeaderValue]:
    at = 0
    while at < len(array):
        end = _end(array, at)
        yield _value(array[at:end], depth)
        at = end


def _text(data: bytes) -> HeaderValue:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def moment(seconds: int) -> HeaderValue:
    """A timestamp of AMQP's, or the number itself where no calendar reaches."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # past the year 9999: somebody wrote milliseconds
        return seconds


def _encoded(value: HeaderValue) -> bytes:
    try:
        return _typed(value)
    except (error, ValueError, OverflowError) as reason:
        raise MalformedProperties(
            f"AMQP cannot hold this {type(value).__name__} in a header: {reason}."
        ) from reason


def _typed(value: HeaderValue) -> bytes:
    match value:
        case None:
            return b"V"
        case bool() | int() | float() | Decimal():
            return _number(value)
        case datetime():
            return pack(">cQ", b"T", int(value.timestamp()))
        case str():
            return _prefixed(b"S", value.encode(errors="surrogateescape"))
        case bytes():
            return _prefixed(b"x", value)
        case list():
            return _prefixed(b"A", b"".join(map(_encoded, value)))
        case dict():
            return _prefixed(b"F", encoded(value))


def _number(value: bool | int | float | Decimal) -> bytes:
    match value:
        case bool():
            return b"t\1" if value else b"t\0"
        case int():
            return pack(">ci", b"I", value) if -(1 << 31) <= value < 1 << 31 else pack(">cq", b"l", value)
        case Decimal():
            return b"D" + _scaled(value)
        case float() if isfinite(value):
            return pack(">cd", b"d", value)
        case _:  # RabbitMQ closes the connection over it
            raise ValueError("it is not a finite number")


def _prefixed(kind: bytes, data: bytes) -> bytes:
    return kind + _length.pack(len(data)) + data


def _scaled(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("it is not a finite number")
    if exponent > 0:
        digits, exponent = digits + (0,) * exponent, 0
    whole = int("".join(map(str, digits)))
    return _decimal.pack(-exponent, -whole if sign else whole)
