"""Ending dead letters without processing them."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.kinds import FORMS
from dashboard.views.acting import carry_out, tell
from dashboard.views.addresses import came_from
from dashboard.views.operations import reason_wanted
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason, selected
from workflow_processor import acts

WHY_NOT = "changed in the meantime, or not in a state that can be discarded"


@looks
@require_POST
def discards(request: HttpRequest) -> HttpResponse:
    """Discards the selection, for a reason; with `held=discard` what waits behind it too. Where there is no
    reason it asks for one."""
    seen, why, held = selected(request), reason(request), request.POST.get("held") == "discard"
    if seen and not why:
        return reason_wanted(request, FORMS["discard"])
    done = carry_out(partial(acts.discard, person(request), reason=why, held=held), seen)
    tell(request, done, "discarded", WHY_NOT)
    return redirect(came_from(request))
