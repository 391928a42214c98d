"""Ends them without processing, for a reason."""

from workflow_processor import lifecycle
from workflow_processor.models import State
from workflow_processor.operations.kinds.in_time import in_time
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.transition import Moved


def _carry_out(chunk: Chunk) -> Carried:
    """What waits behind them is let go or, with `held`, ends too."""
    if not chunk.parameters.get("held"):
        return Carried(lifecycle.discard(chunk.seen, chunk.by, chunk.reason))
    moved: list[Moved] = []
    for portion in in_time(chunk, {}):  # a crowd may wait behind each
        moved += lifecycle.discard(portion, chunk.by, chunk.reason, held=True)
        reached = portion[-1].id
    return Carried(moved, reached=reached)


KIND = Kind(
    "discard",
    "discard_dead_letter",
    (State.PARKED, State.WAITING),
    _carry_out,
    needs_reason=True,
    further={"held": "decide_held_messages"},
)
