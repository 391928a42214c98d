"""Expressions that people write, in CEL: they compute a value and can do nothing else.

There is no loop but over a list, no file, no network and no Python in CEL. What it reads and how long it is
are limited (`limits`), for its lists are walked in C code that no time limit interrupts.

An expression's numbers are whole ones of 64 bits and floats. A number of the body that is neither comes to it
as the text of its spelling. The binding gives an error as a text with a type of its own, which is why every
value is taken by its type, never by its truth.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from cel_expr_python import cel

from workflow_processor.repair import limits
from workflow_processor.repair.kinds import Kind, text_of
from workflow_processor.repair.languages import cost
from workflow_processor.repair.outcomes import Cannot

VARIABLES = {
    "body": cel.Type.DYN,
    "headers": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "failure": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "queue": cel.Type.STRING,
    "attempt": cel.Type.INT,
    "it": cel.Type.DYN,
}
"""What an expression can read. `it` is the value at the place that a step is about; a condition has none."""

_code = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_read_types = ("BOOL", "INT", "DOUBLE", "STRING", "NULL")


class Expression:
    """A compiled expression. Raises ValueError, which says what is wrong with it."""

    def __init__(self, text: str) -> None:
        if len(text) > limits.EXPRESSION:
            raise ValueError(f"it has {len(text):,} characters, and at most {limits.EXPRESSION} are allowed")
        tokens = cost.tokens(text)
        cost.check(tokens)
        try:
            self._compiled = _environment().compile(text)
        except RuntimeError as error:
            raise ValueError(_told(error)) from error
        self.reads = tuple(name for name in VARIABLES if name in tokens)
        """The variables that it mentions."""
        self.type = self._compiled.return_type().name()

    def value(self, variables: Mapping[str, Callable[[], Any]]) -> Any:
        """What it comes to: true or false, a number, a text or None. Raises Cannot."""
        try:
            result = self._compiled.eval(data={name: _fit(variables[name](), name) for name in self.reads})
            kind, value = result.type().name(), result.value()
        except RuntimeError as error:
            raise Cannot(f"the expression cannot be evaluated: {_told(error)}") from error
        if kind == "ERROR":
            raise Cannot(f"the expression cannot be evaluated: {_told(value)}")
        if kind not in _read_types:
            raise Cannot(f"the expression gives a {kind.lower()}, which is no single value")
        return value


@lru_cache(maxsize=1000)
def compiled(text: str) -> Expression:
    """The expression, compiled once. Raises ValueError."""
    return Expression(text)


def _read(raw: Any) -> str:
    text = text_of(raw).strip()
    if not text:
        raise ValueError("it is empty")
    compiled(text)
    return text


EXPRESSION = Kind("expression", _read)


@cache
def _environment() -> Any:
    return cel.NewEnv(variables=VARIABLES)


def _fit(value: Any, name: str, depth: int = 0) -> Any:
    """The value as CEL can hold it. Raises Cannot where it is too large for an expression."""
    match value:
        case bool() | float() | str() | bytes() | None | datetime():
            return value
        case int():
            return value if -(2**63) <= value < 2**63 else str(value)
        case Decimal():
            return float(value)
        case dict() | list():
            if len(value) > limits.CEL_ITEMS or depth >= limits.CEL_NESTING:
                raise Cannot(
                    f"{name} has more than {limits.CEL_ITEMS} parts in one place, or {limits.CEL_NESTING} "
                    "levels, which expressions do not read"
                )
            if isinstance(value, list):
                return [_fit(item, name, depth + 1) for item in value]
            return {key: _fit(item, name, depth + 1) for key, item in value.items()}
        case _:
            return str(value)


def _told(error: object) -> str:
    """The library's words in one line, without its codes and its grammar."""
    lines = [line for line in str(error).splitlines() if not line.startswith(" |")]
    said = _code.sub("", " ".join(lines)).replace("ERROR: <input>:", "at ")
    return said.partition(" expecting {")[0].strip()[:200]
