"""Taking discarded dead letters back."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.views.acting import carry_out, tell
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason, selected
from workflow_processor import acts

WHY_NOT = "changed in the meantime, or not discarded"


@looks
@require_POST
def restores(request: HttpRequest) -> HttpResponse:
    """Restores the selection: it is parked again."""
    done = carry_out(partial(acts.restore, person(request), reason=reason(request)), selected(request))
    tell(request, done, "restored", WHY_NOT)
    return redirect(came_from(request))
