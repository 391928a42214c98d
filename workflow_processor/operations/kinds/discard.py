"""Ends them without processing, for a reason."""

from workflow_processor import lifecycle
from workflow_processor.models import State
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind


def _carry_out(chunk: Chunk) -> Carried:
    """What waits behind them is let go or, with `held`, ends too."""
    held = bool(chunk.parameters.get("held"))
    return Carried(lifecycle.discard(chunk.seen, chunk.by, chunk.reason, held=held))


KIND = Kind(
    "discard",
    "discard_dead_letter",
    (State.PARKED, State.WAITING),
    _carry_out,
    needs_reason=True,
    further={"held": "decide_held_messages"},
)
