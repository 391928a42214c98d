"""The dead letter or the group that an address names."""

from uuid import UUID

from django.http import Http404

from workflow_processor.models import DeadLetter, Group
from workflow_processor.subjects import Subject


def of_message(id: UUID) -> Subject:
    """Raises Http404."""
    if not DeadLetter.objects.filter(id=id).exists():
        raise Http404
    return Subject(dead_letter=id)


def of_group(id: int) -> Subject:
    """Raises Http404."""
    if not Group.objects.filter(id=id).exists():
        raise Http404
    return Subject(group=id)
