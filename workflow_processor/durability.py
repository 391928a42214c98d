"""A PostgreSQL that forgets what it has confirmed: the office does not work on one unless told to."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from consumers.logs import told

log = logging.getLogger(__name__)

RISKS = {
    "fsync": "a power cut can destroy the database",
    "full_page_writes": "a power cut can leave half-written pages behind",
    "synchronous_commit": "a crash can lose messages that were acknowledged a moment before",
}
"""Settings that must not be off, and what each being off risks."""


def ask_first() -> None:
    """Lets the first connection of this process tell, whoever makes it."""
    if not settings.ALLOW_UNSAFE_DATABASE:
        connection_created.connect(_refuse, dispatch_uid=__name__)


def ask_now() -> None:
    """Connects, so that a process which would be refused does not start. A database that is away now is asked
    as soon as it is there. Raises SystemExit."""
    if settings.ALLOW_UNSAFE_DATABASE:
        return
    with suppress(DatabaseError):
        connection.ensure_connection()
    connection.close()


def complaint(found: Mapping[str, str]) -> str:
    """What is wrong with these settings and what to do, for people; empty where nothing is."""
    off = [name for name in RISKS if found[name] == "off"]
    if not off:
        return ""
    risks = "; ".join(f"with {name} off, {RISKS[name]}" for name in off)
    return (
        f"PostgreSQL may lose what the office has acknowledged: {risks}. Turn on {', '.join(off)} for this "
        "server, database and role. Where losing messages does no harm, set ALLOW_UNSAFE_DATABASE=on."
    )


def _refuse(connection: BaseDatabaseWrapper, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [list(RISKS)])
        found = dict(cursor.fetchall())
    if text := complaint(found):
        connection.close()
        log.critical(told("unsafe-database", **found))
        raise SystemExit(text)
    connection_created.disconnect(dispatch_uid=__name__)
