"""Giving dead letters and groups to people."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.parts.toasts import announce
from dashboard.views.acting import attempt, carry_out, tell
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from dashboard.views.selection import groups, selected
from workflow_processor.acts import assignments as acts


@looks
@require_POST
def assignments(request: HttpRequest) -> HttpResponse:
    """Gives the selection to the person named in `to`, or to nobody."""
    to, ids = _to(request), [seen.id for seen in selected(request)]
    try:
        done = carry_out(partial(acts.assign, person(request), to=to), ids)
    except ValueError as error:
        announce(request, f"Nothing was changed. {error}", level=messages.ERROR)
    else:
        tell(request, done, f"assigned to {_name(to)}", "already theirs, or gone")
    return redirect(came_from(request))


@looks
@require_POST
def group_assignments(request: HttpRequest) -> HttpResponse:
    """Gives the groups to the person named in `to`, or to nobody."""
    to, wanted = _to(request), groups(request)
    said = f"Assigned to {_name(to)}."
    return attempt(request, lambda: acts.assign_groups(person(request), wanted, to), said)


def _to(request: HttpRequest) -> User | None:
    name = request.POST.get("to", "")
    if not name:
        return None
    try:
        return User.objects.get(username=name)
    except User.DoesNotExist as error:
        raise BadRequest("There is nobody with that name.") from error


def _name(to: User | None) -> str:
    return to.get_username() if to else "nobody"
