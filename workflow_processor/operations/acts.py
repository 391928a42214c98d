"""What people do with operations. The permission is that of what the operation does; it is checked here, and
the act is written down in the transaction that does it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from workflow_processor import acts
from workflow_processor.acts.record import audit, check_reason
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Operation, OperationItem
from workflow_processor.operations import outcomes, planning, starting, states
from workflow_processor.operations.kinds import KINDS
from workflow_processor.operations.planning import Chosen

Outcome = OperationItem.Outcome
Letters = QuerySet[DeadLetter] | Chosen | Sequence[Seen]
FAILURES = (Outcome.FAILED, Outcome.CAME_BACK)
"""What a retry is about."""
CHUNK = 1_000
"""Requeues that are taken back in one transaction."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person confirms."""

    kind: str
    selection: Operation.Selection
    query: str = ""
    reason: str = ""
    rate: int | None = None
    """Messages a second."""
    trial: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)


NOTHING = "No message can have this done to it."
NONE_FAILED = "None of its failures needs a person any more."


class NothingToDo(ValueError):
    """An operation that would be about no dead letter. Nothing was planned."""


def plan(person: User, order: Order, letters: Letters) -> Operation:
    """Freezes what the operation is about: of what a query finds, all that its kind can be done to. A worker
    begins with it at once. Raises NothingToDo, and ValueError without a reason where the kind needs one."""
    return _plan(person, order, letters, None)


def retry(person: User, id: int, reason: str = "") -> Operation:
    """A new operation over the failures of this one, as they are now. Raises NothingToDo, and ValueError
    where it cannot be done any more."""
    earlier = Operation.objects.get(pk=id)
    _check(person, earlier.kind, earlier.parameters)
    failures = earlier.items.filter(outcome__in=FAILURES)
    letters = KINDS[earlier.kind].again(
        earlier, DeadLetter.objects.filter(id__in=failures.values("dead_letter"))
    )
    order = Order(
        kind=earlier.kind,
        selection=Operation.Selection.RETRY,
        query=earlier.query,
        reason=reason or earlier.reason,
        rate=earlier.rate,
        parameters=earlier.parameters,
    )
    return _plan(person, order, letters, earlier)


def pause(person: User, id: int) -> bool:
    """Nothing more is done until somebody resumes it. Tells whether it could be paused."""
    return _act(person, id, "pause", states.pause)


def resume(person: User, id: int) -> bool:
    """It goes on, on this person's permission; after a trial, with the rest. Tells whether it was paused."""
    resumed = _act(person, id, "resume", lambda id: states.resume(id, person.pk))
    if resumed:
        starting.soon()
    return resumed


def cancel(person: User, id: int) -> bool:
    """What was not done yet stays undone. Tells whether there was anything to cancel."""
    return _act(person, id, "cancel", states.cancel)


def undo(person: User, id: int) -> int:
    """Cancels the rest and takes back what has not left the outbox. Gives how many were taken back."""
    cancel(person, id)
    taken_back = 0
    for letters, attempts in _in_outbox(id):
        with transaction.atomic():
            taken_back += len(acts.undo(person, letters, attempts).changed)
    outcomes.look(id)
    return taken_back


def _plan(person: User, order: Order, letters: Letters, earlier: Operation | None) -> Operation:
    kind = KINDS[order.kind]
    _check(person, order.kind, order.parameters)
    check_reason(order.reason)
    if kind.needs_reason and not order.reason.strip():
        raise ValueError(f"A {kind.name} needs a reason.")
    with transaction.atomic():
        operation = Operation.objects.create(
            person=person,
            runs_for=person,
            retry_of=earlier,
            kind=order.kind,
            selection=order.selection,
            query=order.query,
            reason=order.reason,
            rate=order.rate,
            trial=order.trial,
            parameters=order.parameters,
        )
        if isinstance(letters, QuerySet):
            operation.total = planning.freeze(operation, letters.filter(state__in=kind.states))
        else:
            chosen = letters if isinstance(letters, Chosen) else planning.ticked(letters)
            operation.total = planning.freeze_chosen(operation, chosen)
        if not operation.total:
            raise NothingToDo(NONE_FAILED if earlier else NOTHING)
        kind.planned(operation)
        _note(person, kind.name, operation)
        starting.soon()
    return operation


def _act(person: User, id: int, act: str, change: Callable[[int], bool]) -> bool:
    operation = Operation.objects.get(pk=id)
    _check(person, operation.kind, operation.parameters)
    with transaction.atomic():
        changed = change(id)
        if changed:
            _note(person, f"{act} operation", operation)
    return changed


def _check(person: User, kind: str, parameters: Mapping[str, Any]) -> None:
    for permission in KINDS[kind].permissions(parameters):
        acts.check(person, permission)


def _note(person: User, act: str, operation: Operation) -> None:
    """One audit entry, which names the operation: that knows its dead letters."""
    told = {"operation": operation.pk, "messages": operation.total}
    audit(person, act, subject=f"operation {operation.pk}", reason=operation.reason, after=told)


def _in_outbox(id: int) -> Iterator[tuple[list[UUID], list[int]]]:
    """The requeues that have not left yet, as far as is known, those that leave first first: the dead letters
    and their attempts."""
    items = outcomes.items(id, Outcome.OUTBOX).order_by("id")
    last = 0
    while page := list(items.filter(id__gt=last).values_list("id", "dead_letter", "attempt")[:CHUNK]):
        yield [letter for _, letter, _ in page], [attempt for _, _, attempt in page]
        last = page[-1][0]
