"""How a body can be read, as far as one can tell from one."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import decoded
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.readings import AsJson, AsLines, AsText, Reading

SEPARATORS = ",;\t|"


def likely(body: bytes) -> Sequence[Reading]:
    """The readings that are worth a try, the most telling first."""
    with suppress(Cannot):
        JsonText(decoded(body)).root  # noqa: B018  # raises where it is not JSON
        return [AsJson()]
    return [reading for separator in SEPARATORS for reading in _lines(body, separator)] or [AsText()]


def _lines(body: bytes, separator: str) -> Iterator[Reading]:
    try:
        lines = AsLines(separator).document(body)
        rows = lines.rows
    except Cannot:
        return
    if rows and len(rows[0]) > 1:
        if headed(lines):
            yield AsLines(separator, header=True)
        # Their numbers as names: a line with a column more or less is then none of these.
        yield AsLines(separator, columns=tuple(str(at) for at in range(1, len(rows[0]) + 1)))


def headed(lines: Lines) -> bool:
    """Whether the first of several lines looks like headings: names, each its own, and other lines do not."""
    rows = lines.rows
    first = [lines.value(cell) for cell in rows[0]]
    names = all(name.strip() and not any(sign.isdigit() for sign in name) for name in first)
    rest = "".join(lines.value(cell) for row in rows[1:] for cell in row)
    return len(rows) > 1 and names and len(set(first)) == len(first) and any(map(str.isdigit, rest))
