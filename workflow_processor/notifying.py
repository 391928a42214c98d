"""Telling people, inside the dashboard, what they should know."""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from workflow_processor import live
from workflow_processor.models import Notification
from workflow_processor.subjects import Subject
from workflow_processor.transition import Actor

BACKEND = "django.contrib.auth.backends.ModelBackend"
KEPT = timedelta(days=90)
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]*\w)")


def staff() -> list[User]:
    """Those who work here: their accounts are active, and they may look at dead letters."""
    return list(User.objects.raw(*_staff_query()))


@cache
def _staff_query() -> tuple[str, tuple[Any, ...]]:
    """Asked with most pages. To put it into words takes Django far longer than it takes the database to
    answer, and the words are always the same."""
    found = User.objects.with_perm("workflow_processor.view_dead_letter", backend=BACKEND)
    return found.order_by("username").query.sql_with_params()


def mentioned(text: str) -> list[User]:
    """The staff that a text names as `@name`, each once."""
    names = set(_MENTION.findall(text))
    return [person for person in staff() if person.get_username() in names] if names else []


def notify(people: Iterable[User], kind: Notification.Kind, subject: Subject, text: str, by: Actor) -> None:
    """Tells these people, but nobody what they did themselves. Their open pages get a hint once the
    transaction has committed."""
    told = [person.pk for person in people if person.pk != by.person]
    Notification.objects.bulk_create(
        Notification(person_id=person, kind=kind, actor=by.name, text=text, **subject.columns)
        for person in told
    )
    transaction.on_commit(lambda: live.whisper(told))


def forget() -> None:
    """Forgets what people were told long ago, whether they have read it or not."""
    Notification.objects.filter(at__lt=timezone.now() - KEPT).delete()
