"""Whole lines put into delimited text and taken out; every other character stays as it is."""

import re

from workflow_processor.repair.texts.document import Splice
from workflow_processor.repair.texts.lines import Lines

_end = re.compile(r"\r\n|\r|\n")
_end_before = re.compile(r"(?:\r\n|\r|\n)\Z")


def gone(document: Lines, line: int) -> Splice:
    """What takes this line out, with its end; the last one without an end takes that of the one before."""
    start, end = document.rows[line][0].start, document.rows[line][-1].end
    if its_own := _end.match(document.text, end):
        return Splice(start, its_own.end(), "")
    before = _end_before.search(document.text[:start])
    return Splice(before.start() if before else start, end, "")


def added(document: Lines, *, alike: bool) -> Splice:
    """What puts a line behind the last: one that says the same, or one that says nothing."""
    last = document.rows[-1]
    line = document.text[last[0].start : last[-1].end] if alike else document.separator * (len(last) - 1)
    if its_own := _end.match(document.text, last[-1].end):
        return Splice(its_own.end(), its_own.end(), line + its_own[0])
    first = _end.search(document.text, document.rows[0][-1].end)
    return Splice(last[-1].end, last[-1].end, (first[0] if first else "\n") + line)
