"""Emptying the database after a test waits for whoever holds a lock in it: never unseen, nor for ever."""

from collections.abc import Sequence

from django.db import OperationalError, connection, transaction

PATIENCE = "60s"
"""Far longer than anything that ends by itself takes on a busy machine."""
HOLDERS = """
    SELECT DISTINCT activity.pid, activity.state, activity.application_name, left(activity.query, 300)
    FROM pg_stat_activity activity JOIN pg_locks USING (pid)
    WHERE activity.datname = current_database() AND granted AND pid <> pg_backend_pid()
"""


def make_way() -> None:
    """Waits until every table is free. Raises AssertionError that names who holds one for too long; from then
    on nothing in this session waits longer."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [PATIENCE])
    try:
        with transaction.atomic():
            _lock(connection.introspection.table_names())
    except OperationalError as error:
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS)
            raise AssertionError(f"The database cannot be emptied, for these: {cursor.fetchall()}") from error


def _lock(tables: Sequence[str]) -> None:
    names = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
