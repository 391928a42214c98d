"""Each process of the office says now and then that it is there."""

import os
import socket
from datetime import datetime, timedelta
from functools import cache

from django.db import Error, connection
from django.utils import timezone

from workflow_processor import sql

EVERY = timedelta(seconds=3)
FORGOTTEN = timedelta(hours=1)


def beat(kind: str, *, working: bool = True, note: str = "") -> None:
    """Says that this process, of this kind, is there; `note` is what it waits for. Cheap to call often: it
    writes when there is news, and every few seconds otherwise. Never fails: how a process is must not be what
    stops it. Not for use in a transaction."""
    host, process = socket.gethostname(), os.getpid()
    parameters = {
        "name": f"{kind} {host} {process}",
        "kind": kind,
        "host": host,
        "since": _born(process),
        "working": working,
        "note": note,
        "every": EVERY,
    }
    try:
        sql.run(_beat, parameters)
    except Error:
        connection.close()


def forget() -> None:
    """Forgets processes that have not been seen for long."""
    sql.run("DELETE FROM process_health WHERE seen_at < now() - %(long)s::interval", {"long": FORGOTTEN})


@cache
def _born(_process: int) -> datetime:
    """When this process first spoke; its number tells it from the one it was forked from."""
    return timezone.now()


_beat = """
INSERT INTO process_health AS p (name, kind, host, started_at, seen_at, working, note)
VALUES (%(name)s, %(kind)s, %(host)s, %(since)s, now(), %(working)s, %(note)s)
ON CONFLICT (name) DO UPDATE
SET seen_at = now(), started_at = excluded.started_at, working = excluded.working, note = excluded.note
WHERE p.seen_at < now() - %(every)s::interval OR (p.working, p.note) <> (excluded.working, excluded.note)
   OR p.started_at <> excluded.started_at
"""
