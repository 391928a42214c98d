"""What stands behind a key, where it is more than text: comparisons, numbers, sizes, ages and moments.

A function raises ValueError with a sentence where the value cannot be what its key wants.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from django.utils import timezone

from dashboard.queries.tokens import Value

Thing = TypeVar("Thing")

_SIGNED = re.compile(r"(>=|<=|>|<)(.*)", re.DOTALL)
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)(b|kb|mb|gb)?", re.IGNORECASE)
_BYTES = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}
_AGE = re.compile(r"(?P<number>\d{1,6})(?P<unit>s|min|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?P<seconds>:\d\d(?:\.(?P<part>\d{1,6}))?)?(?:Z|[+-]\d\d:\d\d)?)?"
)


class Bound(NamedTuple):
    """One side of a comparison: `>`, `>=`, `<`, `<=`, or `=` where the value stands alone."""

    sign: str
    text: str


def bounds(value: Value) -> list[Bound]:
    """All of them must hold: `>5`, `2..5`, `2..`, `..5`, or the value itself. In quotes a value is itself."""
    if value.quoted:
        return [Bound("=", value.text)]
    if found := _SIGNED.fullmatch(value.text):
        if not found[2]:
            raise ValueError(f"After {found[1]} comes what to compare with.")
        return [Bound(found[1], found[2])]
    low, dots, high = value.text.partition("..")
    if not dots:
        return [Bound("=", value.text)]
    if not low and not high:
        raise ValueError("A range names an end at least: 2..5, 2.. or ..5.")
    return [Bound(sign, text) for sign, text in ((">=", low), ("<=", high)) if text]


def read(value: Value, kind: Callable[[str], Thing]) -> list[tuple[str, Thing]]:
    """The bounds of a value with what they name."""
    return [(sign, kind(text)) for sign, text in bounds(value)]


def number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError("A number is compared with a number: 3, >3, 2..5.")
    return int(text)


def size(text: str) -> int:
    """Bytes; KB and so on are powers of 1,024."""
    if not (found := _SIZE.fullmatch(text)):
        raise ValueError("A size is a number and B, KB, MB or GB: size:>10KB, size:1KB..64KB.")
    return int(float(found[1]) * _BYTES[(found[2] or "b").lower()])


def age(text: str) -> timedelta:
    if not (found := _AGE.fullmatch(text)):
        raise ValueError("An age is > or <, a number and s, min, h, d or w: age:>2h, age:1h..2h.")
    return timedelta(**{_UNITS[found["unit"]]: int(found["number"])})


class Span(NamedTuple):
    """A day, a minute, a second or a part of one: from its start to before its end."""

    start: datetime
    end: datetime


def moment(text: str) -> Span:
    """In the office's time zone, where it names none."""
    found = _MOMENT.fullmatch(text)
    try:
        start = datetime.fromisoformat(text) if found else None
    except ValueError:
        start = None
    if not found or not start:
        raise ValueError("A time is a day, or a day and a time: 2026-11-20, 2026-11-20T14:30.")
    try:
        start = start if start.tzinfo else timezone.make_aware(start)
        return Span(start, start + _length(found))
    except OverflowError:
        raise ValueError("There is no such time.") from None


def _length(moment: re.Match[str]) -> timedelta:
    """Of what is written so: of the last of its parts."""
    if part := moment["part"]:
        return timedelta(microseconds=10 ** (6 - len(part)))
    if moment["seconds"]:
        return timedelta(seconds=1)
    return timedelta(minutes=1) if "T" in moment[0] else timedelta(days=1)


def yes(value: Value) -> bool:
    if value.text not in ("yes", "no"):
        raise ValueError("It is yes or no.")
    return value.text == "yes"
