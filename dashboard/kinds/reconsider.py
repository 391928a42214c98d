"""Having triage decide again."""

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import reconsider

FORM = Form(
    reconsider.KIND,
    "Reconsider",
    "decided about again",
    "refresh-cw",
    "Triage asks the rules that there are now. What none of them mends is parked again.",
)
