"""Steps that are about columns of delimited lines as wholes, each by its name alone: a number is the next
column's when the first that had it is gone, and doing it twice would not be doing it once.

A line of headings says in the body itself what was done already. Where the rule names the columns, it reads
lines of that many columns and no others: so a column can be removed, which leaves fewer, but not moved.
"""

from workflow_processor.repair.outcomes import NothingToDo
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path
from workflow_processor.repair.texts.readings import AsLines


def must_be_column(path: Path, lines: AsLines) -> None:
    """Raises ValueError where the path can be no column's name, or doing it twice would not be once."""
    [*line, name] = path.parts
    if line:
        raise ValueError(f"{path} is not a whole column: a column is named without its line")
    if not (lines.header or lines.columns):
        raise ValueError(
            f"once {name} is gone, the next column is {name}: name all columns, and lines with more or fewer"
            " are left alone"
        )
    if lines.columns and name not in lines.columns:
        raise ValueError(f"no column is called {name}; they are {', '.join(lines.columns)}")


def must_have_headings(lines: AsLines) -> None:
    """Raises ValueError where the body does not name its columns."""
    if not lines.header:
        raise ValueError("only with the columns' names in the first line does a body tell what was done")


def column(document: Lines, path: Path) -> int:
    """The column that the path names. Raises NothingToDo or Cannot."""
    at = document.called(str(path.name)) if document.rows else None
    if at is None:
        raise NothingToDo(f"no column is called {path.name}")
    return at
