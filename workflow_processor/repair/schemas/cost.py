"""What a schema could cost at most, told before anything is checked by it.

A few lines of references can stand for a million of schemas, and one that refers to itself twice at one place
takes twice as long for each level of a body. The validator is C code that no time limit ends, so the first is
counted and the second refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_processor.repair.texts.paths import pointer

PARTS = 20_000
"""Schemas that a schema consists of, each reference written out."""

Way = tuple[str, ...]
ANY = "*"
_here_each = ("allOf", "anyOf", "oneOf")
_here = ("not", "if", "then", "else")
_here_named = ("dependentSchemas", "dependencies")
_below = ("items", "contains", "additionalItems", "unevaluatedItems")
_others = ("additionalProperties", "unevaluatedProperties", "propertyNames")
_dynamic = ("$dynamicRef", "$recursiveRef")


def parts(schema: Mapping[str, Any]) -> int:
    """How many schemas it consists of. Raises ValueError where those are too many, or it would take twice as
    long for each level."""
    return _Count(schema).count


class _Count:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root, self.count = root, 0
        self._walk(root, (), {"#": ((), [])})

    def _walk(self, schema: Any, way: Way, begun: dict[str, tuple[Way, list[Way]]]) -> None:
        """`begun` has the references that led here: where each began, and where it began again."""
        self.count += 1
        if self.count > PARTS:
            raise ValueError(f"written out it has more than {PARTS:,} parts")
        if not isinstance(schema, Mapping):
            return
        if any(name in schema for name in _dynamic) or ("$id" in schema and schema is not self.root):
            raise ValueError("it has a dynamic reference or a part with an $id, which are not read here")
        if isinstance(to := schema.get("$ref"), str):
            self._follow(to, way, begun)
        for part, step in _parts(schema):
            self._walk(part, (*way, *step), begun)

    def _follow(self, to: str, way: Way, begun: dict[str, tuple[Way, list[Way]]]) -> None:
        if not to.startswith("#"):
            raise ValueError(f"it refers to {to[:80]}, which is outside of it")
        if to not in begun:
            self._walk(_at(self.root, to), way, begun | {to: (way, [])})
            return
        start, again = begun[to]
        here = way[len(start) :]
        if not here or any(_meet(here, other) for other in again):
            raise ValueError(f"it refers to {to} twice at one place, and so without end")
        again.append(here)


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[Any, Way]]:
    """The schemas within a schema, each with the way from the value to what it is about."""
    for name, value in schema.items():
        if name in _here_each and isinstance(value, list):
            yield from ((part, ()) for part in value)
        elif name in _here:
            yield value, ()
        elif name in _here_named and isinstance(value, Mapping):
            yield from ((part, ()) for part in value.values() if not isinstance(part, list))
        elif name in ("properties", "patternProperties") and isinstance(value, Mapping):
            yield from ((part, (key if name == "properties" else ANY,)) for key, part in value.items())
        elif name in (*_below, "prefixItems"):
            yield from ((part, ("[]",)) for part in (value if isinstance(value, list) else [value]))
        elif name in _others:
            yield value, (f"({name})",)


def _at(root: Any, to: str) -> Any:
    """What the reference leads to. Raises ValueError where that is not a path into the schema."""
    found = root
    try:
        for part in pointer(to[1:]):
            found = found[int(part)] if isinstance(found, list) else found[part]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{to} is no path to a part of it") from error
    return found


def _meet(one: Way, other: Way) -> bool:
    """Whether one may lead to the other, or beyond it."""
    return all(ANY in pair or pair[0] == pair[1] for pair in zip(one, other, strict=False))
