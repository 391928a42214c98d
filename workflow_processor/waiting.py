"""Waiting for the database: it may be down, late, or older than the code."""

from collections.abc import Callable

import psycopg
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from consumers.patience import Patience
from consumers.stopping import Stop


class NotMigrated(Exception):
    """The database answers, and its tables are not yet those that this code works with."""


def wait_for_database(stop: Stop | None = None, *, migrated: bool = True) -> bool:
    """Wait until the database answers and, unless told otherwise, has every migration.

    Says what it waits for. False when `stop` was asked for first.
    """
    stop = stop or Stop()
    check = check_migrations if migrated else check_connection
    patience = Patience("database", stop)
    while not stop.requested:
        reason = complaint(check)
        if reason is None:
            patience.over()
            return True
        patience.wait(reason)
    return False


def complaint(check: Callable[[], None]) -> str | None:
    """What keeps the database from being used, in a line; None when nothing does."""
    try:
        check()
    except (DatabaseError, NotMigrated) as error:
        return " ".join([*str(error).split(), *_advice(error.__cause__)])
    return None


def _advice(cause: BaseException | None) -> list[str]:
    """What to look at where the server is there and lets nobody in: waiting alone will not help then."""
    attempt = cause.pgconn if isinstance(cause, psycopg.OperationalError) else None
    refused = attempt and (attempt.used_password or attempt.needs_password)
    return ["- are user, password and database in DATABASE_URL right?"] if refused else []


def check_connection() -> None:
    """Raises django.db.DatabaseError when the database does not answer."""
    # Django keeps a connection that broke, and would break on it again.
    connection.close()
    connection.ensure_connection()


def check_migrations() -> None:
    """Raises NotMigrated when a migration is not applied, and what `check_connection` raises."""
    check_connection()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotMigrated(f"{len(missing)} migrations are not applied yet: manage.py migrate applies them")
