"""A body as a form of fields, for people who would rather not see JSON; and back into the same text, in which
only the characters of the changed fields change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.editing import spots
from dashboard.editing.outline import NO_HINT, NOTHING, Hint, Outline
from dashboard.editing.spots import Body, Spot
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, NUMBER, NUMBER_KIND, STRING
from workflow_processor.repair.texts.json_text import JsonText

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
    hint: Hint = NO_HINT
    """What a schema says of it."""
    absent: bool = False
    """Whether the body does not have it; nothing typed leaves it so."""
    problem: str = ""

    @property
    def editable(self) -> bool:
        """Whether a text field can hold it."""
        return not _unfit.search(self.value)

    @property
    def long(self) -> bool:
        return "\n" in self.value or len(self.value) > 100

    @property
    def choices(self) -> Sequence[str]:
        """What it can be, where that is a list and what it is stands there."""
        if self.kind == BOOLEAN:
            choices: Sequence[str] = ("true", "false")
        else:
            choices = self.hint.choices if self.kind == STRING else ()
        return choices if self.value in choices or self.absent else ()


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


def fields_of(text: str, outline: Outline = NOTHING) -> Sequence[Field]:
    """The fields of a text; none where it is no JSON and no delimited lines, or has too many."""
    body = spots.read(text, outline)
    return [_field(spot, body) for spot in body.spots] if body else ()


def sent(text: str, form: Mapping[str, str], outline: Outline = NOTHING) -> Filled:
    """What came back in `field-0`, `kind-0` and so on, for a form that was made of this text; the text itself
    where it came back as text."""
    body = spots.read(text, outline) if "field-0" in form else None
    if not body:
        return Filled(text, ())
    before = [_field(spot, body) for spot in body.spots]
    after = [
        _typed(field, form.get(f"field-{number}"), form.get(f"kind-{number}"))
        for number, field in enumerate(before)
    ]
    if any(field.problem for field in after):
        return Filled(text, after)
    changed = [
        (spot, Value(now.kind, NULL if now.kind == NULL else now.value))
        for spot, was, now in zip(body.spots, before, after, strict=True)
        if (was.kind, was.value) != (now.kind, now.value)
    ]
    return Filled(body.put(changed), after)


def _field(spot: Spot, body: Body) -> Field:
    kinds = tuple(KINDS) if isinstance(body.document, JsonText) else (STRING,)
    value = "" if spot.value.kind == NULL else spot.value.text
    return Field(spot.name, spot.value.kind, value, kinds, spot.hint, absent=not spot.place)


def _typed(before: Field, value: str | None, kind: str | None) -> Field:
    """The field as the person left it; as it was, where it did not come back."""
    if not before.editable or value is None:
        return before
    value = value.replace("\r\n", "\n")
    if before.absent and not value:
        return before
    after = _of_kind(before, kind if kind and kind in before.kinds else before.kind, value)
    meant = _of_kind(before, before.hint.kind, value)
    # Who types 8756 where a number belongs means the number, whatever it was before.
    if after.kind == before.kind and value != before.value and before.hint.kind and not meant.problem:
        return meant
    return after


def _of_kind(field: Field, kind: str, value: str) -> Field:
    after = replace(field, kind=kind, value=value if kind == STRING else value.strip())
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
