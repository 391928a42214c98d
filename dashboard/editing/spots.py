"""The parts of a body: where each stands, and what a schema says of it."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from dashboard.editing.outline import Hint, Outline
from dashboard.parts.columns import columns
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.proposals.readings import headed
from workflow_processor.repair.texts.document import Document, Place, Value
from workflow_processor.repair.texts.json_scan import ARRAY, OBJECT, Node
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.json_values import spelled as in_json
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path

LIMIT, LENGTH = 300, 64 * 1024
"""Parts of one form, and characters of its text; a body of more is edited as text."""
Way = tuple[str | int, ...]
Steps = tuple[int, ...]
"""The number of an item, then that of one of its items, and so on: sure even where a key stands twice."""


class Spot(NamedTuple):
    """One value, object or list."""

    name: str
    value: Value
    """An object's or a list's has no text."""
    hint: Hint
    place: Place | None
    """None for one that is not there, and may be."""
    way: Way = ()
    steps: Steps | None = None
    """From the root; of what is not there, to the object that lacks it. None in lines."""

    @property
    def removable(self) -> bool:
        """Whether it can go and leave what its schema calls complete."""
        return bool(self.place and self.steps) and not self.hint.required


class Body(NamedTuple):
    """A body, and all its parts; in JSON without the root, unless that is a single value."""

    document: Document
    spots: Sequence[Spot]

    @property
    def homes(self) -> list[Spot]:
        """The objects and lists, the root first: to these something can be added."""
        if not isinstance(self.document, JsonText):
            return []
        root = self.document.root
        whole = Spot("the body", Value(root.kind, ""), Hint(), None, (), ())
        return [spot for spot in (whole, *self.spots) if spot.value.kind in (OBJECT, ARRAY)]

    def put(self, values: Sequence[tuple[Spot, Value]]) -> str:
        """The text with these values; what was not there is put behind the others of its object."""
        there = [(spot.place, value) for spot, value in values if spot.place]
        document = self.document.put(there)
        for spot, value in values:
            if not spot.place and isinstance(document, JsonText):
                parent = node(document, spot.steps or ())
                document = document.spliced([document.member(parent, str(spot.way[-1]), in_json(value))])
        return document.text


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


def without(text: str, gone: Collection[Steps]) -> str:
    """The JSON without these of its parts."""
    document = JsonText(text)
    for steps in sorted(gone, reverse=True):  # which leaves the ones before where they are
        document = document.spliced([document.gone(node(document, steps[:-1]), steps[-1])])
    return document.text


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
    ways = [(row, at) for row in range(len(document.rows)) for at in range(told.width)]
    places = [place for row, at in ways for place in document.places(Path((row, str(at + 1))))]
    first = [place.value.text for place in places[: told.width]]
    names = first if headed(document) else []
    named = zip(ways, places, strict=True)
    return Body(document, [Spot(_cell(*way, names), place.value, Hint(), place) for way, place in named])


def _cell(row: int, column: int, names: Sequence[str]) -> str:
    if not names:
        return f"line {row + 1}, column {column + 1}"
    return f"line {row + 1}, {names[column]}" if row else f"heading {column + 1}"
