"""One operation: its progress and its outcomes; and what people do with it."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from dashboard.kinds import FORMS
from dashboard.parts import sheets
from dashboard.parts.streams import download
from dashboard.parts.toasts import announce
from dashboard.queries import operations as queries
from dashboard.queries.operations import Item
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason
from workflow_processor import live
from workflow_processor.models import Operation, OperationItem
from workflow_processor.operations import acts

COLUMNS = (
    "dead letter", "message id", "queue", "subscriber", "error", "outcome", "why", "attempt", "state now"
)  # fmt: skip


@looks
@require_GET
def operation(request: HttpRequest, id: int) -> HttpResponse:
    """Its progress, and what became of each message, those with one `outcome` or all."""
    found = get_object_or_404(Operation.objects.select_related("person", "runs_for"), pk=id)
    [progress] = queries.with_figures(Operation.objects.filter(pk=id))
    outcome, before = _outcome(request), request.GET.get("before")
    page = queries.items(
        id,
        outcome,
        after=number(request.GET, "after"),
        before=number(request.GET, "before") if before else None,
    )
    return show(
        request,
        "operations/operation.html",
        section="operations",
        operation=progress,
        record=found,
        form=FORMS[found.kind],
        may=request.user.has_perms(f"workflow_processor.{need}" for need in progress.needs),
        items=page.items,
        outcome=outcome,
        newer_url=page.before and address("operation", id, outcome=outcome, before=page.before),
        older_url=page.after and address("operation", id, outcome=outcome, after=page.after),
    )


@looks
@require_GET
def outcomes(request: HttpRequest, id: int) -> StreamingHttpResponse:
    """The outcome of each message as CSV; with `outcome` of those that have it."""
    get_object_or_404(Operation, pk=id)
    rows = (_row(item) for item in _items(id, _outcome(request)))
    return download(f"operation-{id}.csv", "text/csv", sheets.lines(COLUMNS, rows))


@looks
@require_POST
def pauses(request: HttpRequest, id: int) -> HttpResponse:
    return _done(request, id, acts.pause(person(request), id), "paused")


@looks
@require_POST
def resumptions(request: HttpRequest, id: int) -> HttpResponse:
    return _done(request, id, acts.resume(person(request), id), "resumed")


@looks
@require_POST
def cancellations(request: HttpRequest, id: int) -> HttpResponse:
    return _done(request, id, acts.cancel(person(request), id), "cancelled")


@looks
@require_POST
def undos(request: HttpRequest, id: int) -> HttpResponse:
    """Takes back what has not left yet, and cancels the rest."""
    taken_back = acts.undo(person(request), id)
    announce(request, f"{taken_back:,} taken back before they were sent. The rest of it is cancelled.")
    live.announce("changed")
    return redirect("operation", id)


@looks
@require_POST
def retries(request: HttpRequest, id: int) -> HttpResponse:
    """Its failures once more, as an operation of their own."""
    try:
        retry = acts.retry(person(request), id, reason(request))
    except ValueError as error:
        announce(request, f"Nothing was started. {error}", level=messages.WARNING)
        return redirect("operation", id)
    announce(request, f"Operation {retry.pk} started.")
    return redirect("operation", retry.pk)


def _done(request: HttpRequest, id: int, changed: bool, did: str) -> HttpResponse:
    """Says whether it is so now."""
    if changed:
        announce(request, f"Operation {id} {did}.")
        live.announce("changed")
    else:
        text = f"Operation {id} changed in the meantime; this is its current state."
        announce(request, text, level=messages.WARNING)
    return redirect("operation", id)


def _outcome(request: HttpRequest) -> str:
    """The one that is asked for; "" for all."""
    outcome = request.GET.get("outcome", "")
    if outcome and outcome not in OperationItem.Outcome:
        raise BadRequest("There is no such outcome.")
    return outcome


def _items(id: int, outcome: str) -> Iterator[Item]:
    after: int | None = 0
    while after is not None:
        page = queries.items(id, outcome, after=after, size=sheets.PORTION)
        yield from page.items
        after = page.after


def _row(item: Item) -> list[object]:
    letter = item.letter
    known = (
        [letter.message_id, letter.source.queue, letter.source.subscriber, letter.error_type]
        if letter
        else []
    )
    told = [item.outcome, item.why, item.attempt, letter.state if letter else "gone"]
    return [item.record.dead_letter, *(known or [""] * 4), *told]
