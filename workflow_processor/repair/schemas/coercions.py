"""Values written as their schema wants them, where nothing is lost and nothing is invented.

A value is written otherwise only where the schema refuses it for its type, where the new spelling says the
same, and where the schema takes that. Each way of doing it is a switch of its own.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.schemas.validation import Schema
from workflow_processor.repair.texts.document import Splice, Value, decoded
from workflow_processor.repair.texts.json_scan import ARRAY, NULL, STRING
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.json_values import spelled
from workflow_processor.repair.texts.numbers import exact_number
from workflow_processor.repair.texts.paths import Path

ROUNDS = 8
"""Values within values that are mended one after the other."""

ERRORS = 1_000
"""Findings among which a body is given up."""


class Coercion(NamedTuple):
    label: str
    help: str
    written: Callable[[Value, Collection[str]], str]
    """The value as JSON of one of the types that are wanted, or "" where that would lose something."""


class Coerced(NamedTuple):
    body: bytes
    done: tuple[str, ...]
    """What was written otherwise, in words."""


def _number(value: Value, wanted: Collection[str]) -> str:
    if value.kind != STRING or not {"integer", "number"} & set(wanted):
        return ""
    try:
        number = exact_number(value.text)
    except Cannot:
        return ""
    return number if "number" in wanted or number.lstrip("-").isdigit() else ""


def _boolean(value: Value, wanted: Collection[str]) -> str:
    fits = value.kind == STRING and "boolean" in wanted and value.text in ("true", "false")
    return value.text if fits else ""


def _list(value: Value, wanted: Collection[str]) -> str:
    fits = "array" in wanted and value.kind not in (ARRAY, NULL)
    return f"[{spelled(value)}]" if fits else ""


COERCIONS: Mapping[str, Coercion] = {
    "numbers": Coercion("Texts to numbers", '"1254" becomes 1254; "007", "1.10" and " 12" stay', _number),
    "booleans": Coercion("Texts to true and false", '"true" becomes true; "yes" and "True" stay', _boolean),
    "lone_values": Coercion("Lone values to lists", "7 becomes [7] where a list is wanted", _list),
}


def coerced(body: bytes, schema: Schema, switches: Collection[str]) -> Coerced | None:
    """The body with what these COERCIONS can mend; None where that is nothing."""
    ways = [COERCIONS[name].written for name in COERCIONS if name in switches]
    refused: set[tuple[Any, ...]] = set()
    try:
        while True:
            document, changed = _mended(JsonText(decoded(body)), schema, ways, refused)
            wrong = {path for path in changed for error in _errors(document, schema) if _within(error, path)}
            if not wrong:
                break
            refused |= wrong  # what it became is not taken either, so it stays as it was
    except Cannot:
        return None
    said = tuple(f"{Path(path)} as {now}" for path, now in changed.items())
    return Coerced(document.text.encode(), said) if changed else None


def _mended(
    document: JsonText, schema: Schema, ways: Sequence[Any], refused: Collection[tuple[Any, ...]]
) -> tuple[JsonText, dict[tuple[Any, ...], str]]:
    changed: dict[tuple[Any, ...], str] = {}
    for _ in range(ROUNDS):
        splices: dict[tuple[Any, ...], Splice] = {}
        for error in _errors(document, schema):
            path = tuple(error.instance_path)
            if error.kind.name == "type" and path not in refused and path not in changed:
                [place] = document.places(Path(path))
                written = next((new for way in ways if (new := way(place.value, error.kind.types))), "")
                splices |= {path: Splice(place.start, place.end, written)} if written else {}
        if not splices:
            break
        document = document.spliced(splices.values())
        changed |= {path: splice.new for path, splice in splices.items()}
    return document, changed


def _errors(document: JsonText, schema: Schema) -> Sequence[Any]:
    errors = schema.errors(document.text.encode(), ERRORS)
    if len(errors) == ERRORS:
        raise Cannot("too much is wrong with it")
    return errors


def _within(error: Any, path: tuple[Any, ...]) -> bool:
    return tuple(error.instance_path[: len(path)]) == path
