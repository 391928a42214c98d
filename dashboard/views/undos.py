"""Taking requeues back before they leave."""

from functools import partial
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.views.acting import carry_out, tell
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from workflow_processor import acts
from workflow_processor.models import AuditEntry

WHY_NOT = "already sent"


@looks
@require_POST
def undos(request: HttpRequest) -> HttpResponse:
    """Undoes the requeues of one dead letter (`id`) or of acts, by their audit entries (`acts`)."""
    done = carry_out(partial(acts.undo, person(request)), _requeued(request))
    tell(request, done, "taken back", WHY_NOT)
    return redirect(came_from(request))


def _requeued(request: HttpRequest) -> list[UUID]:
    try:
        if id := request.GET.get("id"):
            return [UUID(id)]
        entries = [int(entry) for entry in request.GET.get("acts", "").split(",")]
    except ValueError as error:
        raise BadRequest("That names no requeue.") from error
    lists = AuditEntry.objects.filter(pk__in=entries).order_by("pk").values_list("dead_letters", flat=True)
    return [UUID(id) for ids in lists for id in ids]
