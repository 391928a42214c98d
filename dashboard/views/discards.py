"""Ending dead letters without processing them."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.parts.toasts import announce
from dashboard.views.acting import carry_out, tell
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason, selected
from workflow_processor import acts

WHY_NOT = "changed in the meantime, or not in a state to be discarded"


@looks
@require_POST
def discards(request: HttpRequest) -> HttpResponse:
    """Discards the selection, for a reason; with `held=discard` what waits behind it too."""
    why = reason(request)
    if not why:
        announce(request, "Nothing was discarded: a discard needs a reason.", level=messages.ERROR)
        return redirect(came_from(request))
    held = request.POST.get("held") == "discard"
    done = carry_out(partial(acts.discard, person(request), reason=why, held=held), selected(request))
    tell(request, done, "discarded", WHY_NOT)
    return redirect(came_from(request))
