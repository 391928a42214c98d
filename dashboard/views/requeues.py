"""Sending dead letters back to where they came from."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.views.acting import Done, carry_out, tell
from dashboard.views.addresses import address, came_from
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason, selected
from workflow_processor import acts

WHY_NOT = "changed in the meantime, or not ready to send"


@looks
@require_POST
def requeues(request: HttpRequest) -> HttpResponse:
    """Requeues the selection."""
    requeue = partial(acts.requeue, person(request), reason=reason(request))
    done = carry_out(requeue, selected(request))
    seconds = int(settings.UNDO_SECONDS)
    tell(request, done, "requeued", WHY_NOT, undo=undoing(done) if seconds else "", seconds=seconds)
    return redirect(came_from(request))


def undoing(done: Done) -> str:
    """Where a POST takes these requeues back."""
    back = address("message", done.changed[0]) if len(done.changed) == 1 else ""
    return address("undos", acts=",".join(map(str, done.entries)), next=back)
