"""Every change of a dead letter's state, one function each. `docs/lifecycle.md` shows them as a table.

Each gives the dead letters that it changed. One that is missing there was not in the state that the
transition expects, or somebody else was quicker; it is as it was.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from workflow_processor import ordering, outbox, revisions, sql
from workflow_processor.beginning import where_none_is_open
from workflow_processor.models import Event, Flow, State
from workflow_processor.outbox import Entry
from workflow_processor.revisions import NewRevision
from workflow_processor.rules import come_backs
from workflow_processor.search import due
from workflow_processor.transition import INTAKE, RELAY, TRIAGE, Actor, Moved, Transition, Wanted, move


class Seen(NamedTuple):
    """A dead letter as somebody saw it: a change holds only while the version is still that."""

    id: UUID
    version: int


class Claim(NamedTuple):
    """A dead letter that a repair holds, and the fencing number it holds it by."""

    id: UUID
    claim: int


class Repaired(NamedTuple):
    """Dead letters with their repaired revisions."""

    moved: list[Moved]
    leaving: list[Entry]
    """Their requeues, where the caller wants to send them."""


_as_seen = "d.version = w.version"
_as_claimed = "d.claim = w.claim"
_new_revision = "revision = d.revision + 1, size = w.size, preview = w.preview"
_new_attempt = "attempt = d.attempt + 1"
_no_lapse = "lapses = 0, suspect = ''"
_no_other_open = """NOT EXISTS (
    SELECT FROM dead_letter o WHERE o.identity = d.identity AND o.id <> d.id
    AND NOT o.message_id_derived AND o.state IN ('received', 'repairing', 'waiting', 'parked', 'requeued'))"""

_CLAIM = Transition(
    (State.RECEIVED,),
    State.REPAIRING,
    Event.Kind.CLAIMED,
    sets="claim = d.claim + 1",
    where="d.lapses = 0 OR w.alone",
    claimed_until="now() + w.lease",
    skip_locked=True,
)
_SCHEDULE = Transition(
    (State.REPAIRING,),
    State.WAITING,
    Event.Kind.RETRY_SCHEDULED,
    due_at="now() + w.wait",
    sets=_no_lapse,
    where=_as_claimed,
)
_REPAIR = Transition(
    (State.REPAIRING,),
    State.REQUEUED,
    Event.Kind.REPAIRED,
    Flow.Kind.REPAIRED,
    sets=f"{_new_revision}, {_new_attempt}, {_no_lapse}",
    where=_as_claimed,
)
_PARK = Transition(
    (State.REPAIRING,),
    State.PARKED,
    Event.Kind.PARKED,
    Flow.Kind.PARKED,
    sets=_no_lapse,
    where=_as_claimed,
)
_PUT_OFF = Transition((State.REPAIRING,), State.RECEIVED, Event.Kind.RECEIVED, where=_as_claimed)
_LAPSE = Transition(
    (State.REPAIRING,),
    State.RECEIVED,
    Event.Kind.RECEIVED,
    sets="lapses = least(d.lapses + 1, 1000)",
    where="d.claimed_until < now()",
    # Locked: its repair is being settled after all.
    skip_locked=True,
)
_WAKE = Transition(
    (State.WAITING,),
    State.REQUEUED,
    Event.Kind.REQUEUED,
    Flow.Kind.REQUEUED,
    sets=_new_attempt,
    where="d.due_at <= now()",
)
_EDIT = Transition(
    (State.PARKED, State.WAITING), State.PARKED, Event.Kind.EDITED, sets=_new_revision, where=_as_seen
)
_REQUEUE = Transition(
    (State.PARKED, State.WAITING),
    State.REQUEUED,
    Event.Kind.REQUEUED,
    Flow.Kind.REQUEUED,
    sets=_new_attempt,
    where=_as_seen,
)
_ACCEPT = Transition(
    (State.PARKED,),
    State.REQUEUED,
    Event.Kind.REPAIRED,
    Flow.Kind.REQUEUED,
    sets=f"{_new_revision}, {_new_attempt}",
    where=_as_seen,
)
_RECONSIDER = Transition((State.PARKED,), State.RECEIVED, Event.Kind.RECONSIDERED, where=_as_seen)
_WITHDRAW = Transition((State.REQUEUED,), State.PARKED, Event.Kind.WITHDRAWN)
_UNSENDABLE = Transition(
    (State.REQUEUED,),
    State.PARKED,
    Event.Kind.UNROUTABLE,
    Flow.Kind.PARKED,
    sets="possible_duplicate = d.possible_duplicate OR w.perhaps_sent",
    where="d.attempt = w.attempt",
)
_COME_BACK = Transition(
    (State.REQUEUED, State.RESOLVED, State.DISCARDED),
    State.RECEIVED,
    Event.Kind.CAME_BACK,
    Flow.Kind.FAILED,
    sets="""
        attempt = greatest(d.attempt, w.attempt), failures = d.failures + 1, last_failed_at = w.failed_at,
        group_id = w.group_id, error_type = w.error_type, error_text = w.error_text, handler = w.handler,
        possible_duplicate = d.possible_duplicate OR d.state = 'resolved' OR w.redelivered, by_silence = false
    """,
    where=f"w.attempt >= d.attempt AND (d.state = 'requeued' OR {_no_other_open})",
)
_RESOLVE = Transition(
    (State.REQUEUED,),
    State.RESOLVED,
    Event.Kind.PROCESSED,
    Flow.Kind.RESOLVED,
    where="d.attempt = w.attempt",
)
_SILENCE = Transition(
    (State.REQUEUED,),
    State.RESOLVED,
    Event.Kind.SILENCE,
    Flow.Kind.RESOLVED,
    sets="by_silence = true",
    # It may wait at its key's gate by now, or have been let go there and be on its way once more.
    where="""d.attempt = w.attempt AND NOT EXISTS (SELECT FROM held_message h WHERE h.dead_letter = d.id)
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.dead_letter_id = d.id AND o.attempt = d.attempt
                        AND o.state = 'pending' AND o.tries > 0)""",
)
_DISCARD = Transition(
    (State.PARKED, State.WAITING),
    State.DISCARDED,
    Event.Kind.DISCARDED,
    Flow.Kind.DISCARDED,
    where=_as_seen,
)
_RESTORE = Transition(
    (State.DISCARDED,),
    State.PARKED,
    Event.Kind.RESTORED,
    Flow.Kind.PARKED,
    where=f"{_as_seen} AND {_no_other_open}",
)


def claim(ids: Sequence[UUID], lease: timedelta) -> list[Moved]:
    """Takes received dead letters into repair for as long as the lease. One that another worker has is not
    waited for. One whose claim has lapsed before is taken alone, lest it cut off others' repair again."""
    count = len(ids)
    columns: dict[str, tuple[str, Sequence[object]]] = {
        "lease": ("interval", [lease] * count),
        "alone": ("bool", [count == 1] * count),
    }
    return move(_CLAIM, Wanted(ids, columns=columns), TRIAGE)


