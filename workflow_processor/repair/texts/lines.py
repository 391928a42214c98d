"""Delimited lines, such as CSV: columns of lines, in which every other character stays as it is.

Source of the format: RFC 4180, with any one-character separator, any line ends, and with or without a line of
headings. Blank lines are no lines. All other lines have as many columns as the first, so that a separator too
many is found out and shifts nothing unseen.
"""

import re
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple, Self

from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot, OtherBody
from workflow_processor.repair.texts.document import Document, Place, Value, text, twice
from workflow_processor.repair.texts.paths import EVERY, Path

QUOTE = '"'


class Cell(NamedTuple):
    start: int
    end: int


class Lines(Document):
    """Lines of columns. `columns` names them where no line of headings does."""

    def __init__(self, text: str, separator: str, columns: tuple[str, ...] = (), *, header: bool) -> None:
        super().__init__(text)
        self.separator, self.columns, self.header = separator, columns, header

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The cells of each line, that of headings included. Raises Cannot."""
        if self.text[self.begin :].lstrip()[:1] in ("{", "[", "<"):
            raise OtherBody("the body does not look like delimited lines")
        if self.text.count(self.separator) > limits.PLACES:
            raise Cannot(f"the lines have more than {limits.PLACES:,} cells")
        rows = _rows(self.text, self.begin, self.separator)
        width = len(self.columns) or len(rows[0] if rows else ())
        for number, row in enumerate(rows, 1):
            if len(row) != width:
                raise OtherBody(f"line {number} has {len(row)} columns in place of {width}")
        if len(rows) * width > limits.PLACES:
            raise Cannot(f"the lines have more than {limits.PLACES:,} cells")
        return rows

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the columns are called; nothing where nobody says."""
        if self.header and self.rows:
            return tuple(self.value(cell) for cell in self.rows[0])
        return self.columns

    @property
    def data(self) -> list[list[Cell]]:
        return self.rows[1:] if self.header else self.rows

    def places(self, path: Path) -> Sequence[Place]:
        *line, column = path.parts or ("",)
        if len(line) > 1 or isinstance(line[0] if line else EVERY, str) or not isinstance(column, str):
            raise Cannot(f"{path} is not a column of delimited lines")
        at = self._column(column)
        if at is None:
            return []
        return [self._place(number, at, column) for number in self._lines(line[0] if line else EVERY)]

    def value(self, cell: Cell) -> str:
        """What the cell says, without its quotes."""
        spelled = self.text[cell.start : cell.end]
        return spelled[1:-1].replace(QUOTE * 2, QUOTE) if spelled.startswith(QUOTE) else spelled

    def spelled(self, place: Place, value: Value) -> str:
        said = value.text
        quoted = self.text[place.start : place.end].startswith(QUOTE)
        if quoted or any(sign in said for sign in (self.separator, "\n", "\r")) or said.startswith(QUOTE):
            return QUOTE + said.replace(QUOTE, QUOTE * 2) + QUOTE
        if not said.strip() and len(self.columns or self.rows[0]) == 1:
            return QUOTE * 2  # a blank line would be no line
        return said

    def remade(self, text: str) -> Self:
        return type(self)(text, self.separator, self.columns, header=self.header)

    def plain(self) -> Any:
        if name := twice(filter(None, self.names)):
            raise Cannot(f"more than one column is called {name}")
        rows = [[self.value(cell) for cell in row] for row in self.data]
        return [dict(zip(self.names, row, strict=True)) for row in rows] if self.names else rows

    def called(self, name: str) -> int | None:
        """Which column has this name; None where none has. Raises Cannot where several do."""
        if self.names.count(name) > 1:
            raise Cannot(f"more than one column is called {name}")
        return self.names.index(name) if name in self.names else None

    def _column(self, name: str) -> int | None:
        if (at := self.called(name)) is not None:
            return at
        if any(map(str.isdigit, self.columns)):  # whose numbers stay theirs when another is gone
            return None
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 5 else 0
        return number - 1 if 0 < number <= (len(self.rows[0]) if self.rows else 0) else None

    def _lines(self, which: object) -> Sequence[int]:
        count = len(self.data)
        if not isinstance(which, int):
            return range(count)
        at = which + count if which < 0 else which
        return [at] if 0 <= at < count else []

    def _place(self, line: int, column: int, name: str) -> Place:
        cell = self.data[line][column]
        where = f" in line {line + 1 + self.header}" if len(self.data) > 1 else ""
        return Place(f"{Path((name,))}{where}", cell.start, cell.end, text(self.value(cell)))


def _rows(text: str, at: int, separator: str) -> list[list[Cell]]:
    cell_in = _cell(separator)
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    while at <= len(text):
        found = cell_in.match(text, at)
        if not found:
            raise OtherBody(f"line {len(rows) + 1} has a quoted column that does not end as it should")
        row.append(Cell(*found.span(1)))
        at = found.end()
        if found[2] == separator:
            continue
        if len(row) > 1 or row[0].end > row[0].start:
            rows.append(row)
        row = []
        if not found[2]:
            break
    return rows


@cache
def _cell(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(rf'("(?:[^"]|"")*+"|(?!")[^{sign}\r\n]*+)({sign}|\r\n|\r|\n|\Z)')
