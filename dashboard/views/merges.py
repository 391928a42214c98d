"""Groups that are one cause after all, and such that are not."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.parts.toasts import announce
from dashboard.views.acting import attempt
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from dashboard.views.selection import groups
from workflow_processor.acts.merges import merge, split
from workflow_processor.models import Group


@looks
@require_POST
def merges(request: HttpRequest) -> HttpResponse:
    """Merges the groups into the first of them."""
    first, *others = groups(request) or [Group()]
    if not others:
        announce(request, "Nothing was merged: select at least two groups.", level=messages.WARNING)
        return redirect(came_from(request, "groups"))
    said = f"Merged into group {first.pk}. You can split them later."
    return attempt(request, lambda: merge(person(request), others, into=first), said)


@looks
@require_POST
def splits(request: HttpRequest) -> HttpResponse:
    """Gives these groups back what is theirs."""
    wanted = groups(request)
    said = "Split off again, with all of its failures, earlier and later ones."
    return attempt(request, lambda: split(person(request), wanted), said)
