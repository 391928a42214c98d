"""Sending back."""

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import requeue

FORM = Form(
    requeue.KIND,
    "Requeue",
    "requeued",
    "corner-up-left",
    "Each goes back to the queue of the subscriber that failed, as it is now.",
)
