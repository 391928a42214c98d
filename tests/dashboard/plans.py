"""How the database answers: the plan of every statement, however it was made."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg.errors import Diagnostic

SETTINGS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "client_min_messages": "log",
    # With few rows reading a table whole is quick; what shows is whether there is another way.
    "enable_seqscan": "off",
}


@dataclass(frozen=True)
class Plan:
    """What one statement did."""

    text: str
    steps: list[dict[str, Any]] = field(repr=False)

    @property
    def indexes(self) -> set[str]:
        return {step["Index Name"] for step in self.steps if "Index Name" in step}

    def read(self, tables: frozenset[str]) -> int:
        """How many rows of these tables its steps have looked at."""
        return int(sum(_rows(step) for step in self.steps if step.get("Relation Name") in tables))

    def whole(self, tables: frozenset[str]) -> set[str]:
        """Those of these tables that it has read from end to end."""
        return {step["Relation Name"] for step in self.steps if step["Node Type"] == "Seq Scan"} & tables


@contextmanager
def plans() -> Iterator[list[Plan]]:
    """The plans of all statements of the block, as they ran; the database tells them by itself."""
    found: list[Plan] = []

    def note(told: Diagnostic) -> None:
        _, plan, explained = (told.message_primary or "").partition("plan:\n")
        if plan:
            read = json.loads(explained)
            found.append(Plan(read["Query Text"], list(steps(read["Plan"]))))

    connection.ensure_connection()
    connection.connection.add_notice_handler(note)
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        for name, value in SETTINGS.items():
            cursor.execute(f"SET {name} = {value}")
        try:
            yield found
        finally:
            for name in SETTINGS:
                cursor.execute(f"RESET {name}")
            connection.connection.remove_notice_handler(note)


def steps(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The steps of a plan, flat."""
    yield node
    for part in node.get("Plans", []):
        yield from steps(part)


def _rows(step: dict[str, Any]) -> float:
    looked = step["Actual Rows"] + step.get("Rows Removed by Filter", 0)
    return float(looked * step["Actual Loops"])
