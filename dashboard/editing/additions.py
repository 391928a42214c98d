"""A part that a person adds to a body as a form: a member, an item of a list, or a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.editing import lines
from dashboard.editing.kinds import KINDS, trouble
from dashboard.editing.spots import Spot, Text, node
from workflow_processor.repair.texts.document import Splice, Value
from workflow_processor.repair.texts.json_scan import ARRAY, NULL, OBJECT, STRING, Node
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.json_values import spelled
from workflow_processor.repair.texts.lines import Lines

COPY = "copy"
BEGINS = {OBJECT: "{}", ARRAY: "[]"}
NEW_KINDS = {**KINDS, OBJECT: "object", ARRAY: "list", COPY: "a copy of the last item"}
NEW_LINES = {STRING: "empty", COPY: "a copy of the last line"}


@dataclass(frozen=True, slots=True)
class Addition:
    """What was typed for it."""

    home: str = "0"
    """The number of the object or list that it is added to."""
    name: str = ""
    kind: str = STRING
    """One of NEW_KINDS, or of NEW_LINES."""
    value: str = ""
    problem: str = ""


def sent(form: Mapping[str, str]) -> Addition | None:
    """What came back; None where nothing is to be added."""
    told = (form.get(f"part-{part}", "") for part in ("home", "name", "kind", "value"))
    home, name, kind, value = told
    asked = form.get("then") == "add" or name or value or kind not in ("", STRING)
    return Addition(home or "0", name, kind or STRING, value) if asked else None


def added(document: Text, homes: Sequence[Spot], new: Addition) -> Text:
    """The body with it behind the others of its home. Raises ValueError, which says why it cannot be."""
    if isinstance(document, Lines):
        return document.spliced([lines.added(document, alike=new.kind == COPY)])
    return document.spliced([_part(document, homes, new)])


def _part(document: JsonText, homes: Sequence[Spot], new: Addition) -> Splice:
    try:
        home = node(document, homes[int(new.home)].steps)
    except (IndexError, ValueError):
        raise ValueError("Choose where to add it.") from None
    value = _value(document, home, new)
    if home.kind == ARRAY:
        if new.name:
            raise ValueError("List items have no name.")
        return document.item(home, len(home.items), value)
    if not new.name:
        raise ValueError("Enter a name.")
    if said := trouble(STRING, new.name):
        raise ValueError(said)
    if new.name in [key.name for key in home.keys]:
        raise ValueError(f"There is already a {new.name}.")
    return document.member(home, new.name, value)


def _value(document: JsonText, home: Node, new: Addition) -> str:
    """As JSON."""
    if new.kind in BEGINS or new.kind == COPY:
        if new.value:
            raise ValueError("It has no value of its own: add its parts afterwards.")
        if new.kind in BEGINS:
            return BEGINS[new.kind]
        if home.kind != ARRAY or not home.items:
            raise ValueError("There is no item to copy.")
        return document.text[home.items[-1].start : home.items[-1].end]
    value = new.value if new.kind == STRING else new.value.strip()
    if said := trouble(new.kind, value):
        raise ValueError(said)
    return spelled(Value(new.kind, NULL if new.kind == NULL else value))