def put_off(
    claims: Sequence[Claim], reason: str = "There was no time for it; it will be tried again."
) -> list[Moved]:
    """Gives back claims that nothing came of yet."""
    return move(_PUT_OFF, _claimed(claims, reason), TRIAGE)


def lapse(ids: Sequence[UUID]) -> list[Moved]:
    """Takes back claims whose lease has run out: their worker died, or is too late to settle them."""
    return move(_LAPSE, Wanted(ids, "Its repair was interrupted; it will be tried again."), TRIAGE)


def suspect(claim: Claim, rule: str) -> None:
    """Notes, for the repair that comes after this one, which rule it asks last."""
    sql.run(
        "UPDATE dead_letter SET suspect = %(rule)s::text WHERE id = %(id)s AND claim = %(claim)s",
        {"rule": rule, **claim._asdict()},
    )


def schedule_retry(
    claims: Sequence[Claim], waits: Sequence[timedelta], reasons: Sequence[str]
) -> list[Moved]:
    """Lets them wait before they are requeued unchanged."""
    return move(_SCHEDULE, _claimed(claims, reasons, wait=("interval", waits)), TRIAGE)


def repair(
    claims: Sequence[Claim],
    made: Sequence[NewRevision],
    by: Actor,
    details: Sequence[str | None] = (),
    lease: timedelta | None = None,
) -> Repaired:
    """Gives each its repaired revision and requeues it: by a relay when it comes to it or, with a lease, by
    the caller within that."""
    reasons = [revision.reason for revision in made]
    with transaction.atomic():
        moved = move(_REPAIR, _claimed(claims, reasons, details, **revisions.columns(made)), by)
        by_id = _revise(moved, claims, made, by)
        if lease:
            return Repaired(moved, outbox.put_tried(moved, by_id, lease))
        outbox.put(moved)
    return Repaired(moved, [])


def park(claims: Sequence[Claim], reasons: Sequence[str], details: Sequence[str | None] = ()) -> list[Moved]:
    """Sets them aside for a person."""
    return move(_PARK, _claimed(claims, reasons, details), TRIAGE)


def wake(ids: Sequence[UUID]) -> list[Moved]:
    """Requeues those whose wait is over."""
    with transaction.atomic():
        moved = move(_WAKE, Wanted(ids, "The wait is over."), TRIAGE)
        outbox.put(moved)
    return moved


def edit(seen: Sequence[Seen], made: Sequence[NewRevision], by: Actor) -> list[Moved]:
    """Gives each a new revision, which stays parked until somebody sends it."""
    reasons = [revision.reason for revision in made]
    with transaction.atomic():
        moved = move(_EDIT, _seen(seen, reasons, **revisions.columns(made)), by)
        _revise(moved, seen, made, by)
    return moved


