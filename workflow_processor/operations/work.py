"""Carries operations out: a chunk of one, then a chunk of the next, until nothing is due.

A chunk is one transaction. It locks the operation, and other workers pass a locked one by; it does the act,
writes what came of it and adds to the counts. So a worker that is killed has done a chunk whole or not at
all, and each dead letter is guarded by the version that was frozen: what two operations are about is done by
the one that comes first.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from consumers import logs
from workflow_processor import sql
from workflow_processor.lifecycle import Seen
from workflow_processor.models import Operation, OperationItem
from workflow_processor.operations import outcomes, states
from workflow_processor.operations.kinds import KINDS
from workflow_processor.operations.kinds.kind import Carried, Chunk, Kind
from workflow_processor.operations.outcomes import Told
from workflow_processor.transition import Actor

log = logging.getLogger(__name__)

CHUNK = 500
SECONDS = 1.0
"""After so long a chunk of what takes long is no longer begun with more: what was done of it is a chunk."""
LATER = timedelta(seconds=10)
"""For so long others have their turn when the database has given up on a chunk."""
BURST = timedelta(seconds=1)
"""What an operation was late by it may catch up on, up to so much of its rate."""
BUDGET = 5.0
"""Seconds of work in one go. The relay wants its turn too."""

Outcome = OperationItem.Outcome


def carry_on(seconds: float = BUDGET) -> int:
    """Works until nothing is due or the time is over. Gives how many chunks it worked at."""
    until = monotonic() + seconds
    chunks = 0
    while monotonic() < until and _chunk():
        chunks += 1
    return chunks


def _chunk() -> bool:
    """Whether there was anything due."""
    operation = None
    try:
        with transaction.atomic():
            sql.run(_WATCHED)
            operation = _due()
            if operation:
                _work_or_stop(operation)
    except (OperationalError, InterfaceError):
        if operation:
            sql.run(_PUT_OFF, {"operation": operation.pk, "later": LATER})
        raise
    return bool(operation)


def _work_or_stop(operation: Operation) -> None:
    try:
        with transaction.atomic():
            _work_at(operation)
    except (OperationalError, InterfaceError):
        raise  # the database's own trouble: the chunk is done again
    except Exception as error:
        name = type(error).__name__  # its text may quote a payload
        log.error(logs.told("operation-stopped", operation=operation.pk, error=name))
        states.pause(operation.pk, f"It stopped at an error of the office's own ({name}).")


def _due() -> Operation | None:
    """The one whose turn it is, locked; whatever another worker has in hand is passed by."""
    running = Operation.objects.filter(state__in=(Operation.State.PLANNED, Operation.State.RUNNING))
    locked = running.select_for_update(skip_locked=True, no_key=True)
    return locked.filter(next_at__lte=Now()).order_by("next_at", "id").first()


def _work_at(operation: Operation) -> None:
    kind = KINDS[operation.kind]
    needs = [f"workflow_processor.{need}" for need in kind.permissions(operation.parameters)]
    if not operation.runs_for.has_perms(needs):
        states.pause(
            operation.pk,
            f"{operation.runs_for} no longer has the permission. Somebody who has it can resume this.",
        )
        return
    states.begin(operation.pk)
    left = outcomes.count(operation.pk, Outcome.PENDING)
    on_trial = 0 if operation.trial_over else operation.trial
    handled = operation.total - left
    size = min(left, CHUNK, operation.rate or CHUNK, on_trial - handled if on_trial else CHUNK)
    done = _carry_out(operation, kind, size) if size > 0 else 0
    if done:
        _wait(operation, done)
    if done >= left:
        states.finish(operation.pk)
    elif on_trial and handled + done >= on_trial:
        states.end_trial(operation.pk, "Trial complete. Check the results, then continue with the rest.")


def _carry_out(operation: Operation, kind: Kind, size: int) -> int:
    """Does so many of the next, or as many as there is time for; gives how many."""
    items = sql.run(_NEXT, {"operation": operation.pk, "reached": operation.reached, "size": size})
    name = f"Operation {operation.pk}"
    chunk = Chunk(
        seen=[Seen(item.dead_letter, item.version) for item in items],
        by=Actor(operation.runs_for.get_username(), operation.runs_for.pk),
        reason=f"{name}: {operation.reason}" if operation.reason else f"{name}.",
        parameters=operation.parameters,
        until=monotonic() + SECONDS,
    )
    carried = kind.carry_out(chunk)
    done = [item for item in items if not carried.reached or item.dead_letter <= carried.reached]
    requeued = len(carried.moved) if carried.sent else 0
    outcomes.record(operation.pk, done[-1].id, _told(done, carried), requeued)
    return len(done)


def _told(items: Sequence[Any], carried: Carried) -> list[Told]:
    """What came of all that were not requeued."""
    moved = {letter.id for letter in carried.moved}
    untouched = [item for item in items if item.dead_letter not in moved]
    ids = [item.dead_letter for item in untouched]
    now = {row.id: row.state for row in sql.run(_STATES, {"ids": ids})} if untouched else {}

    def told(item: Any) -> Told:
        if why := carried.failed.get(item.dead_letter):
            return Told(item.id, Outcome.FAILED, why)
        return Told(item.id, Outcome.SKIPPED, _why(now.get(item.dead_letter)))

    done = [] if carried.sent else [item for item in items if item.dead_letter in moved]
    return [*(Told(item.id, Outcome.DONE) for item in done), *map(told, untouched)]


def _why(state: str | None) -> str:
    return f"It changed after it was selected: it is {state} now." if state else "It no longer exists."


def _wait(operation: Operation, done: int) -> None:
    """Its next turn: after the others', or when its rate allows."""
    pause = timedelta(seconds=done / operation.rate) if operation.rate else None
    sql.run(_WAIT, {"operation": operation.pk, "pause": pause, "burst": BURST})


# A worker that stands still in the middle of a chunk loses its transaction, and the chunk with it.
_WATCHED = "SET LOCAL idle_in_transaction_session_timeout = '60s'"
_NEXT = """
SELECT id, dead_letter, version FROM operation_item
WHERE operation_id = %(operation)s AND id > %(reached)s ORDER BY id LIMIT %(size)s
"""
_STATES = "SELECT id, state FROM dead_letter WHERE id = ANY(%(ids)b::uuid[])"
_PUT_OFF = """
UPDATE operation SET next_at = greatest(next_at, now() + %(later)s::interval) WHERE id = %(operation)s
"""
_WAIT = """
UPDATE operation SET next_at = coalesce(
    greatest(next_at, now() - %(burst)s::interval) + %(pause)s::interval, clock_timestamp())
WHERE id = %(operation)s
"""
