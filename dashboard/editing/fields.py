"""A body as a form of fields, for people who would rather not see JSON; and back into the same text, in which
only the characters of what was changed change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from dashboard.editing import additions, spots
from dashboard.editing.additions import Addition
from dashboard.editing.kinds import KINDS, fits_a_field, trouble
from dashboard.editing.outline import NO_HINT, NOTHING, Hint, Outline
from dashboard.editing.spots import LINES, Body, Spot, Steps
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, STRING
from workflow_processor.repair.texts.json_text import JsonText


@dataclass(frozen=True, slots=True)
class Field:
    """A part of the body, as the page shows it or as a person left it."""

    name: str
    """Its path, in words."""
    kind: str
    """One of KINDS; or an object, a list or a line."""
    value: str
    kinds: Sequence[str] = (STRING,)
    """What it can be made."""
    hint: Hint = NO_HINT
    """What a schema says of it."""
    absent: bool = False
    """Whether the body does not have it; nothing typed leaves it so."""
    removable: bool = False
    removed: bool = False
    """Whether it is to go when the body is saved."""
    ends: Sequence[None] = ()
    """One for each object, list or line that ends with it."""
    problem: str = ""

    @property
    def single(self) -> bool:
        """Whether it is a value, and has no parts."""
        return self.kind in KINDS

    @property
    def label(self) -> tuple[str, str]:
        """Its name in two parts: what says its line already, and the rest."""
        line, comma, column = self.name.partition(", ")
        of_line = self.single and comma and len(self.kinds) == 1
        return (f"{line}{comma}", column) if of_line else ("", self.name)

    @property
    def editable(self) -> bool:
        """Whether a text field can hold it."""
        return self.single and fits_a_field(self.value)

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
class Form:
    """A body as a form."""

    text: str
    """The body: as it was, where a field has a problem."""
    fields: Sequence[Field] = ()
    base: str = ""
    """The text that the fields are of: what is to go is still in it."""
    homes: Sequence[Spot] = ()
    """The objects and lists that something can be added to, or the lines."""
    new: Addition = Addition()  # noqa: RUF009  # frozen

    @property
    def of_lines(self) -> bool:
        return any(home.value.kind == LINES for home in self.homes)

    @property
    def new_kinds(self) -> Mapping[str, str]:
        """What can be added, in words."""
        return additions.NEW_LINES if self.of_lines else additions.NEW_KINDS

    @property
    def problems(self) -> dict[str, str]:
        """By field: field-0, field-1 and so on, or part."""
        found = {f"field-{at}": field.problem for at, field in enumerate(self.fields) if field.problem}
        return found | ({"part": self.new.problem} if self.new.problem else {})

    @property
    def said(self) -> list[str]:
        """The problems, with the names of what they are about."""
        found = [f"{field.name}: {field.problem}" for field in self.fields if field.problem]
        return [*found, *([self.new.problem] if self.new.problem else [])]


def form_of(text: str, outline: Outline = NOTHING, removed: Collection[Steps] = ()) -> Form | None:
    """The form of a text, from which these parts are to go; None where it is no JSON and no delimited lines,
    or has too many parts."""
    body = spots.read(text, outline)
    if not body:
        return None
    fields = [
        replace(field, removed=field.removable and spot.steps in removed) for spot, field in _fields(body)
    ]
    return Form(spots.without(body.document, removed), fields, text, body.homes)


def sent(text: str, form: Mapping[str, str], outline: Outline = NOTHING) -> Form | None:
    """What came back in `field-0`, `kind-0`, `remove-0` and so on, and in `part-name` and its like, for
    a form that was made of this text; None where it came back as text."""
    body = spots.read(text, outline) if "fields" in form else None
    if not body:
        return None
    before = [field for _, field in _fields(body)]
    after = [_left(field, form, number) for number, field in enumerate(before)]
    new = additions.sent(form)
    as_typed = Form(text, after, text, body.homes, new or Addition())
    if as_typed.problems:
        return as_typed
    made = body.put(_changed(body.spots, before, after))
    try:
        made = additions.added(made, body.homes, new) if new else made
    except ValueError as error:
        return replace(as_typed, new=replace(as_typed.new, problem=str(error)))
    pairs = zip(body.spots, after, strict=True)
    removed = {spot.steps for spot, field in pairs if field.removed}
    return form_of(made.text, outline, removed) or Form(spots.without(made, removed))


def _changed(
    found: Sequence[Spot], before: Sequence[Field], after: Sequence[Field]
) -> list[tuple[Spot, Value]]:
    return [
        (spot, Value(now.kind, NULL if now.kind == NULL else now.value))
        for spot, was, now in zip(found, before, after, strict=True)
        if (was.kind, was.value) != (now.kind, now.value)
    ]


def _fields(body: Body) -> Iterator[tuple[Spot, Field]]:
    """Each with the number of parts that end with it, so that a page can draw what belongs together."""
    begun: list[Spot] = []
    for spot, after in zip_longest(body.spots, body.spots[1:]):
        field = _field(spot, body)
        if not field.single:
            begun.append(spot)
        still = [part for part in begun if after and after.within(part)]
        yield spot, replace(field, ends=[None] * (len(begun) - len(still)))
        begun = still


def _field(spot: Spot, body: Body) -> Field:
    kinds = tuple(KINDS) if isinstance(body.document, JsonText) else (STRING,)
    value = "" if spot.value.kind == NULL else spot.value.text
    absent = not spot.place
    return Field(spot.name, spot.value.kind, value, kinds, spot.hint, absent, spot.removable)


def _left(before: Field, form: Mapping[str, str], number: int) -> Field:
    """The field as the person left it."""
    if before.removable and f"remove-{number}" in form:
        return replace(before, removed=True)
    return _typed(before, form.get(f"field-{number}"), form.get(f"kind-{number}"))


def _typed(before: Field, value: str | None, kind: str | None) -> Field:
    """The field with this value; as it was, where it did not come back."""
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
    value = value if kind == STRING else value.strip()
    return replace(field, kind=kind, value=value, problem=trouble(kind, value))
