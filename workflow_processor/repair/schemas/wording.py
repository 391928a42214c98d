"""What a schema finds wrong with a body, in words."""

from typing import Any

from workflow_processor.repair.texts.paths import Path

_types = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
MESSAGE = 200
"""Characters of a problem that are told: it may quote the body."""


def told(error: Any) -> str:
    """The problem, with the place that has it."""
    said = str(_said(error))[:MESSAGE]
    return f"{Path(tuple(error.instance_path))}: {said}" if error.instance_path else said


def _said(error: Any) -> str:
    match error.kind.name:
        case "type":
            wanted = " or ".join(_types.get(type, type) for type in sorted(error.kind.types))
            return f"it is {_is(error.instance)}, but should be {wanted}"
        case "required":
            return f"{error.kind.property} is missing"
        case "additionalProperties" | "unevaluatedProperties":
            return f"{', '.join(error.kind.unexpected)} is not allowed here"
        case _:
            return str(error.message)


def _is(value: Any) -> str:
    match value:
        case str():
            return "text"
        case bool():
            return "true or false"
        case list():
            return "a list"
        case dict():
            return "an object"
        case None:
            return "null"
        case _:
            return "a number"
