"""New bodies from a file; ordered from the page of the file (`views.imports`)."""

from collections.abc import Mapping
from typing import Any

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import from_file


def _read(fields: Mapping[str, str]) -> dict[str, Any]:
    if not fields.get("file", "").isdecimal():
        raise ValueError("It takes a file: import one first.")
    return {"file": int(fields["file"]), "send": fields.get("send") == "on"}


FORM = Form(
    from_file.KIND,
    "Import",
    "imported",
    "file-text",
    "Each gets the body that the file has for it, as a revision in your name. Headers stay as they are.",
    read=_read,
)
