"""Comma-separated values that a spreadsheet takes for what they are: text, never a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain, islice

PORTION = 1_000
"""Rows that are made at a time."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run by spreadsheets (OWASP, CSV injection). A quote before it makes it text."""


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The rows as text, many at a time, after a line with the columns' names."""
    left = chain([head], rows)
    while portion := list(islice(left, PORTION)):
        text = StringIO()
        csv.writer(text).writerows([_cell(value) for value in row] for row in portion)
        yield text.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
