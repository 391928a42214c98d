"""Gates that wait for a message which never came to the office."""

from django.db.models import Count, QuerySet
from django.utils import timezone

from workflow_processor.models import Gate
from workflow_processor.ordering import LOST_AFTER

SHOWN = 100


def lost() -> QuerySet[Gate]:
    return Gate.objects.filter(head=None, closed_at__lt=timezone.now() - LOST_AFTER)


def shown() -> QuerySet[Gate]:
    """The first of them, each with how many messages are `waiting`."""
    return lost().annotate(waiting=Count("held")).order_by("closed_at", "id")[:SHOWN]
