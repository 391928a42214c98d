"""Having triage decide again."""

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import reconsider

FORM = Form(
    reconsider.KIND,
    "Reconsider",
    "reconsidered",
    "refresh-cw",
    "Triage tries the current rules on each message. What none of them can repair is parked again.",
)
