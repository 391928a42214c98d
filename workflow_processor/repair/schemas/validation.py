"""A JSON Schema, and what it finds wrong with a body.

Drafts 4 to 2020-12. A schema is one document: it may refer to its own parts and to nothing else, neither to
files nor to addresses. Its patterns are matched in linear time.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NoReturn

import jsonschema_rs

from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.schemas import cost
from workflow_processor.repair.schemas.wording import told
from workflow_processor.repair.texts.document import BOM, decoded

SIZE = 512 * 1024
"""Bytes of a schema."""
PROBLEMS = 20
"""The most problems that are told of one body."""
STEPS = 20_000_000
"""A schema's parts times the values of a body that is checked by it."""
DIGITS = 400
"""Digits up to which a whole number is read as one."""


class SchemaError(ValueError):
    """This is no schema, or one that is not used here. Its text is a sentence."""


class Schema:
    """A schema, ready to be asked. Made by `read`."""

    def __init__(self, validator: Any, parts: int) -> None:
        self._validator, self._parts = validator, parts

    def problems(self, body: bytes) -> tuple[str, ...]:
        """What is wrong with the body, with the places in it; nothing where it is valid."""
        try:
            return tuple(told(error) for error in self.errors(body))
        except Cannot as obstacle:
            return (str(obstacle),)

    def errors(self, body: bytes, most: int = PROBLEMS) -> Sequence[Any]:
        """The validator's own findings. Raises Cannot where the body is not JSON, or too long for it."""
        if self._parts * (body.count(b",") + 1) > STEPS:
            raise Cannot("the body has too many values for a schema of so many parts")
        return list(islice(self._validator.iter_errors(_plain(body)), most))


def read(text: str | bytes) -> Schema:
    """The schema in this JSON. Raises SchemaError."""
    if len(text) > SIZE:
        raise SchemaError(f"The schema has {len(text):,} bytes, and at most {SIZE:,} are allowed.")
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SchemaError("The schema is not JSON.") from error
    if not isinstance(schema, dict):
        raise SchemaError("A schema is a JSON object.")
    options = jsonschema_rs.RegexOptions(size_limit=limits.PATTERN_MEMORY)
    try:
        parts = cost.parts(schema)
        validator = jsonschema_rs.validator_for(
            schema, validate_formats=True, retriever=_nowhere, pattern_options=options
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaError(f"The schema cannot be used: {_first_line(error)}.") from error
    return Schema(validator, parts)


def _plain(body: bytes) -> Any:
    text = decoded(body).removeprefix(BOM)
    try:
        return json.loads(text, parse_int=_integer, parse_float=Decimal, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Cannot("the body is not JSON") from error


def _integer(spelled: str) -> int | Decimal:
    return int(spelled) if len(spelled) < DIGITS else Decimal(spelled)


def _refused(spelled: str) -> NoReturn:
    raise ValueError(f"{spelled} is not JSON")


def _nowhere(address: str) -> NoReturn:
    raise ValueError(f"{address} is outside of the schema")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
