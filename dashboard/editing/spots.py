"""The parts of a body: where each stands, and what a schema says of it."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from dashboard.editing import lines
from dashboard.editing.outline import Hint, Outline
from dashboard.parts.columns import columns
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.proposals.readings import headed
from workflow_processor.repair.texts.document import Place, Splice, Value
from workflow_processor.repair.texts.json_scan import ARRAY, OBJECT, STRING, Node
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.json_values import spelled as in_json
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path

LIMIT, LENGTH = 300, 64 * 1024
"""Parts of one form, and characters of its text; a body of more is edited as text."""
LINE, LINES = "line", "lines"
"""Kinds of parts that JSON has not."""
Text = JsonText | Lines
Way = tuple[str | int, ...]
Steps = tuple[int, ...]
"""The number of an item, then that of one of its items, and so on: sure even where a key stands twice."""


class Spot(NamedTuple):
    """One value, object, list or line."""

    name: str
    value: Value
    """Only a single value has a text."""
    hint: Hint
    place: Place | None
    """None for one that is not there, and may be."""
    way: Way = ()
    steps: Steps = ()
    """From the root; of what is not there, to the object that lacks it. Of a column, its line's and its own
    number."""
    stays: bool = False
    """Whether it cannot go by itself, as a column of one line."""

    @property
    def removable(self) -> bool:
        """Whether it can go and leave what its schema calls complete."""
        return bool(self.place and self.steps) and not (self.hint.required or self.stays)

    def within(self, other: "Spot") -> bool:
        """Whether it is a part of that one, or of a part of it."""
        inner = len(self.steps) > len(other.steps) or not self.place
        return inner and self.steps[: len(other.steps)] == other.steps


class Body(NamedTuple):
    """A body, and all its parts; in JSON without the root, unless that is a single value."""

    document: Text
    spots: Sequence[Spot]

    @property
    def homes(self) -> list[Spot]:
        """The objects and lists, the root first, or the lines: to these something can be added."""
        kind = self.document.root.kind if isinstance(self.document, JsonText) else LINES
        whole = Spot("the body", Value(kind, ""), Hint(), None)
        if kind == LINES:
            return [whole]
        return [spot for spot in (whole, *self.spots) if spot.value.kind in (OBJECT, ARRAY)]

    def put(self, values: Sequence[tuple[Spot, Value]]) -> Text:
        """The body with these values; what was not there is put behind the others of its object."""
        there = [(spot.place, value) for spot, value in values if spot.place]
        document = self.document.put(there)
        for spot, value in values:
            if not spot.place and isinstance(document, JsonText):
                parent = node(document, spot.steps)
                document = document.spliced([document.member(parent, str(spot.way[-1]), in_json(value))])
        return document


def read(text: str, outline: Outline) -> Body | None:
    """The body that the text is; None where it is no JSON and no delimited lines, or has too many parts."""
    if len(text) > LENGTH:
        return None
    try:
        body = _json(text, outline) if text.lstrip()[:1] in ("{", "[") else _lines(text)
    except Cannot:
        return None
    return body if len(body.spots) <= LIMIT else None


def node(document: JsonText, steps: Steps) -> Node:
    """What stands there."""
    found = document.root
    for step in steps:
        found = found.items[step]
    return found


def without(document: Text, gone: Collection[Steps]) -> str:
    """The text without these parts of the body."""
    for steps in sorted(gone, reverse=True):  # which leaves the ones before where they are
        document = document.spliced([_gone(document, steps)])
    return document.text


def _gone(document: Text, steps: Steps) -> Splice:
    if isinstance(document, JsonText):
        return document.gone(node(document, steps[:-1]), steps[-1])
    return lines.gone(document, steps[0])


def _json(text: str, outline: Outline) -> Body:
    document = JsonText(text)
    return Body(document, list(_within(document, document.root, (), (), outline)))


def _within(document: JsonText, node: Node, way: Way, steps: Steps, outline: Outline) -> Iterator[Spot]:
    whole = node.kind in (OBJECT, ARRAY)
    if steps or not whole:
        value = Value(node.kind, "") if whole else document.value(node)
        place = Place(str(Path(way)), node.start, node.end, value)
        yield Spot(place.where, value, outline.at(way), place, way, steps)
    parts: Sequence[str | int] = [key.name for key in node.keys] or range(len(node.items))
    for at, (part, item) in enumerate(zip(parts, node.items, strict=True)):
        yield from _within(document, item, (*way, part), (*steps, at), outline)
    if node.kind == OBJECT:
        for name, hint in outline.members(way):
            if name not in parts:
                yield Spot(str(Path((*way, name))), Value(hint.kind, ""), hint, None, (*way, name), steps)


def _lines(text: str) -> Body:
    told = columns(text.encode())
    if not told:
        raise Cannot("it is no delimited lines")
    document = Lines(text, told.separator, header=False)
    names = [document.value(cell) for cell in document.rows[0]] if headed(document) else []
    rows = range(len(document.rows))
    return Body(document, [spot for row in rows for spot in _line(document, row, names)])


def _line(document: Lines, row: int, names: Sequence[str]) -> Iterator[Spot]:
    """A line and its columns; an only one goes without saying."""
    cells = document.rows[row]
    if len(document.rows) > 1:
        heads = bool(names) and not row
        place = Place("", cells[0].start, cells[-1].end, Value(LINE, ""))
        name = f"line {row + 1}{', headings' if heads else ''}"
        yield Spot(name, place.value, Hint(), place, steps=(row,), stays=heads)
    for at, cell in enumerate(cells):
        place = Place("", cell.start, cell.end, Value(STRING, document.value(cell)))
        yield Spot(_cell(row, at, names), place.value, Hint(), place, steps=(row, at), stays=True)


def _cell(row: int, column: int, names: Sequence[str]) -> str:
    if not names:
        return f"line {row + 1}, column {column + 1}"
    return f"line {row + 1}, {names[column]}" if row else f"heading {column + 1}"
