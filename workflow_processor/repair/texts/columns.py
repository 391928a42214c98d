"""Columns of delimited lines as wholes: taken out, put elsewhere, called otherwise. Every cell stays as it is
spelled, and so does every separator and line end."""

from collections.abc import Sequence

from workflow_processor.repair.outcomes import Cannot, OtherBody
from workflow_processor.repair.texts.document import Place, Splice, text
from workflow_processor.repair.texts.lines import Lines


def arranged(lines: Lines, order: Sequence[int]) -> Lines:
    """The lines with these of their columns, in this order. Raises Cannot where they would be read otherwise
    then: a line whose only column is empty is blank, and so is no line."""
    wanted = [[row[at] for at in order] for row in _spelled(lines)]
    splices = [
        Splice(row[0].start, row[-1].end, lines.separator.join(cells))
        for row, cells in zip(lines.rows, wanted, strict=True)
    ]
    columns = tuple(lines.columns[at] for at in order) if lines.columns else ()
    made = Lines(lines.spliced(splices).text, lines.separator, columns, header=lines.header)
    try:
        same = _spelled(made) == wanted
    except OtherBody:
        same = False
    if not same:
        raise Cannot("what is left of the lines would be read otherwise")
    return made


def renamed(lines: Lines, column: int, name: str) -> Lines:
    """The lines with another heading for this column."""
    start, end = lines.rows[0][column]
    return lines.put([(Place(name, start, end, text(lines.names[column])), text(name))])


def _spelled(lines: Lines) -> list[list[str]]:
    return [[lines.text[cell.start : cell.end] for cell in row] for row in lines.rows]
