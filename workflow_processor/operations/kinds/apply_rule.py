"""Does to them what a rule would do, once and in the name of the person, and sends them back."""

from workflow_processor.models import State
from workflow_processor.operations.kinds.edit import change
from workflow_processor.operations.kinds.kind import Kind

KIND = Kind(
    "apply rule",
    "edit_dead_letter",
    (State.PARKED,),
    lambda chunk: change(chunk, send=True),
    further={"definition": "requeue_dead_letter"},
)
