"""What is known of a group: one text that whoever knows more brings up to date."""

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor.acts.record import actor, audit, check
from workflow_processor.models import Group, GroupEvent
from workflow_processor.storable import TEXT_LIMIT, storable
from workflow_processor.subjects import tell_groups


def note(person: User, group: Group, text: str, *, seen: str) -> None:
    """Replaces the note that the person saw. Raises ValueError where it is too long, or
    another by now: nothing is overwritten."""
    check(person, "comment_dead_letter")
    text = storable(text.strip(), TEXT_LIMIT + 1)
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"A note has at most {TEXT_LIMIT:,} characters.")
    with transaction.atomic():
        now = Group.objects.select_for_update(no_key=True).get(pk=group.pk)
        if now.note != seen:
            raise ValueError("Somebody else changed the note in the meantime; their version is kept.")
        if now.note == text:
            return
        Group.objects.filter(pk=group.pk).update(note=text)
        tell_groups(GroupEvent.Kind.NOTED, [group.pk], text or "Removed.", actor(person))
        audit(person, "note", group=group.pk, before={"note": now.note}, after={"note": text})
