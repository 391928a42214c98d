"""Ending without processing."""

from collections.abc import Mapping
from typing import Any

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import discard


def _read(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"held": True} if fields.get("held") == "discard" else {}


FORM = Form(
    discard.KIND,
    "Discard",
    "discarded",
    "archive-x",
    "Each ends without being processed. It stays on record and can be restored.",
    danger=True,
    choices="operations/_discard.html",
    read=_read,
)
