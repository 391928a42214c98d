"""Sends them back."""

from datetime import timedelta

from django.conf import settings

from workflow_processor import lifecycle
from workflow_processor.models import State
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind


def _carry_out(chunk: Chunk) -> Carried:
    """After the seconds in which it can be undone."""
    hold = timedelta(seconds=settings.UNDO_SECONDS)
    return Carried(lifecycle.requeue(chunk.seen, chunk.by, chunk.reason, hold=hold), sent=True)


KIND = Kind("requeue", "requeue_dead_letter", (State.PARKED, State.WAITING), _carry_out)
