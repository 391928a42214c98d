"""What a person can do with dead letters. The permission is checked here, where the work is done, and the act
is written down in the transaction that does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from workflow_processor import lifecycle, ordering
from workflow_processor.lifecycle import Seen
from workflow_processor.models import AuditEntry
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Actor, Moved


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act."""

    changed: list[UUID]
    unchanged: list[UUID]
    """Somebody or something was quicker: these are no longer as the person saw them."""
    entry: int | None = None
    """The audit entry that says so, where anything was changed; an undo can name it."""


def requeue(person: User, seen: Sequence[Seen], reason: str = "") -> Outcome:
    """Sends them back, after the seconds in which it can be undone."""
    check(person, "requeue_dead_letter")
    hold = timedelta(seconds=settings.UNDO_SECONDS)
    with transaction.atomic():
        moved = lifecycle.requeue(seen, _actor(person), reason, hold=hold)
        return _noted(person, "requeue", [letter.id for letter in seen], moved, reason)


def undo(person: User, ids: Sequence[UUID]) -> Outcome:
    """Takes back requeues that have not left yet."""
    check(person, "requeue_dead_letter")
    with transaction.atomic():
        return _noted(person, "undo requeue", ids, lifecycle.withdraw(ids, _actor(person)))


def edit(person: User, seen: Seen, made: NewRevision, *, send: bool) -> Outcome:
    """Gives it a new revision and, with `send`, sends that back."""
    check(person, "edit_dead_letter")
    with transaction.atomic():
        moved = lifecycle.edit([seen], [made], _actor(person))
        revisions: dict[str, Any] = {"revision": moved[0].revision} if moved else {}
        outcome = _noted(person, "edit", [seen.id], moved, made.reason, after=revisions)
        if send and moved:
            requeue(person, [Seen(letter.id, letter.version) for letter in moved], made.reason)
        return outcome


def discard(person: User, seen: Sequence[Seen], reason: str, *, held: bool = False) -> Outcome:
    """Ends them without processing. What waits behind them is let go or, with `held`, ends too and counts as
    changed. Raises ValueError without a reason."""
    check(person, "discard_dead_letter")
    if held:
        check(person, "decide_held_messages")
    if not reason.strip():
        raise ValueError("A discard needs a reason.")
    with transaction.atomic():
        wanted = [letter.id for letter in seen]
        moved = lifecycle.discard(seen, _actor(person), reason, held=held)
        behind = {letter.id for letter in moved}.difference(wanted)
        after = {"waited behind them": [str(id) for id in sorted(behind)]} if behind else {}
        return _noted(person, "discard", wanted, moved, reason, after)


def restore(person: User, seen: Sequence[Seen], reason: str = "") -> Outcome:
    """Takes discarded ones back."""
    check(person, "discard_dead_letter")
    with transaction.atomic():
        moved = lifecycle.restore(seen, _actor(person), reason)
        return _noted(person, "restore", [letter.id for letter in seen], moved, reason)


def release_held(person: User, heads: Sequence[UUID], reason: str = "") -> Outcome:
    """Lets what waits behind these go ahead of them: the first of each now, the others one after the other.
    Gives as changed the dead letters that were let go."""
    check(person, "decide_held_messages")
    with transaction.atomic():
        behind = ordering.waiting(heads)
        released = ordering.advance(list(behind))
        entry = _written(person, "release held", released, reason, {"passed by": [str(id) for id in behind]})
        return Outcome(released, [id for id in heads if id not in behind], entry)


def discard_held(person: User, heads: Sequence[UUID], reason: str) -> Outcome:
    """Ends what waits behind these without processing. Gives as changed the dead letters that it became.
    Raises ValueError without a reason."""
    check(person, "decide_held_messages")
    if not reason.strip():
        raise ValueError("A discard needs a reason.")
    with transaction.atomic():
        moved = [letter.id for letter in ordering.discard_held(heads, _actor(person), reason)]
        entry = _written(person, "discard held", moved, reason, {"waited for": [str(id) for id in heads]})
        return Outcome(moved, [], entry)


def check(person: User, permission: str) -> None:
    """Raises PermissionDenied where the person may not do what this permission of the app is for."""
    if not person.has_perm(f"workflow_processor.{permission}"):
        raise PermissionDenied(f"{person} may not do this: the permission {permission} is missing.")


def _actor(person: User) -> Actor:
    return Actor(person.get_username(), person.pk)


def _noted(
    person: User,
    act: str,
    wanted: Sequence[UUID],
    moved: Sequence[Moved],
    reason: str = "",
    after: dict[str, Any] | None = None,
) -> Outcome:
    changed = [letter.id for letter in moved]
    untouched = set(wanted).difference(changed)
    if not changed:
        return Outcome(changed, list(wanted))
    entry = _written(person, act, changed, reason, after or {})
    return Outcome(changed, [id for id in wanted if id in untouched], entry)


def _written(
    person: User, act: str, changed: Sequence[UUID], reason: str, after: dict[str, Any]
) -> int | None:
    """The audit entry, where anything was changed."""
    if not changed:
        return None
    ids = [str(id) for id in changed]
    entry = AuditEntry.objects.create(person=person, act=act, reason=reason, dead_letters=ids, after=after)
    return entry.pk
