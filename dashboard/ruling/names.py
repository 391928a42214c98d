"""A list of names as people write it: `account, side, "last, first"`."""

import csv
from collections.abc import Sequence
from io import StringIO


def written(names: Sequence[str]) -> str:
    """The inverse of `read`."""
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def read(text: str) -> list[str]:
    """The names, without white space around them. Commas stand in quotes. Raises ValueError."""
    try:
        [row] = csv.reader([" ".join(text.splitlines())], skipinitialspace=True)
    except csv.Error as error:
        raise ValueError(f"the names of the columns cannot be read: {error}") from error
    return [name.strip() for name in row if name.strip()]
