"""One group: the cause first, then its messages, its trend, and what people did and said."""

from collections.abc import Sequence

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from dashboard.queries.groups import with_figures
from dashboard.views.addresses import address
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import DeadLetter, FailedAttempt, Group, GroupEvent, Operation, State

LATEST, HISTORY, ALIKE = 10, 100, 5


@looks
@require_GET
def group(request: HttpRequest, id: int) -> HttpResponse:
    """What it is, how often, and its latest messages. One that is merged is shown by what it is part of."""
    found = get_object_or_404(Group, id=id)
    if found.merged_into_id:
        return redirect("group", found.merged_into_id)
    [row] = with_figures([found.pk])
    members = list(found.merged.select_related("source").order_by("id"))
    newest = _newest([found, *members])
    latest = FailedAttempt.objects.filter(dead_letter__in=newest[:1]).order_by("-id").first()
    parked = f"group:{found.pk} status:parked"
    return show(
        request,
        "groups/group.html",
        section="groups",
        group=row,
        members=members,
        letters=newest,
        latest=latest,
        alike=_alike(found),
        events=_history(found, members),
        operations=_operations(found),
        all_url=address("messages", q=(its := f"group:{found.pk}")),
        of_list=its,
        edit_url=address("new-operation", kind="edit", scope="matching", q=parked, next=request.path),
        requeue_url=address("new-operation", kind="requeue", scope="matching", q=parked, next=request.path),
        discard_url=address("new-operation", kind="discard", scope="matching", q=parked, next=request.path),
    )


def _newest(groups: Sequence[Group]) -> list[DeadLetter]:
    """The latest of them, each state asked for itself: that is what the index is sorted by."""
    letters = DeadLetter.objects.filter(group__in=groups).order_by("-id").values_list("id", flat=True)
    first, *others = (letters.filter(state=state)[:LATEST] for state in State)
    ids = sorted(first.union(*others, all=True), reverse=True)[:LATEST]
    found = DeadLetter.objects.select_related("source").in_bulk(ids)
    return [found[id] for id in ids]


def _alike(found: Group) -> list[Group]:
    """Others of the same error, or of the same place in the code; the latest first."""
    others = Group.objects.filter(merged_into=None).exclude(pk=found.pk)
    same = others.filter(Q(error_type=found.error_type) | Q(handler=found.handler, top_frame=found.top_frame))
    return list(same.select_related("source").order_by("-last_seen_at")[:ALIKE])


def _history(found: Group, members: Sequence[Group]) -> list[GroupEvent]:
    """Its own and that of what was merged into it, whose merge its own history tells already."""
    told = (GroupEvent.Kind.MERGED, GroupEvent.Kind.SPLIT)
    events = GroupEvent.objects.filter(Q(group=found) | (Q(group__in=members) & ~Q(kind__in=told)))
    return list(events.order_by("-id")[:HISTORY])


def _operations(found: Group) -> list[Operation]:
    """What was done to many of its messages at once, by the query that found them; the latest first."""
    named = rf"(^|[[:space:]])group:([0-9]+,)*{found.pk}(,|[[:space:]]|$)"
    return list(
        Operation.objects.filter(query__regex=named).select_related("person").order_by("-id")[:LATEST]
    )
