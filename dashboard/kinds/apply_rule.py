"""Repairing once, by a rule that is not saved."""

from dashboard.kinds.form import Form
from workflow_processor.operations.kinds import apply_rule

FORM = Form(
    apply_rule.KIND,
    "Repair",
    "repaired",
    "wand-sparkles",
    "Each gets a new revision, as the dry run showed, and is requeued.",
    elsewhere=True,
)
