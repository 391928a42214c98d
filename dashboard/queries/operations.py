"""Operations with their progress, and what became of their messages; every number is one that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from workflow_processor.models import DeadLetter, Operation, OperationItem, State
from workflow_processor.operations import outcomes
from workflow_processor.operations.acts import FAILURES
from workflow_processor.operations.kinds import KINDS

SIZE = 50
UNDER_WAY = (Operation.State.PLANNED, Operation.State.RUNNING, Operation.State.PAUSED)
IN_FLIGHT = (OperationItem.Outcome.OUTBOX, OperationItem.Outcome.SENT)

Outcome = OperationItem.Outcome


class Share(NamedTuple):
    """The items that have one outcome, as a part of a bar 1,000 wide."""

    outcome: str
    number: int
    start: float
    width: float


@dataclass
class Progress:
    """An operation with its figures; its own fields are had from it too."""

    record: Operation
    counts: outcomes.Counts

    def __getattr__(self, name: str) -> object:
        return getattr(self.record, name)

    @property
    def needs(self) -> list[str]:
        """The permissions that it takes."""
        return KINDS[self.record.kind].permissions(self.record.parameters)

    @property
    def left(self) -> int:
        return self.counts[Outcome.PENDING]

    @property
    def handled(self) -> int:
        return self.record.total - self.left

    @property
    def under_way(self) -> bool:
        return self.record.state in UNDER_WAY

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be expected."""
        return not self.under_way and not any(self.counts[outcome] for outcome in IN_FLIGHT)

    @property
    def failures(self) -> int:
        """What a retry would be about."""
        return sum(self.counts[outcome] for outcome in FAILURES)

    @property
    def pace(self) -> float | None:
        """Messages a second since it was begun or resumed; None while nothing can be told."""
        since = self.record.running_since
        seconds = (timezone.now() - since).total_seconds() if since else 0
        done = self.handled - self.record.handled_before
        return done / seconds if seconds > 0 and done > 0 else None

    @property
    def seconds_left(self) -> float | None:
        return self.left / self.pace if self.pace and self.left else None

    @property
    def shares(self) -> list[Share]:
        """The outcomes that there are, in their order; what is still to be done last."""
        found, start = [], 0.0
        for outcome in sorted(self.counts, key=_ORDER.index):
            if number := self.counts[outcome]:
                width = 1000 * number / max(1, self.record.total)
                found.append(Share(str(outcome), number, round(start, 2), round(width, 2)))
                start += width
        return found


class Item(NamedTuple):
    """One of an operation's items, with its outcome, and its dead letter as it is now."""

    record: OperationItem
    outcome: str
    letter: DeadLetter | None

    @property
    def attempt(self) -> int | None:
        """Which requeue of its dead letter it became, if it did."""
        return None if self.outcome == Outcome.PENDING else self.record.attempt

    @property
    def why(self) -> str:
        """What there is to say of its outcome, as a sentence. It stays "processed" where that was so, and the
        message came back later: its consumer had it twice, or took back its word."""
        return self.record.why or ("It failed again after that." if self._failed_again else "")

    @property
    def _failed_again(self) -> bool:
        letter = self.letter
        if self.outcome != Outcome.PROCESSED or letter is None:
            return False
        return letter.state != State.RESOLVED or letter.attempt != self.attempt


class ItemPage(NamedTuple):
    items: list[Item]
    before: int | None
    """Where the page before ends, if there is one."""
    after: int | None


_ORDER = [
    Outcome.PROCESSED,
    Outcome.DONE,
    Outcome.SENT,
    Outcome.OUTBOX,
    Outcome.CAME_BACK,
    Outcome.FAILED,
    Outcome.SKIPPED,
    Outcome.WITHDRAWN,
    Outcome.PENDING,
]


def with_figures(found: QuerySet[Operation]) -> list[Progress]:
    listed = list(found.select_related("person"))
    counts = outcomes.counts([operation.pk for operation in listed])
    return [Progress(operation, counts[operation.pk]) for operation in listed]


def items(
    operation: int, outcome: str = "", *, after: int = 0, before: int | None = None, size: int = SIZE
) -> ItemPage:
    """A page of what it is about, in its own order: after an item, or before one."""
    found = outcomes.items(operation, outcome)
    if before is not None:
        page = list(found.filter(id__lt=before).order_by("-id")[: size + 1])
        earlier, page = len(page) > size, page[:size][::-1]
        later = True  # the page that this one was asked for from
    else:
        page = list(found.filter(id__gt=after).order_by("id")[: size + 1])
        later, page = len(page) > size, page[:size]
        earlier = after > 0
    if not page:
        return ItemPage([], None, None)
    first, last = page[0].pk, page[-1].pk
    return ItemPage(with_letters(page), first if earlier else None, last if later else None)


def with_letters(page: Sequence[Any]) -> list[Item]:
    wanted = DeadLetter.objects.select_related("source")
    letters = wanted.in_bulk([item.dead_letter for item in page])
    return [Item(item, item.told, letters.get(item.dead_letter)) for item in page]
