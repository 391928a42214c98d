"""Text that people look for, as conditions. It reaches the database as a parameter of a statement, and `%`,
`_` and `\\` in it as themselves."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q, TextField
from django.db.models import Value as Text
from django.db.models.functions import Collate, Upper
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler

from dashboard.queries.tokens import Value


class Like(Lookup):
    """`LIKE` with a pattern made here; Django's own lookups know no `*` in the middle of a text."""

    lookup_name = "like"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", (*left_parameters, *right_parameters)


def matches(column: str, value: Value) -> Q:
    """The column is the value, where `*` in it stands for any characters."""
    return Q(Like(F(column), pattern(value))) if value.wild else Q(**{column: value.text})


def named(column: str, value: Value) -> Q:
    """The column is the value, or a name that ends in it: `UnknownSymbol` finds `shop.UnknownSymbol`."""
    endings = [Q(Like(F(column), f"%{mark}{pattern(value)}")) for mark in (".", ":")]
    return matches(column, value) | endings[0] | endings[1]


def contains(column: str, value: Value, telling: Sequence[str] = ()) -> Q:
    """The value is somewhere in the column, in capitals or small letters. An index on `Upper(column)` serves
    the form that this has; where words of the value are `telling`, it is asked for these alone."""
    text, whole = Upper(F(column)), _anywhere(pattern(value))
    if not telling:
        return Q(Like(text, whole))
    words = [Q(Like(text, _anywhere(_escaped(word)))) for word in telling]
    # In a collation that no index has.
    return reduce(and_, words) & Q(Like(Collate(text, "C"), whole))


def _anywhere(pattern: str) -> Upper:
    return Upper(Text(f"%{pattern}%", TextField()))


def pattern(value: Value) -> str:
    """For LIKE."""
    return _escaped(value.text).replace("*", "%") if value.wild else _escaped(value.text)


def _escaped(text: str) -> str:
    return re.sub(r"[\\%_]", r"\\\g<0>", text)
