"""From ticked groups to the question before something is done with all that is parked in them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.views.addresses import address, came_from
from dashboard.views.permissions import looks
from dashboard.views.selection import groups

KINDS = ("requeue", "discard")


@looks
@require_POST
def group_questions(request: HttpRequest, kind: str) -> HttpResponse:
    """Asks whether to do this, as for any other query."""
    if kind not in KINDS:
        raise Http404
    wanted = groups(request)
    if not wanted:
        return redirect(came_from(request, "groups"))
    return redirect(
        address(
            "new-operation",
            kind=kind,
            scope="matching",
            q=f"group:{','.join(str(group.pk) for group in wanted)} status:parked",
            next=came_from(request, "groups"),
        )
    )
