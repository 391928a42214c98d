"""A body as a form of fields, for people who would rather not see JSON; and back into the same text, in which
only the characters of the changed fields change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dashboard.parts.columns import columns
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Document, Place, Value
from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, NUMBER, NUMBER_KIND, STRING, Node
from workflow_processor.repair.texts.json_text import Found, JsonText
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path

LIMIT, LENGTH = 300, 64 * 1024
"""Fields of one form, and characters of its text; a body of more is edited as text."""
KINDS = {STRING: "text", NUMBER_KIND: "number", BOOLEAN: "true or false", NULL: "nothing"}

_number = re.compile(NUMBER)
_unfit = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the body, as the page shows it or as a person left it."""

    name: str
    """Its path, in words."""
    kind: str
    """One of KINDS."""
    value: str
    kinds: Sequence[str] = (STRING,)
    """What it can be made."""
    problem: str = ""

    @property
    def editable(self) -> bool:
        """Whether a text field can hold it."""
        return not _unfit.search(self.value)

    @property
    def long(self) -> bool:
        return "\n" in self.value or len(self.value) > 100


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it came back: the text that it makes, and its fields."""

    text: str
    """As it was, where a field has a problem."""
    fields: Sequence[Field]

    @property
    def problems(self) -> dict[str, str]:
        """By field: field-0, field-1 and so on."""
        return {f"field-{at}": field.problem for at, field in enumerate(self.fields) if field.problem}


def fields_of(text: str) -> Sequence[Field]:
    """The fields of a text; none where it is no JSON and no delimited lines, or has too many."""
    form = _read(text)
    return [_field(place, form.document) for place in form.places] if form else ()


def sent(text: str, fields: Mapping[str, str]) -> Filled:
    """What came back in `field-0`, `kind-0` and so on, for a form that was made of this text; the text itself
    where it came back as text."""
    form = _read(text) if "field-0" in fields else None
    if not form:
        return Filled(text, ())
    before = [_field(place, form.document) for place in form.places]
    after = [
        _typed(field, fields.get(f"field-{number}"), fields.get(f"kind-{number}"))
        for number, field in enumerate(before)
    ]
    if any(field.problem for field in after):
        return Filled(text, after)
    changed = [
        (place, Value(now.kind, NULL if now.kind == NULL else now.value))
        for place, was, now in zip(form.places, before, after, strict=True)
        if (was.kind, was.value) != (now.kind, now.value)
    ]
    return Filled(form.document.put(changed).text, after)


class _Form(NamedTuple):
    document: Document
    places: Sequence[Place]
    """One for each field."""


def _read(text: str) -> _Form | None:
    if len(text) > LENGTH:
        return None
    try:
        form = _json(text) if text.lstrip()[:1] in ("{", "[") else _lines(text)
    except Cannot:
        return None
    return form if 0 < len(form.places) <= LIMIT else None


def _json(text: str) -> _Form:
    document = JsonText(text)
    found = list(_leaves(Found((), document.root, None, 0)))
    return _Form(
        document,
        [Place(str(Path(one.path)), one.node.start, one.node.end, document.value(one.node)) for one in found],
    )


def _leaves(found: Found) -> Iterator[Found]:
    node: Node = found.node
    ways: Sequence[str | int] = [key.name for key in node.keys] or range(len(node.items))
    for at, (way, item) in enumerate(zip(ways, node.items, strict=True)):
        yield from _leaves(Found((*found.path, way), item, node, at))
    if node.kind in KINDS:
        yield found


def _lines(text: str) -> _Form:
    told = columns(text.encode())
    if not told:
        raise Cannot("it is no delimited lines")
    document = Lines(text, told.separator, header=False)
    paths = (Path((row, str(at + 1))) for row in range(len(document.rows)) for at in range(told.width))
    places = [place for path in paths for place in document.places(path)]
    return _Form(document, [_named(place, number, told.width) for number, place in enumerate(places)])


def _named(place: Place, number: int, width: int) -> Place:
    line, column = divmod(number, width)
    return place._replace(where=f"line {line + 1}, column {column + 1}")


def _field(place: Place, document: Document) -> Field:
    kinds = tuple(KINDS) if isinstance(document, JsonText) else (STRING,)
    return Field(place.where, place.value.kind, "" if place.value.kind == NULL else place.value.text, kinds)


def _typed(before: Field, value: str | None, kind: str | None) -> Field:
    """The field as the person left it; as it was, where it did not come back."""
    if not before.editable or value is None:
        return before
    kind = kind if kind and kind in before.kinds else before.kind
    value = value.replace("\r\n", "\n")
    after = replace(before, kind=kind, value=value if kind == STRING else value.strip())
    return replace(after, problem=_trouble(after))


def _trouble(field: Field) -> str:
    """Why it cannot have this value."""
    if field.kind == NUMBER_KIND and not _number.fullmatch(field.value):
        return "This is no number: digits, a point, and nothing else."
    if field.kind == NULL and field.value:
        return "Nothing has no value: choose what this is."
    if field.kind == BOOLEAN and field.value not in ("true", "false"):
        return "This is neither true nor false."
    if _unfit.search(field.value):
        return "A control character cannot be written here."
    return ""
