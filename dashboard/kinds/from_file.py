"""New bodies from a file; ordered from the page of the file (`views.imports`)."""

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import from_file

FORM = Form(
    from_file.KIND,
    "Import",
    "imported",
    "file-text",
    "Each gets its body from the file, as a new revision in your name. Headers stay as they are.",
    elsewhere=True,
)
