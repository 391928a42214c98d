"""Places in a body or in headers, as conditions on what is searchable: `body.lines[0].qty`, `header.desk`.

They become paths of SQL/JSON in its lax mode: a step into a list looks at each of its elements. An index on
the column serves equality; of the rest, what has a text in it goes by the index on the body's text first.
"""

import json
import re
from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from dashboard.queries.patterns import contains, pattern
from dashboard.queries.tokens import Value, unquoted
from dashboard.queries.values import Bound, bounds

_STEP = re.compile(r'\.(?P<name>[^."\[\]]+)|\."(?P<quoted>(?:[^"\\]|\\["\\])*)"|\[(?P<index>\d*)\]')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")
_TELLING = re.compile(r'[^"\\\x00-\x1f\x7f*]{3,}')
"""A part of a value that stands in the text of a body as it stands in the value: JSON escapes none of it."""
_NUMERIC = re.compile(r"[0-9.eE+-]+")
"""A number can be written in other ways than the one it is compared in."""


class Finds(Lookup):
    """Whether a path finds anything in a column."""

    lookup_name = "finds"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} @? %s::jsonpath", (*parameters, self.rhs)


class FindsLike(Lookup):
    """Whether a path finds a plain value that is LIKE a pattern; both are given."""

    lookup_name = "finds_like"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        return _plain.format(left), (*parameters, *self.rhs)


_plain = (
    "EXISTS (SELECT FROM jsonb_path_query({}, %s::jsonpath) AS v(v)"
    " WHERE jsonb_typeof(v) NOT IN ('object', 'array') AND v #>> '{{}}' LIKE %s)"
)


def in_body(path: str, value: Value) -> Q:
    """The value stands at this path of the body."""
    found = _at("body", _place(_steps(path)), value)
    parts = _TELLING.findall(value.text) if value.wild else []
    telling = [part for part in parts if not _NUMERIC.fullmatch(part)]
    # No index but that on the text serves a pattern; what is not in the text is nowhere in the body.
    return reduce(and_, (contains("body_text", Value(part, True, 0, 0)) for part in telling), found)


def in_headers(path: str, value: Value) -> Q:
    """A header has the value. Its name may have dots in it, or lead on into a table."""
    steps = _steps(path)
    found = _at("headers", _place(steps), value)
    return found if len(steps) == 1 else found | _at("headers", _place([path[1:]]), value)


def _at(column: str, place: str, value: Value) -> Q:
    there = Q(**{f"{column}__isnull": False})
    if value.wild and not value.text.strip("*"):
        return there & Q(Finds(F(column), place))
    if value.wild:
        return there & Q(FindsLike(F(column), (f"{place}[*]", pattern(value))))
    tests = " && ".join(_test(bound, value.quoted) for bound in bounds(value))
    return there & Q(Finds(F(column), f"{place} ? ({tests})"))


def _steps(path: str) -> list[str | int | None]:
    """Names, places in lists from 0, and None for any place."""
    return [_step(found) for found in _STEP.finditer(path)]


def _step(found: re.Match[str]) -> str | int | None:
    if found["index"] is not None:
        return int(found["index"]) if found["index"] else None
    return found["name"] or unquoted(found["quoted"])


def _place(steps: Sequence[str | int | None]) -> str:
    """The steps as a path of SQL/JSON."""
    return "$" + "".join(
        f".{json.dumps(step)}" if isinstance(step, str) else f"[{'*' if step is None else step}]"
        for step in steps
    )


def _test(bound: Bound, quoted: bool) -> str:
    """Numbers compare as numbers, also where they stand in a text; all else as text."""
    text, equal = json.dumps(bound.text), bound.sign == "="
    sign = "==" if equal else bound.sign
    if quoted or not (_NUMBER.fullmatch(bound.text) or (equal and bound.text in ("true", "false", "null"))):
        return f"@ {sign} {text}"
    as_text = f"@ == {text}" if equal else f'(@.type() == "string" && @.double() {sign} {bound.text})'
    return f"(@ {sign} {bound.text} || {as_text})"
