"""Groups of dead letters with the same cause: the place to begin."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from dashboard.queries import groups as causes
from dashboard.views.addresses import address
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import DeadLetter, FailedAttempt, Group, Source

LATEST = 10


@looks
@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """Groups with open dead letters or, with `show=all`, all of them."""
    everything, start = request.GET.get("show") == "all", _start(request)
    page = causes.groups(everything=everything, start=start)
    kept = {"show": "all" if everything else ""}
    before, after = max(0, start - causes.SIZE), start + causes.SIZE
    return show(
        request,
        "groups/groups.html",
        page=page,
        everything=everything,
        connected=Source.objects.exists(),
        summary=f"{page.first:,}–{page.last:,} of {page.total:,}",
        newer_url=address("groups", start=before or "", **kept) if start else "",
        older_url=address("groups", start=after, **kept) if after < page.total else "",
    )


@looks
@require_GET
def group(request: HttpRequest, id: int) -> HttpResponse:
    """One cause: what it is, how often, and its latest messages."""
    found = get_object_or_404(Group, id=id)
    [row] = causes.with_figures(Group.objects.filter(id=found.pk))
    letters = DeadLetter.objects.filter(group=found).select_related("source").order_by("-id")[:LATEST]
    latest = FailedAttempt.objects.filter(dead_letter__in=list(letters[:1])).order_by("-id").first()
    parked = f"group:{found.pk} status:parked"
    return show(
        request,
        "groups/group.html",
        section="groups",
        group=row,
        letters=letters,
        latest=latest,
        all_url=address("messages", q=f"group:{found.pk}"),
        requeue_url=address("new-requeue", scope="matching", q=parked, next=request.path),
        discard_url=address("new-discard", scope="matching", q=parked, next=request.path),
    )


def _start(request: HttpRequest) -> int:
    try:
        return max(0, int(request.GET.get("start") or 0))
    except ValueError as error:
        raise BadRequest("A list begins at a number.") from error
