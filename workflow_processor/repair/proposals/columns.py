"""What an edit changed in delimited lines: cells, or whole columns. Of what is neither, nothing."""

from collections.abc import Iterator, Sequence

from workflow_processor.repair.changes import Change, Changed, Moved, Removed, Reordered
from workflow_processor.repair.texts.document import text
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path


def of_lines(before: Lines, after: Lines) -> Iterator[Change]:
    """Raises Cannot where these are no lines."""
    if len(before.rows) != len(after.rows) or not before.rows:
        return
    names, now = _names(before), _names(after)
    if len(now) < len(names):
        yield from _removed(before, after)
    elif len(now) == len(names) and before.header and sorted(now) == sorted(names) and now != names:
        yield from _reordered(names, now)
    elif len(now) == len(names):
        yield from _cells(before, after)
        if before.header:
            pairs = zip(names, now, strict=True)
            yield from (Moved(Path((one,)), Path((other,))) for one, other in pairs if one != other)


def _names(lines: Lines) -> Sequence[str]:
    return lines.names or tuple(str(at) for at in range(1, len(lines.rows[0]) + 1))


def _removed(before: Lines, after: Lines) -> Iterator[Change]:
    """The columns that are gone, where the others are as they were."""
    left = _columns(after)
    gone = []
    for name, column in zip(_names(before), _columns(before), strict=True):
        if left[:1] == [column]:
            del left[0]
        else:
            gone.append(Removed(Path((name,))))
    yield from [] if left else gone


def _columns(lines: Lines) -> list[list[str]]:
    return [[lines.value(row[at]) for row in lines.rows] for at in range(len(lines.rows[0]))]


def _reordered(names: Sequence[str], now: Sequence[str]) -> Iterator[Change]:
    """The one column that stands elsewhere, where it is one."""
    for at, name in enumerate(names):
        to, others = now.index(name), [*names[:at], *names[at + 1 :]]
        if [*others[:to], name, *others[to:]] == list(now):
            yield Reordered(Path((name,)), to + 1)
            return


def _cells(before: Lines, after: Lines) -> Iterator[Change]:
    names = _names(before)
    for line, (row, row_after) in enumerate(zip(before.data, after.data, strict=True)):
        for name, cell, cell_after in zip(names, row, row_after, strict=True):
            one, other = before.value(cell), after.value(cell_after)
            if one != other:
                yield Changed(Path((line, name)), text(one), text(other), typed=False)
