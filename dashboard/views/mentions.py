"""Whom a comment can tell, while somebody types a name."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from workflow_processor.acts.record import check
from workflow_processor.notifying import staff

SHOWN = 8


@looks
@require_GET
def mentions(request: HttpRequest) -> HttpResponse:
    """The staff whose names begin with `q`, and then those that have it inside; for those who may comment."""
    check(person(request), "comment_dead_letter")
    begun = request.GET.get("q", "").lower()
    names = [one.get_username() for one in staff()]
    fitting = [name for name in names if begun in name.lower()]
    found = sorted(fitting, key=lambda name: not name.lower().startswith(begun))
    return show(request, "together/_mentions.html", names=found[:SHOWN])
