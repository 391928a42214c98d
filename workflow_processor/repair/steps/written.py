"""A value as a definition gives it: a text, and what it is to be written as."""

import re
from typing import Any

from workflow_processor.repair.kinds import choice
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.texts.document import Value, text
from workflow_processor.repair.texts.json_scan import (
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER,
    NUMBER_KIND,
    OBJECT,
    STRING,
    scan,
    string,
)
from workflow_processor.repair.texts.numbers import shown

AS = choice("text", "number", "boolean", "null", "json")


def given_as() -> Any:
    """The parameter `as`."""
    return given(AS, "Written as", "In delimited lines and plain text everything is text", "text", name="as")


def value_of(characters: str, kind: str) -> Value:
    """The value. Raises ValueError where the text cannot be written so."""
    match kind:
        case "text":
            return text(characters)
        case "number" if re.fullmatch(NUMBER, characters):
            return Value(NUMBER_KIND, characters)
        case "boolean" if characters in ("true", "false"):
            return Value(BOOLEAN, characters)
        case "null" if characters in ("", "null"):
            return Value(NULL, "null")
        case "json":
            return _any(characters)
    raise ValueError(f"{shown(characters)} cannot be written as {kind}")


def as_of(value: Value) -> str:
    """As what it is written."""
    return "json" if value.kind in (ARRAY, OBJECT) else value.kind


def in_words(value: Value) -> str:
    """The value, as it would stand in JSON."""
    return repr(value.text) if value.kind == STRING else value.text


def _any(characters: str) -> Value:
    try:
        node = scan(characters)
    except Cannot as obstacle:
        raise ValueError(f"{shown(characters)} is not JSON") from obstacle
    spelled = characters[node.start : node.end]
    return Value(node.kind, string(spelled) if node.kind == STRING else spelled)
