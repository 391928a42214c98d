"""Comma-separated text as a table, where it is one."""

import csv
from collections.abc import Sequence
from typing import NamedTuple

from dashboard.parts import signs

LIMIT = 64 * 1024
"""Bytes that are looked at: the whole lines of the first part of a longer body."""
ROWS, COLUMNS = 50, 30
SEPARATORS = ",;\t|"


class Columns(NamedTuple):
    separator: str
    width: int
    rows: list[list[str]]
    left_out: int
    """Rows beyond those shown."""


def columns(body: bytes) -> Columns | None:
    """The rows of a text whose lines all have the same number of columns, two or more; None for any other."""
    if body.lstrip()[:1] in (b"{", b"[", b"<"):
        return None
    end = body.rfind(b"\n", 0, LIMIT) + 1 if len(body) > LIMIT else len(body)
    try:
        lines = signs.shown(body[:end].decode()).splitlines()
    except UnicodeDecodeError:
        return None
    beyond = body.count(b"\n", end)
    tables = (_table(lines, separator, beyond) for separator in SEPARATORS if separator in "".join(lines[:1]))
    return max((table for table in tables if table), key=lambda table: table.width, default=None)


def _table(lines: Sequence[str], separator: str, beyond: int) -> Columns | None:
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator, strict=True) if row]
    except csv.Error:
        return None
    widths = {len(row) for row in rows}
    width = max(widths, default=0)
    if len(widths) != 1 or not 2 <= width <= COLUMNS:
        return None
    return Columns(separator, width, rows[:ROWS], len(rows[ROWS:]) + beyond)
