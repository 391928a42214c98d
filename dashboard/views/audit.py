"""What people did."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from dashboard.views.acted_on import acted_on, counted
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import AuditEntry, DeadLetter

SIZE = 50


@looks
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Acts, the latest first; `older` than one, or of one `person`."""
    entries = AuditEntry.objects.select_related("person").order_by("-id")
    person, older = request.GET.get("person", ""), number(request.GET, "older")
    if "\0" in person:
        raise BadRequest("Nobody has that name.")
    if person:
        entries = entries.filter(person__username=person)
    if older:
        entries = entries.filter(id__lt=older)
    found = list(counted(entries)[: SIZE + 1])
    return show(
        request,
        "audit/audit.html",
        entries=acted_on(found[:SIZE]),
        person=person,
        newer_url=address("audit", person=person) if older else "",
        older_url=address("audit", person=person, older=found[SIZE - 1].pk) if len(found) > SIZE else "",
    )


@looks
@require_GET
def act(request: HttpRequest, id: int) -> HttpResponse:
    """One act, and the dead letters that it changed."""
    entry = get_object_or_404(counted(AuditEntry.objects.select_related("person")), id=id)
    start = number(request.GET, "start")
    ids = entry.dead_letters[start : start + SIZE]
    after = start + SIZE
    return show(
        request,
        "audit/act.html",
        section="audit",
        entry=entry,
        things=dict(acted_on([entry]))[entry],
        changes=[(name, entry.before.get(name), entry.after.get(name)) for name in _names(entry)],
        letters=DeadLetter.objects.filter(id__in=ids).select_related("source").order_by("id"),
        summary=f"{start + 1:,}–{start + len(ids):,} of {len(entry.dead_letters):,}",
        newer_url=address("act", id, start=max(0, start - SIZE)) if start else "",
        older_url=address("act", id, start=after) if after < len(entry.dead_letters) else "",
    )


def _names(entry: AuditEntry) -> list[str]:
    """What is told of before and after the act, each once."""
    return [*dict.fromkeys([*entry.before, *entry.after])]
