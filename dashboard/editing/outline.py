"""What a JSON Schema says of single values, for a form: a title, a help, a kind, choices.

Whether a body fits its schema is for `workflow_processor.repair.schemas` to say. What is not understood here
is left out of the form.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, NUMBER_KIND, STRING

_KINDS = {"string": STRING, "number": NUMBER_KIND, "integer": NUMBER_KIND, "boolean": BOOLEAN, "null": NULL}
DEPTH = 20
"""References to references."""


class Hint(NamedTuple):
    """What is said of one value."""

    title: str = ""
    help: str = ""
    kind: str = ""
    """The one kind that it has; "" where it can have several, or nobody says."""
    choices: Sequence[str] = ()
    """All that it can be, where these are texts."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A schema, asked for one place after the other."""

    schema: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Outline":
        """That of a schema's JSON, which was found to be one when it was saved."""
        return cls(json.loads(text))

    def at(self, path: Sequence[str | int]) -> Hint:
        """What is said of the value that the path leads to."""
        parent: Mapping[str, Any] = {}
        value = self._resolved(self.schema)
        for part in path:
            parent, value = value, self._below(value, part)
        name = path[-1] if path else ""
        return self._hint(value, required=name in _list(parent.get("required")))

    def members(self, path: Sequence[str | int]) -> Iterator[tuple[str, Hint]]:
        """The single values that an object here may have, by name."""
        value = self._resolved(self.schema)
        for part in path:
            value = self._below(value, part)
        for name in _mapping(value.get("properties")):
            hint = self.at([*path, name])
            if hint.kind:
                yield name, hint

    def _below(self, schema: Mapping[str, Any], part: str | int) -> Mapping[str, Any]:
        if isinstance(part, str):
            return self._resolved(_mapping(schema.get("properties")).get(part))
        first = _list(schema.get("prefixItems"))
        return self._resolved(first[part] if part < len(first) else schema.get("items"))

    def _resolved(self, schema: object, depth: int = 0) -> Mapping[str, Any]:
        """The schema itself, where it only refers to another part of the document."""
        found = _mapping(schema)
        reference = found.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/") or depth > DEPTH:
            return found
        target: object = self.schema
        for part in reference[2:].split("/"):
            target = _mapping(target).get(part.replace("~1", "/").replace("~0", "~"))
        return {**self._resolved(target, depth + 1), **found}

    def _hint(self, schema: Mapping[str, Any], *, required: bool) -> Hint:
        choices = _list(schema.get("enum"))
        kind = schema.get("type", "string" if choices else "")
        return Hint(
            title=str(schema.get("title", "")),
            help=str(schema.get("description", "")),
            kind=_KINDS.get(kind, "") if isinstance(kind, str) else "",
            choices=choices if all(isinstance(choice, str) for choice in choices) else (),
            required=required,
        )


NO_HINT, NOTHING = Hint(), Outline()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
