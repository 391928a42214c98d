"""Lists kept under a name."""

from functools import partial

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.parts.toasts import announce
from dashboard.queries.saved_views import kept
from dashboard.views.acting import attempt, form_again
from dashboard.views.permissions import looks, person
from dashboard.views.selection import words
from workflow_processor.acts import saved_views as acts
from workflow_processor.models import SavedView


@looks
@require_POST
def saved_views(request: HttpRequest) -> HttpResponse:
    """Keeps the list `query` of a `page` under a `name`, for oneself or `shared`; leads to it."""
    page, name = words(request, "page"), words(request, "name")
    if page not in SavedView.Page.values:
        raise BadRequest("That page has no views.")
    made: list[SavedView] = []

    def save() -> None:
        query, shared = kept(words(request, "query")), "shared" in request.POST
        made.append(acts.save(person(request), SavedView.Page(page), name, query, shared=shared))

    answer = attempt(request, save, f"Saved as {name}.", partial(_refused, request, "Save as a view"))
    return redirect(address_of(made[0])) if made else answer


@looks
@require_POST
def view_changes(request: HttpRequest, id: int) -> HttpResponse:
    """Another `query`; or another `name`, and whether it is `shared`."""
    view = get_object_or_404(SavedView, id=id)

    def change() -> None:
        if "query" in request.POST:
            acts.change(person(request), view, query=kept(words(request, "query")))
        else:
            acts.change(person(request), view, name=words(request, "name"), shared="shared" in request.POST)

    refused = partial(_refused, request, "This view") if "name" in request.POST else None
    return attempt(request, change, "View changed.", refused)


@looks
@require_POST
def view_deletions(request: HttpRequest, id: int) -> HttpResponse:
    view = get_object_or_404(SavedView, id=id)
    acts.delete(person(request), view)
    announce(request, f"{view.name} was deleted.")
    return redirect(view.page)


def _refused(request: HttpRequest, title: str, why: str) -> HttpResponse:
    """The form again: of a view to be saved, with the `page` and the `query` that it keeps, or of one that
    there is."""
    typed = {name: words(request, name) for name in ("page", "query", "name", "shared")}
    return form_again(
        request,
        title,
        "saved_views/_form.html",
        action=request.path,
        problem=why,
        section="messages",
        **typed,
    )


def address_of(view: SavedView) -> str:
    """Where its list is looked at."""
    return f"{reverse(view.page)}?{view.query}{'&' if view.query else ''}view={view.pk}"
