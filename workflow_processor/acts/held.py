"""What a person can do with what waits behind dead letters of its key."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor import ordering
from workflow_processor.acts.record import Outcome, actor, audit, check, check_reason, written
from workflow_processor.models import Gate


def release_held(person: User, heads: Sequence[UUID], reason: str = "") -> Outcome:
    """Lets what waits behind these go ahead of them: the first of each now, the others one after the other.
    Gives as changed the dead letters that were let go."""
    check(person, "decide_held_messages")
    check_reason(reason)
    with transaction.atomic():
        behind = ordering.waiting(heads)
        released = ordering.advance(list(behind))
        entry = written(person, "release held", released, reason, {"passed by": [str(id) for id in behind]})
        return Outcome(released, [id for id in heads if id not in behind], entry)


def discard_held(person: User, heads: Sequence[UUID], reason: str) -> Outcome:
    """Ends what waits behind these without processing. Gives as changed the dead letters that it became.
    Raises ValueError without a reason."""
    check(person, "decide_held_messages")
    check_reason(reason)
    if not reason.strip():
        raise ValueError("A discard needs a reason.")
    with transaction.atomic():
        moved = [letter.id for letter in ordering.discard_held(heads, actor(person), reason)]
        entry = written(person, "discard held", moved, reason, {"waited for": [str(id) for id in heads]})
        return Outcome(moved, [], entry)


def open_gate(person: User, id: int, reason: str) -> None:
    """Lets go, one after the other, of what waits behind a message that has not come to the office. Raises
    ValueError without a reason, and where the message has come or may still be on its way."""
    check(person, "decide_held_messages")
    check_reason(reason)
    if not reason.strip():
        raise ValueError("Releasing them needs a reason.")
    with transaction.atomic():
        gate = Gate.objects.filter(id=id).first()
        released = ordering.open_lost(id)
        if gate is None or released is None:
            raise ValueError("What the key waits for has reached the office, or has ended.")
        audit(person, "open gate", letters=released, subject=f"gate {gate}", reason=reason)
