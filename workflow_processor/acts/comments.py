"""What people say to each other about a dead letter or a group. It stays in the history, as it was said."""

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor.acts.record import actor, audit, check
from workflow_processor.models import Notification
from workflow_processor.notifying import mentioned, notify
from workflow_processor.storable import TEXT_LIMIT, storable
from workflow_processor.subjects import Subject


def comment(person: User, subject: Subject, text: str) -> list[User]:
    """Says it, and tells those whom it mentions as `@name`; gives these. Raises ValueError where nothing is
    said."""
    check(person, "comment_dead_letter")
    said = storable(text.strip(), TEXT_LIMIT + 1)
    if not 0 < len(said) <= TEXT_LIMIT:
        raise ValueError(f"A comment needs words, and has at most {TEXT_LIMIT:,} characters.")
    people = mentioned(said)
    with transaction.atomic():
        subject.tell("commented", said, actor(person))
        letters = [subject.dead_letter] if subject.dead_letter else []
        audit(person, "comment", letters=letters, group=subject.group, after={"said": said})
        notify(people, Notification.Kind.MENTIONED, subject, said, actor(person))
    return people
