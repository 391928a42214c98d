"""Saying something about a message or a group."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from dashboard.views import subjects
from dashboard.views.acting import attempt
from dashboard.views.permissions import looks, person
from dashboard.views.selection import words
from workflow_processor.acts.comments import comment
from workflow_processor.subjects import Subject


@looks
@require_POST
def message_comments(request: HttpRequest, id: UUID) -> HttpResponse:
    return _comment(request, subjects.of_message(id))


@looks
@require_POST
def group_comments(request: HttpRequest, id: int) -> HttpResponse:
    return _comment(request, subjects.of_group(id))


def _comment(request: HttpRequest, subject: Subject) -> HttpResponse:
    said = words(request, "text")
    return attempt(request, lambda: comment(person(request), subject, said), "Comment added.")
