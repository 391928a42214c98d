"""One dead letter with all that its page tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import BinaryField, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from dashboard.parts.tracebacks import Frame, origin
from dashboard.queries.marks import MARKS
from workflow_processor.models import (
    DeadLetter,
    Event,
    FailedAttempt,
    HeldMessage,
    OutboxEntry,
    Revision,
    State,
)
from workflow_processor.revisions import PREVIEWED, preview

RELATED = 10
"""Of the same correlation id, shown before it, and as many after it."""
LISTED = (
    *("state", "error_type", "error_text", "preview", "last_failed_at"),
    *("source__queue", "source__subscriber"),
)
"""What the line of another message shows; no more of it is read."""
SHOWN = 10
"""Of what waits behind it."""
ENDS = (Event.Kind.PROCESSED, Event.Kind.SILENCE, Event.Kind.CAME_BACK, Event.Kind.UNROUTABLE)
"""What can become of a requeue that was not taken back."""


class Held(NamedTuple):
    """The messages of its key that wait for it."""

    waiting: int
    first: Sequence[tuple[datetime, str]]
    """Since when, and the beginning of the body."""


class Step(NamedTuple):
    """One of the three things that a requeue goes through."""

    label: str
    state: str
    """Gives its look: `parts.states`."""
    at: datetime | None = None
    done: bool = False


@dataclass
class Letter:
    """Reads what is asked for, when it is asked for."""

    record: DeadLetter

    @classmethod
    def find(cls, id: UUID) -> "Letter":
        """Raises DeadLetter.DoesNotExist."""
        letters = DeadLetter.objects.select_related("source", "group", "assignee")
        return cls(letters.annotate(**MARKS).get(id=id))

    @cached_property
    def revision(self) -> Revision:
        """The current one."""
        return self.record.revisions.get(number=self.record.revision)

    @property
    def repaired(self) -> bool:
        """Whether the current revision is a rule's, not a person's."""
        return self.revisions[0].author.startswith("rule ")

    @cached_property
    def revisions(self) -> Sequence[Revision]:
        """All of them, the latest first, without their bytes."""
        return list(self.record.revisions.defer("body", "properties").order_by("-number"))

    @cached_property
    def events(self) -> Sequence[Event]:
        """The latest first."""
        return list(self.record.events.order_by("-id"))

    @cached_property
    def attempts(self) -> Sequence[FailedAttempt]:
        """The latest first, without their tracebacks. There are none of a message that only waited behind
        another one."""
        return list(self.record.failed_attempts.defer("traceback").order_by("-id"))

    @cached_property
    def traceback(self) -> str:
        """Of the latest failure; of the others nobody asks."""
        latest = self.record.failed_attempts.order_by("-id")
        return latest.values_list("traceback", flat=True).first() or ""

    @cached_property
    def origin(self) -> Frame | None:
        """Where in the user's own code it failed last, if its traceback tells."""
        return origin(self.traceback)

    @cached_property
    def held(self) -> "Held":
        """What waits behind it."""
        rows = HeldMessage.objects.filter(gate__head=self.record)
        waiting = rows.count()
        beginning = Substr("body", 1, PREVIEWED, output_field=BinaryField())
        first = rows.order_by("id").values_list("held_at", beginning)[:SHOWN] if waiting else ()
        return Held(waiting, [(at, preview(bytes(body))) for at, body in first])

    @cached_property
    def requeue(self) -> OutboxEntry | None:
        """The latest."""
        return self.record.requeues.filter(attempt=self.record.attempt).first()

    @cached_property
    def turn(self) -> HeldMessage | None:
        """Its latest requeue where that is held, behind another message of its key."""
        if self.record.state != State.REQUEUED:
            return None
        return HeldMessage.objects.filter(dead_letter=self.record.id).select_related("gate__head").first()

    @property
    def undoable(self) -> bool:
        """Whether its requeue has not left yet. The relay may be about to send it."""
        entry = self.requeue
        return bool(
            self.record.state == State.REQUEUED and entry and entry.state == "pending" and not entry.tries
        )

    @property
    def seconds_left(self) -> int:
        """Until the requeue may leave."""
        left = self.requeue.due_at - timezone.now() if self.requeue else None
        return max(0, round(left.total_seconds())) if left else 0

    @property
    def standing(self) -> str:
        """Differs when anything that the page tells of it has changed, also between two of its statements."""
        entry = self.requeue
        seconds = self.seconds_left if self.undoable else 0
        sending = f".{entry.state}.{entry.tries}.{entry.refusals}.{seconds}" if entry else ""
        event = self.events[0].pk if self.events else 0
        turn = f".{self.turn.pk}" if self.turn else ""
        return f"{self.record.version}.{event}{sending}.{self.held.waiting}{turn}"

    @cached_property
    def related(self) -> Sequence[DeadLetter]:
        """This one among the others of its correlation id, in the order in which they came; none if it has no
        others."""
        if not self.record.correlation_id:
            return []
        others = _rows().filter(correlation_id=self.record.correlation_id)
        before = list(others.filter(id__lt=self.record.id).order_by("-id")[:RELATED])
        after = list(others.filter(id__gt=self.record.id).order_by("id")[:RELATED])
        return [*before[::-1], self.record, *after] if before or after else []

    @cached_property
    def earlier(self) -> DeadLetter | None:
        """A dead letter of the same message that had ended before this one began."""
        return _rows().filter(id=self.record.earlier_id).first() if self.record.earlier_id else None

    @cached_property
    def way(self) -> list[Step]:
        """The latest requeue: on its way, sent, and what came of it."""
        entry = self.requeue
        if not entry:
            return []
        if entry.state == OutboxEntry.State.WITHDRAWN:
            return [Step("Requeued", "requeued", entry.created_at, True), Step("Taken back", "discarded")]
        return [Step("Requeued", "requeued", entry.created_at, True), self._sent(entry), self._end(entry)]

    def _sent(self, entry: OutboxEntry) -> Step:
        if entry.state == OutboxEntry.State.SENT:
            return Step("Sent and confirmed", "requeued", entry.sent_at, True)
        if entry.state == OutboxEntry.State.FAILED:
            return Step("Could not be sent", "down", done=True)
        if entry.tries or entry.refusals:
            return Step("Trying again", "late")
        return Step(f"Sending in {self.seconds_left} s" if self.seconds_left else "Sending", "waiting")

    def _end(self, entry: OutboxEntry) -> Step:
        ends = [event for event in self.events if event.kind in ENDS and event.attempt == entry.attempt]
        if not ends:
            return Step("Waiting for its turn", "waiting") if self.turn else Step("No answer yet", "unknown")
        match ends[0].kind:
            case Event.Kind.PROCESSED:
                return Step("Processed", "resolved", ends[0].at, True)
            case Event.Kind.SILENCE:
                return Step("Resolved by silence", "resolved", ends[0].at, True)
            case Event.Kind.CAME_BACK:
                return Step("Came back", "came back", ends[0].at, True)
        return Step("Parked again", "parked", ends[0].at, True)


def _rows() -> QuerySet[DeadLetter]:
    return DeadLetter.objects.select_related("source").only(*LISTED)
