"""The difference between two texts, by lines and words. Nothing is parsed: 1.10 and 1.1 differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

CONTEXT = 3
WORK_LIMIT = 1_000_000
"""difflib may compare as often as the product of both lengths; beyond this a stretch counts as replaced."""
ROW_LIMIT = 2_000
STRETCH = 160
"""Characters shown at each end of a long unchanged stretch within one line."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR", "": "no line break at the end"}


class Piece(NamedTuple):
    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    """same, removed, added, or gap (lines alike that are left out)."""
    before: int | None = None
    after: int | None = None
    pieces: Sequence[Piece] = ()
    end: str = ""
    """How the line ends, where that is part of the difference."""
    skipped: int = 0


class Diff(NamedTuple):
    rows: list[Row]
    removed: int
    added: int
    cut: int
    """Rows beyond the limit, which are not shown."""


def diff(before: str, after: str) -> Diff:
    old, new = _LINE.findall(before), _LINE.findall(after)
    rows = [row for block in _blocks(old, new) for row in _rows(block, old, new)]
    removed, added = (sum(row.kind == kind for row in rows) for kind in ("removed", "added"))
    return Diff(rows[:ROW_LIMIT], removed, added, max(0, len(rows) - ROW_LIMIT))


Block = tuple[str, int, int, int, int]


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """difflib's opcodes, after what both have in common at the start and the end has been set aside."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if head:
        yield "equal", 0, head, 0, head
    if (old_end - head) * (new_end - head) > WORK_LIMIT:
        yield "replace", head, old_end, head, new_end
    else:
        matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
        for tag, i, j, k, m in matcher.get_opcodes():
            yield tag, i + head, j + head, k + head, m + head
    if tail:
        yield "equal", old_end, len(old), new_end, len(new)


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((index for index, (left, right) in pairs if left != right), min(len(old), len(new)))


def _rows(block: Block, old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    tag, i, j, k, m = block
    if tag == "equal":
        yield from _context(block, old, last=j == len(old) and m == len(new))
        return
    pairs = list(zip_longest(old[i:j], new[k:m]))
    words = [_words(left or "", right or "") for left, right in pairs]
    ends = [_ends(left, right) for left, right in pairs]
    for offset in range(j - i):
        yield Row("removed", i + offset + 1, None, words[offset][0], ends[offset][0])
    for offset in range(m - k):
        yield Row("added", None, k + offset + 1, words[offset][1], ends[offset][1])


def _ends(old: str | None, new: str | None) -> tuple[str, str]:
    """Said where the two differ, or where a line that stands alone has none."""
    before, after = (_end(line) if line is not None else None for line in (old, new))
    if before is None or after is None:
        return ("" if before else _ENDS[""], "" if after else _ENDS[""])
    return ("", "") if before == after else (_ENDS[before], _ENDS[after])


def _context(block: Block, old: Sequence[str], *, last: bool) -> Iterator[Row]:
    _, i, j, k, _ = block
    before = CONTEXT if i else 0
    after = 0 if last else CONTEXT
    skipped = j - i - before - after
    for index in range(i, j):
        if skipped > 1 and i + before <= index < j - after:
            if index == i + before:
                yield Row("gap", skipped=skipped)
            continue
        yield Row("same", index + 1, index - i + k + 1, _shorten([Piece(_bare(old[index]))]))


def _words(old: str, new: str) -> tuple[list[Piece], list[Piece]]:
    left, right = _WORD.findall(_bare(old)), _WORD.findall(_bare(new))
    blocks = list(_blocks(left, right))
    alike = sum(j - i for tag, i, j, _, _ in blocks if tag == "equal")
    if alike * 4 < max(len(left), len(right)):
        return _shorten([Piece(_bare(old))]), _shorten([Piece(_bare(new))])
    before = [Piece("".join(left[i:j]), tag != "equal") for tag, i, j, _, _ in blocks if j > i]
    after = [Piece("".join(right[k:m]), tag != "equal") for tag, _, _, k, m in blocks if m > k]
    return _shorten(before), _shorten(after)


def _shorten(pieces: list[Piece]) -> list[Piece]:
    return [piece if piece.changed else Piece(_stretch(piece.text)) for piece in pieces]


def _stretch(text: str) -> str:
    left_out = len(text) - 2 * STRETCH
    return (
        text if left_out < STRETCH else f"{text[:STRETCH]} ⋯ {left_out:,} more characters ⋯ {text[-STRETCH:]}"
    )


def _end(line: str) -> str:
    return line[len(_bare(line)) :]


def _bare(line: str) -> str:
    return line.rstrip("\r\n")
