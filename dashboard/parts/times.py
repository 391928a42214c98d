"""Times and spans in few words. static/js/times.js says them the same way while a page stays open."""

from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def ago(when: datetime, now: datetime | None = None) -> str:
    """`3 min ago`, `in 20 s`, `just now`; a date from a week on."""
    seconds = ((now or timezone.now()) - when).total_seconds()
    if abs(seconds) >= 7 * 86_400:
        return f"{when.day} {when:%b %Y}"
    if abs(seconds) < 1:
        return "just now"
    span = _largest(abs(seconds))
    return f"{span} ago" if seconds > 0 else f"in {span}"


def span(length: timedelta | float) -> str:
    """`2 h 5 min`, `45 s`, `320 ms`: the two largest units of a length (a number is of seconds)."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    for (unit, size), (smaller, part) in pairwise(UNITS):
        if seconds >= size:
            rest = int(seconds % size // part)
            return f"{int(seconds // size)} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{int(seconds)} s"


def exact(when: datetime) -> str:
    return f"{when.isoformat(' ', 'seconds')[:19]} {when.tzname() or 'UTC'}"


def _largest(seconds: float) -> str:
    unit, size = next((unit, size) for unit, size in UNITS if seconds >= size)
    return f"{int(seconds // size)} {unit}"
