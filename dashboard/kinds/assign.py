"""Giving to somebody."""

from collections.abc import Mapping
from typing import Any

from dashboard.kinds.form import Form
from workflow_processor.notifying import staff
from workflow_processor.operations.kinds import assign


def _read(fields: Mapping[str, str]) -> dict[str, Any]:
    name = fields.get("to", "")
    people = {person.get_username(): person.pk for person in staff()}
    if name and name not in people:
        raise ValueError(f"{name} has no active account with access.")
    return {"to": people.get(name)}


FORM = Form(
    assign.KIND,
    "Assign",
    "assigned",
    "user",
    "Each is assigned to them. Nothing else about it changes.",
    choices="operations/_assign.html",
    read=_read,
)
