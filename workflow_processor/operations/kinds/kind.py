"""What a kind of operation tells of itself, what it is given and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Operation, State
from workflow_processor.transition import Actor, Moved


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of an operation's dead letters, as they were frozen, in the order of ids."""

    seen: Sequence[Seen]
    by: Actor
    reason: str
    """For the timeline; names the operation."""
    parameters: Mapping[str, Any]
    until: float
    """When it is time for others, by the monotonic clock: what takes long begins with no more after it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of a chunk. What is in neither was no longer as it was frozen, and is as it was."""

    moved: Sequence[Moved]
    sent: bool = False
    """They were requeued: what becomes of them is still to be seen."""
    failed: Mapping[UUID, str] = field(default_factory=dict)
    """What it could not be done to, and why in a sentence."""
    reached: UUID | None = None
    """The last that there was time for; None: all."""


def _nothing(operation: Operation) -> None:
    del operation


def _all(operation: Operation, failures: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
    del operation
    return failures


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be done to many dead letters."""

    name: str
    permission: str
    """What it takes, checked when it is confirmed and again with each chunk."""
    states: Sequence[State]
    """What is in another is not taken into the operation."""
    carry_out: Callable[[Chunk], Carried]
    """Does it to those that are as they were frozen, in the transaction it is called in."""
    needs_reason: bool = False
    further: Mapping[str, str] = field(default_factory=dict)
    """The permission that a parameter takes besides, where it is set."""

    planned: Callable[[Operation], None] = _nothing
    """What happens besides in the transaction that plans it."""
    again: Callable[[Operation, QuerySet[DeadLetter]], QuerySet[DeadLetter]] = _all
    """Of its failures those that it may be done to once more. Raises ValueError with a sentence where it
    cannot be done at all any more."""

    def permissions(self, parameters: Mapping[str, Any]) -> list[str]:
        """All that it takes to do this with these parameters."""
        return [self.permission, *(need for name, need in self.further.items() if parameters.get(name))]
