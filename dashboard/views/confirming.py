"""The page that asks before an act: what it is about, how many that are, and why."""

from collections.abc import Sequence

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from dashboard.queries import DeadLetterQuery, QueryError, newest
from dashboard.views.addresses import came_from
from dashboard.views.pages import show
from dashboard.views.selection import selected
from workflow_processor.models import DeadLetter, HeldMessage, State

SAMPLE = 5


def confirm(request: HttpRequest, act: str, states: Sequence[State]) -> HttpResponse:
    """Asks whether to do this to the selection, of which those in these states can be changed."""
    query, until = request.GET.get("q", ""), newest()
    ticked = [] if request.GET.get("scope") == "matching" else selected(request)
    try:
        matching = DeadLetterQuery.parse(query).letters(until)
    except QueryError as error:
        raise BadRequest(str(error)) from error
    letters = DeadLetter.objects.filter(id__in=[seen.id for seen in ticked]) if ticked else matching
    return show(
        request,
        f"confirm/{act}.html",
        section="messages",
        query=query,
        ticked=ticked,
        until=until,
        count=letters.count(),
        able=letters.filter(state__in=states).count(),
        held=HeldMessage.objects.filter(gate__head__in=letters.order_by().values("id")).exists(),
        sample=letters.select_related("source").order_by("-id")[:SAMPLE],
        next=came_from(request),
    )
