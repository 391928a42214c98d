"""The rows of a seeded office, chunk by chunk: dead letters with their messages, failures, timelines and
requeues, and the figures that go with them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from django.db import connection
from django.utils import timezone

from consumers.fields import FieldProperties
from workflow_processor import group_figures, sql
from workflow_processor.models import Searchable
from workflow_processor.search import indexing
from workflow_processor.seeding import statements
from workflow_processor.seeding.causes import Cause, causes

CHUNK = 50_000
FEWEST = 60
"""Causes, at least: more than a page of groups shows."""
DAYS = 30
"""How far back the first one lies; they come in faster towards now."""

Told = Callable[[str], object]

_TYPES: Mapping[object, str] = {int: "int8", float: "float8", str: "text"}


def seed(number: int, tell: Told = lambda _: None) -> None:
    """Adds so many dead letters, in every state but those that a worker would take up."""
    _prepare(causes(max(FEWEST, min(2_000, number // 500)), timezone.now()))
    for start in range(1, number + 1, CHUNK):
        end = min(number, start + CHUNK - 1)
        _add(start, end, number)
        tell(f"{end:,} dead letters")
    _count()
    tell("figures")
    _make_searchable(tell)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _prepare(known: Iterable[Cause]) -> None:
    """The causes as a table of the session, and the headers that messages have."""
    sql.run(statements.CAUSES)
    columns = {field.name: _TYPES[field.type] for field in fields(Cause)}
    sql.copy("seed_cause", columns, ([getattr(cause, name) for name in columns] for cause in known))
    sql.run(statements.HEADERS)
    sql.copy("seed_headers", {"n": "int4", "raw": "bytea"}, enumerate(map(_headers, range(24))))


def _headers(number: int) -> bytes:
    desk, region = ("retail", "equities", "institutional")[number % 3], ("eu", "us", "apac", "uk")[number % 4]
    more = {f"x-trace-{place}": f"{number * 7919 + place:032x}" for place in range(8)}
    return FieldProperties.build(
        {"desk": desk, "region": region, "advisor": f"advisor-{number}", "schema": "order/3", **more}
    ).raw


def _add(start: int, end: int, of: int) -> None:
    """One chunk, in one transaction for each table: what is cut off is an office to be emptied."""
    sql.run("DROP TABLE IF EXISTS seed_letter")
    sql.run(statements.LETTERS, {"start": start, "end": end, "of": of, "days": DAYS})
    for statement in statements.ROWS:
        sql.run(statement)


def _count() -> None:
    for statement in statements.FIGURES:
        sql.run(statement)
    group_figures.fold()


def _make_searchable(tell: Told) -> None:
    """As the worker does, but with the indexes made at the end, which takes a fraction of the time."""
    indexes = Searchable._meta.indexes
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(Searchable, index)
    done = 0
    while made := indexing.catch_up():
        done += made
        tell(f"{done:,} searchable")
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
    for index in indexes:
        with connection.schema_editor() as editor:
            editor.add_index(Searchable, index)
        tell(index.name)
