"""Set-based SQL on Django's connection, with parameters bound by the server in their binary form.

The hot paths move hundreds of rows at a time; an ORM instance for each would be most of their cost. All of
it runs in Django's transactions, because it is Django's connection.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.rows import namedtuple_row


def run(query: LiteralString | sql.Composed, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """Runs one statement and gives its rows as named tuples. Raises Django's database errors."""
    with _Cursor() as cursor:
        cursor.execute(query, parameters, binary=True)
        return cursor.fetchall() if cursor.description else []


def copy(table: LiteralString, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Adds rows by COPY, the quickest way in. `columns` are names and PostgreSQL's types, and the values must
    be of these: in binary, which is half the work of text, nothing is converted. Raises Django's database
    errors."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with _Cursor() as cursor, cursor.copy(statement) as target:
        target.set_types(list(columns.values()))
        for row in rows:
            target.write_row(row)


class _Cursor:
    """A server-side-binding psycopg cursor on Django's connection, with Django's errors."""

    def __enter__(self) -> psycopg.Cursor[Any]:
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        self._errors = connection.wrap_database_errors
        self._errors.__enter__()
        self._cursor = psycopg.Cursor(connection.connection, row_factory=namedtuple_row)
        return self._cursor

    def __exit__(self, *error: Any) -> None:
        self._cursor.close()
        self._errors.__exit__(*error)
