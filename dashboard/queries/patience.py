"""How a page has the database look for something: with a bound on its time, or row by row."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

_ROW_BY_ROW = dict.fromkeys(["enable_bitmapscan", "enable_seqscan", "enable_hashjoin"], "off")


class TookTooLong(Exception):
    """The database was stopped before it had an answer."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """No statement of the block takes longer. Raises TookTooLong."""
    try:
        with _set({"statement_timeout": f"{round(seconds * 1000)}ms"}):
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise


@contextmanager
def row_by_row() -> Iterator[None]:
    """Statements of the block walk the rows that they are bounded to, and look at each. In how many messages
    something is found cannot be estimated; an index that finds a third of all would be the long way."""
    with _set(_ROW_BY_ROW):
        yield


@contextmanager
def _set(settings: dict[str, str]) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_settings, [list(settings), list(settings.values())])
        yield
        transaction.set_rollback(True)  # it only reads, and the settings end with it


_settings = "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[]) AS s(name, value)"
