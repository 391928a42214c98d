"""What a person can do with dead letters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import lifecycle
from workflow_processor.acts.record import Outcome, actor, check, check_reason, noted
from workflow_processor.lifecycle import Seen
from workflow_processor.revisions import NewRevision


def requeue(person: User, seen: Sequence[Seen], reason: str = "") -> Outcome:
    """Sends them back, after the seconds in which it can be undone."""
    check(person, "requeue_dead_letter")
    check_reason(reason)
    hold = timedelta(seconds=settings.UNDO_SECONDS)
    with transaction.atomic():
        moved = lifecycle.requeue(seen, actor(person), reason, hold=hold)
        return noted(person, "requeue", [letter.id for letter in seen], moved, reason)


def undo(person: User, ids: Sequence[UUID], attempts: Sequence[int] = ()) -> Outcome:
    """Takes back requeues that have not left yet: the latest of each, where it is that attempt if one is
    told."""
    check(person, "requeue_dead_letter")
    with transaction.atomic():
        return noted(person, "undo requeue", ids, lifecycle.withdraw(ids, actor(person), attempts))


def edit(person: User, seen: Seen, made: NewRevision, *, send: bool) -> Outcome:
    """Gives it a new revision and, with `send`, sends that back."""
    check(person, "edit_dead_letter")
    check_reason(made.reason)
    with transaction.atomic():
        moved = lifecycle.edit([seen], [made], actor(person))
        revisions: dict[str, Any] = {"revision": moved[0].revision} if moved else {}
        outcome = noted(person, "edit", [seen.id], moved, made.reason, after=revisions)
        if send and moved:
            requeue(person, [Seen(letter.id, letter.version) for letter in moved], made.reason)
        return outcome


def discard(person: User, seen: Sequence[Seen], reason: str, *, held: bool = False) -> Outcome:
    """Ends them without processing. What waits behind them is let go or, with `held`, ends too and counts as
    changed. Raises ValueError without a reason."""
    check(person, "discard_dead_letter")
    check_reason(reason)
    if held:
        check(person, "decide_held_messages")
    if not reason.strip():
        raise ValueError("A discard needs a reason.")
    with transaction.atomic():
        wanted = [letter.id for letter in seen]
        moved = lifecycle.discard(seen, actor(person), reason, held=held)
        behind = {letter.id for letter in moved}.difference(wanted)
        after = {"waited behind them": [str(id) for id in sorted(behind)]} if behind else {}
        return noted(person, "discard", wanted, moved, reason, after)


def restore(person: User, seen: Sequence[Seen], reason: str = "") -> Outcome:
    """Takes discarded ones back."""
    check(person, "discard_dead_letter")
    check_reason(reason)
    with transaction.atomic():
        moved = lifecycle.restore(seen, actor(person), reason)
        return noted(person, "restore", [letter.id for letter in seen], moved, reason)
