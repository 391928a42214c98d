"""Rules that do for other messages what a person did to this one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.ruling.proposing import offers
from dashboard.views.message import found
from dashboard.views.pages import show
from dashboard.views.permissions import looks


@looks
@require_GET
def proposals(request: HttpRequest, id: UUID) -> HttpResponse:
    """Those that its edit is an instance of: for its page, or on a page of their own."""
    letter = found(id)
    part = "messages/_proposals.html" if request.headers.get("HX-Request") else "messages/proposals.html"
    return show(request, part, section="messages", record=letter.record, offers=offers(letter))
