"""Has triage decide about them once more: there are other rules than when they were parked."""

from workflow_processor import lifecycle
from workflow_processor.models import State
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind


def _carry_out(chunk: Chunk) -> Carried:
    """The sweep hands them to repair."""
    return Carried(lifecycle.reconsider(chunk.seen, chunk.by, chunk.reason))


KIND = Kind("reconsider", "requeue_dead_letter", (State.PARKED,), _carry_out)
