"""AMQP 0-9-1 field tables, by the types that RabbitMQ reads and writes.

Source: the specification, 4.2.5.5, as amended by https://www.rabbitmq.com/amqp-0-9-1-errata (section 3): `s`
is a short integer and both `l` and `L` are signed. A table is handled here without the length before it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from math import isfinite
from struct import Struct, error, pack

from consumers.errors import MalformedProperties
from consumers.properties import HeaderValue

DEPTH = 100
"""Tables and arrays nested deeper are not decoded: a header must not exhaust the interpreter's stack."""

_numbers = {
    ord(kind): Struct(format)
    for kind, format in {
        "b": ">b",
        "B": ">B",
        "s": ">h",
        "u": ">H",
        "I": ">i",
        "i": ">I",
        "l": ">q",
        "L": ">q",
        "f": ">f",
        "d": ">d",
    }.items()
}
_timestamp, _decimal, _length = Struct(">Q"), Struct(">Bi"), Struct(">I")
_sizes = {kind: number.size for kind, number in _numbers.items()}
_sizes |= {ord("t"): 1, ord("T"): 8, ord("D"): 5, ord("V"): 0}
_long, _TEXT = b"SxAF", ord("S")


def decoded(table: bytes, depth: int = 0) -> dict[str, HeaderValue]:
    """The table's entries; of a name that stands twice, the last. Raises MalformedProperties."""
    return _read(table, _begins(table), depth)


def _read(table: bytes, begins: Sequence[int], depth: int) -> dict[str, HeaderValue]:
    found: dict[str, HeaderValue] = {}
    for at, end in pairwise([*begins, len(table)]):
        value = at + 1 + table[at]
        name = str(table[at + 1 : value], "utf-8", "surrogateescape")
        if table[value] == _TEXT:
            found[name] = _text(table[value + 5 : end])
        else:
            found[name] = _value(table[value:end], depth)
    return found


class LazyTable(Mapping[str, HeaderValue]):
    """The table's entries, each decoded when it is asked for: of a dozen headers a handler looks at one."""

    __slots__ = ("_all", "_begins", "_table")

    def __init__(self, table: bytes) -> None:
        """Raises MalformedProperties where any of it cannot be read."""
        self._table = table
        self._begins, nests = _walked(table)
        # How deep it nests is seen by reading it.
        self._all = _read(table, self._begins, 0) if nests else None

    def __getitem__(self, name: str) -> HeaderValue:
        if self._all is not None:
            return self._all[name]
        data = name.encode(errors="surrogateescape")
        if len(data) > 255:  # no name in a table is as long
            raise KeyError(name)
        entry = bytes((len(data),)) + data
        at = self._table.rfind(entry)
        while at >= 0:
            if at in self._begins:  # and not by chance within another's value
                value = at + len(entry)
                return _value(self._table[value : _end(self._table, value)], 0)
            at = self._table.rfind(entry, 0, at)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._everything())

    def __len__(self) -> int:
        return len(self._everything())

    def __repr__(self) -> str:
        return repr(self._everything())

    def _everything(self) -> dict[str, HeaderValue]:
        if self._all is None:
            self._all = _read(self._table, self._begins, 0)
        return self._all


def spliced(table: bytes, changes: Mapping[str, HeaderValue], drop: Collection[str] = ()) -> bytes:
    """The table with entries set, at its end, or dropped; the bytes of all others stay as they are. Raises
    MalformedProperties."""
    gone = {name.encode(errors="surrogateescape") for name in (*changes, *drop)}
    begins = _begins(table)
    if any(name in table for name in gone):
        each = [table[at:end] for at, end in pairwise([*begins, len(table)])]
        table = b"".join([entry for entry in each if entry[1 : 1 + entry[0]] not in gone])
    return table + encoded(changes)


def encoded(table: Mapping[str, HeaderValue]) -> bytes:
    """A table of these entries. Raises MalformedProperties for a value that RabbitMQ cannot hold."""
    return b"".join([short(name) + _encoded(value) for name, value in table.items()])


def short(text: str) -> bytes:
    """A short string: a byte of length, and the text."""
    data = text.encode(errors="surrogateescape")
    if len(data) > 255:
        raise MalformedProperties(
            f"A name or property of {len(data)} bytes is too long for AMQP, which takes 255."
        )
    return bytes((len(data),)) + data


def _begins(table: bytes) -> list[int]:
    """Where each entry begins. Raises MalformedProperties where they do not fill the table."""
    return _walked(table)[0]


def _walked(table: bytes) -> tuple[list[int], bool]:
    """Where each entry begins, and whether one nests. Raises MalformedProperties as `_begins` does."""
    begins, nests = [], False
    at, size, length = 0, len(table), _length.unpack_from
    while at < size:
        begins.append(at)
        at += 1 + table[at]
        # Nearly all values are strings, and there is room for their length: no call for those.
        if at + 5 <= size and table[at] == _TEXT:
            at += 5 + length(table, at + 1)[0]
        else:
            nests = nests or table[at : at + 1] in (b"F", b"A")
            at = _end(table, at)
    if at > size:
        raise MalformedProperties("A field table ends in the middle of a value.")
    return begins, nests


def _end(data: bytes, at: int) -> int:
    """Where the value ends whose type stands here."""
    kind = data[at] if at < len(data) else 0
    if kind in _long and at + 5 <= len(data):
        end = at + 5 + _length.unpack_from(data, at + 1)[0]
    elif kind in _sizes:
        end = at + 1 + _sizes[kind]
    else:
        raise MalformedProperties(f"No value of AMQP's begins with {data[at : at + 1]!r}.")
    if end > len(data):
        raise MalformedProperties("A field table ends in the middle of a value.")
    return int(end)


def _value(data: bytes, depth: int) -> HeaderValue:
    """The value in these bytes: its type and what follows."""
    if depth > DEPTH:
        raise MalformedProperties(f"Header values are nested more than {DEPTH} deep.")
    kind = data[0]
    if kind == _TEXT:
        return _text(data[5:])
    if kind in _numbers:
        number: int | float = _numbers[kind].unpack_from(data, 1)[0]
        return number
    return _rarer(data, depth)


def _rarer(data: bytes, depth: int) -> HeaderValue:
    match data[:1]:
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
        case str():  # as nearly all are
            return _prefixed(b"S", value.encode(errors="surrogateescape"))
        case bytes():  # as those are that the office is told of a failure in
            return _prefixed(b"x", value)
        case None:
            return b"V"
        case bool() | int() | float() | Decimal():
            return _number(value)
        case datetime():
            return pack(">cQ", b"T", int(value.timestamp()))
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