def accept(seen: Sequence[Seen], made: Sequence[NewRevision], by: Actor, hold: timedelta) -> list[Moved]:
    """Gives each the revision that a rule suggests, in the name of the rule, and sends it back after a hold
    in which it can be undone; `by` is the rule, and the person who accepted it."""
    reasons = [revision.reason for revision in made]
    with transaction.atomic():
        moved = move(_ACCEPT, _seen(seen, reasons, **revisions.columns(made)), by)
        _revise(moved, seen, made, by)
        outbox.put(moved, hold)
    return moved


def reconsider(seen: Sequence[Seen], by: Actor, reason: str) -> list[Moved]:
    """Has triage decide about them once more: there are other rules than when they were parked."""
    return move(_RECONSIDER, _seen(seen, reason), by)


def requeue(
    seen: Sequence[Seen], by: Actor, reason: str = "", *, hold: timedelta = timedelta()
) -> list[Moved]:
    """Sends their current revisions back, after a hold in which it can be undone."""
    with transaction.atomic():
        moved = move(_REQUEUE, _seen(seen, reason), by)
        outbox.put(moved, hold)
    return moved


def withdraw(ids: Sequence[UUID], by: Actor, attempts: Sequence[int] = ()) -> list[Moved]:
    """Undoes requeues that have not left yet: the latest of each, where it is that attempt if one is told."""
    with transaction.atomic():
        in_time = outbox.withdraw(ids, attempts)
        return move(_WITHDRAW, Wanted(in_time, "The requeue was undone before it was sent."), by)


def unsendable(
    ids: Sequence[UUID], attempts: Sequence[int], reasons: Sequence[str], perhaps_sent: Sequence[bool]
) -> list[Moved]:
    """Parks requeues that the broker will not take; `perhaps_sent`: an earlier try may have arrived."""
    columns = {"attempt": ("int", attempts), "perhaps_sent": ("bool", perhaps_sent)}
    return move(_UNSENDABLE, Wanted(ids, reasons, columns), RELAY)


def come_back(
    ids: Sequence[UUID], texts: Sequence[str], failures: Mapping[str, tuple[str, Sequence[Any]]]
) -> list[Moved]:
    """Reopens those whose latest requeue failed; `failures` are the columns that tell the new failure. It
    tells against the rules that had repaired them."""
    with transaction.atomic():
        moved = move(_COME_BACK, Wanted(ids, texts, failures), INTAKE)
        come_backs.charge(moved)
        due.note([letter.id for letter in moved])
    return moved


def resolve(ids: Sequence[UUID], attempts: Sequence[int], texts: Sequence[str]) -> list[Moved]:
    """Ends those whose latest requeue was processed, and lets go of what waited for them."""
    with transaction.atomic():
        return _advanced(move(_RESOLVE, Wanted(ids, texts, {"attempt": ("int", attempts)}), INTAKE))


def resolve_by_silence(ids: Sequence[UUID], attempts: Sequence[int]) -> list[Moved]:
    """Ends those that did not come back within their source's quiet period."""
    text = "Nothing came back within the quiet period of its source."
    with transaction.atomic():
        return _advanced(move(_SILENCE, Wanted(ids, text, {"attempt": ("int", attempts)}), TRIAGE))


def discard(seen: Sequence[Seen], by: Actor, reason: str, *, held: bool = False) -> list[Moved]:
    """Ends them without processing, and lets go of what waited for them; with `held` that ends too, and is
    given with them."""
    with transaction.atomic():
        ended = move(_DISCARD, _seen(seen, reason), by)
        heads = [letter.id for letter in ended]
        behind = ordering.discard_held(heads, by, reason) if held else []
        ordering.advance(heads)
        return ended + behind


def restore(seen: Sequence[Seen], by: Actor, reason: str) -> list[Moved]:
    """Takes discarded ones back to be parked; of several of one message the first."""
    return where_none_is_open(lambda some: move(_RESTORE, _seen(some, reason), by), seen, lambda one: one)


def _revise(
    moved: Sequence[Moved], wanted: Sequence[Claim | Seen], made: Sequence[NewRevision], by: Actor
) -> dict[UUID, NewRevision]:
    by_id = {letter.id: revision for letter, revision in zip(wanted, made, strict=True)}
    revisions.record(moved, by_id, by)
    return by_id


def _advanced(ended: list[Moved]) -> list[Moved]:
    ordering.advance([letter.id for letter in ended])
    return ended


def _claimed(
    claims: Sequence[Claim],
    texts: Sequence[str] | str,
    details: Sequence[str | None] = (),
    **columns: tuple[str, Sequence[object]],
) -> Wanted:
    numbers = [claim.claim for claim in claims]
    return Wanted([claim.id for claim in claims], texts, {"claim": ("int", numbers), **columns}, details)


def _seen(
    seen: Sequence[Seen], texts: Sequence[str] | str, **columns: tuple[str, Sequence[object]]
) -> Wanted:
    versions = [letter.version for letter in seen]
    return Wanted([letter.id for letter in seen], texts, {"version": ("int", versions), **columns})
