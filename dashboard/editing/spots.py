"""The single values of a body: where each stands, and what a schema says of it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboard.editing.outline import Hint, Outline
from dashboard.parts.columns import columns
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Document, Place, Value
from workflow_processor.repair.texts.json_scan import ARRAY, OBJECT, STRING, Node
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.json_values import spelled as in_json
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path

LIMIT, LENGTH = 300, 64 * 1024
"""Values of one form, and characters of its text; a body of more is edited as text."""
Way = tuple[str | int, ...]


class Spot(NamedTuple):
    """One value."""

    name: str
    value: Value
    hint: Hint
    place: Place | None
    """None for one that is not there, and may be."""
    way: Way = ()


class Body(NamedTuple):
    """A body, and all its values."""

    document: Document
    spots: Sequence[Spot]

    def put(self, values: Sequence[tuple[Spot, Value]]) -> str:
        """The text with these values; what was not there is put behind the others of its object."""
        there = [(spot.place, value) for spot, value in values if spot.place]
        document = self.document.put(there)
        for spot, value in values:
            if not spot.place and isinstance(document, JsonText):
                [parent] = document.found(Path(spot.way[:-1]))
                document = document.spliced([document.member(parent.node, str(spot.way[-1]), in_json(value))])
        return document.text


def read(text: str, outline: Outline) -> Body | None:
    """The body that the text is; None where it is no JSON and no delimited lines, or has too many values."""
    if len(text) > LENGTH:
        return None
    try:
        body = _json(text, outline) if text.lstrip()[:1] in ("{", "[") else _lines(text)
    except Cannot:
        return None
    return body if 0 < len(body.spots) <= LIMIT else None


def _json(text: str, outline: Outline) -> Body:
    document = JsonText(text)
    return Body(document, list(_within(document, document.root, (), outline)))


def _within(document: JsonText, node: Node, way: Way, outline: Outline) -> Iterator[Spot]:
    if node.kind not in (OBJECT, ARRAY):
        place = Place(str(Path(way)), node.start, node.end, document.value(node))
        yield Spot(place.where, place.value, outline.at(way), place, way)
        return
    parts: Sequence[str | int] = [key.name for key in node.keys] or range(len(node.items))
    for part, item in zip(parts, node.items, strict=True):
        yield from _within(document, item, (*way, part), outline)
    if node.kind == OBJECT:
        for name, hint in outline.members(way):
            if name not in parts:
                yield Spot(str(Path((*way, name))), Value(hint.kind, ""), hint, None, (*way, name))


def _lines(text: str) -> Body:
    told = columns(text.encode())
    if not told:
        raise Cannot("it is no delimited lines")
    document = Lines(text, told.separator, header=False)
    ways = [(row, str(at + 1)) for row in range(len(document.rows)) for at in range(told.width)]
    places = [place for way in ways for place in document.places(Path(way))]
    named = zip(ways, places, strict=True)
    return Body(document, [_cell(row, column, place) for (row, column), place in named])


def _cell(row: int, column: str, place: Place) -> Spot:
    return Spot(f"line {row + 1}, column {column}", Value(STRING, place.value.text), Hint(), place)
