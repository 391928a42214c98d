"""What a person is told of, the latest first."""

from typing import NamedTuple

from django.contrib.auth.models import User

from workflow_processor.models import Notification

SIZE = 50
MOST = 99
"""Beyond so many unread ones nobody wants to know how many exactly."""


class NotificationPage(NamedTuple):
    notifications: list[Notification]
    older: int | None
    """Ask for what is older than this, if there is more."""


def page(person: User, older: int = 0) -> NotificationPage:
    """Those older than one, or the latest."""
    found = Notification.objects.filter(person=person).select_related("dead_letter", "group").order_by("-id")
    listed = list((found.filter(id__lt=older) if older else found)[: SIZE + 1])
    return NotificationPage(listed[:SIZE], listed[SIZE - 1].pk if len(listed) > SIZE else None)


def unread(person: User) -> int:
    """How many are unread; one more than `MOST` stands for all beyond."""
    return Notification.objects.filter(person=person, read=False)[: MOST + 1].count()
