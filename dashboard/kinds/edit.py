"""One change to each: a value at a path, a JSON Patch, or what a saved rule does."""

from dashboard.editing import changes
from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import edit

FORM = Form(
    edit.KIND,
    "Edit",
    "edited",
    "pencil",
    "Each gets a new revision in your name. Messages that cannot be changed stay as they are.",
    choices="operations/_edit.html",
    read=changes.read,
    preview=changes.preview,
)
