"""What waits behind a message of its key: letting it go ahead, or discarding it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.parts.toasts import announce
from dashboard.views.acting import Done, carry_out, count
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason
from workflow_processor import acts


@looks
@require_POST
def releases(request: HttpRequest, id: UUID) -> HttpResponse:
    """Lets what waits behind this message go ahead of it."""
    done = carry_out(lambda ids: acts.release_held(person(request), ids, reason(request)), [id])
    _say(request, done, "The first message was released; the rest follow one by one.")
    return redirect(came_from(request))


@looks
@require_POST
def discards(request: HttpRequest, id: UUID) -> HttpResponse:
    """Discards what waits behind this message, for a reason."""
    why = reason(request)
    if not why:
        announce(request, "Nothing was discarded: a discard needs a reason.", level=messages.ERROR)
        return redirect(came_from(request))
    done = carry_out(lambda ids: acts.discard_held(person(request), ids, why), [id])
    _say(request, done, f"{count(done.changed)} discarded.")
    return redirect(came_from(request))


def _say(request: HttpRequest, done: Done, text: str) -> None:
    if done.changed:
        announce(request, text, level=messages.SUCCESS)
    else:
        announce(request, "Nothing is held behind it any more.", level=messages.WARNING)
