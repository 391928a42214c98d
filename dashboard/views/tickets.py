"""Links from a message or a group to where it is worked on elsewhere."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from dashboard.views import subjects
from dashboard.views.acting import attempt, form_again
from dashboard.views.permissions import looks, person
from dashboard.views.selection import words
from workflow_processor.acts import tickets as acts
from workflow_processor.models import Ticket
from workflow_processor.subjects import Subject


@looks
@require_POST
def message_tickets(request: HttpRequest, id: UUID) -> HttpResponse:
    return _link(request, subjects.of_message(id))


@looks
@require_POST
def group_tickets(request: HttpRequest, id: int) -> HttpResponse:
    return _link(request, subjects.of_group(id))


@looks
@require_POST
def ticket_removals(request: HttpRequest, id: int) -> HttpResponse:
    ticket = get_object_or_404(Ticket, id=id)
    return attempt(request, lambda: acts.unlink(person(request), ticket), "Link removed.")


def _link(request: HttpRequest, subject: Subject) -> HttpResponse:
    url, title = words(request, "url"), words(request, "title")

    def refused(why: str) -> HttpResponse:
        told = {"tickets_url": request.path, "url": url, "name": title, "problem": why}
        return form_again(request, "Link a ticket", "together/_ticket_form.html", **told)

    return attempt(
        request, lambda: acts.link(person(request), subject, url, title), "Ticket linked.", refused
    )
