"""Gates of keys that wait for a message which never came to the office."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from dashboard.views.acting import attempt
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason
from workflow_processor import acts


@looks
@require_POST
def openings(request: HttpRequest, id: int) -> HttpResponse:
    """Opens one, for a reason."""
    said = "The held messages are released one by one."
    return attempt(request, lambda: acts.open_gate(person(request), id, reason(request)), said)
