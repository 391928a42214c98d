"""Operations: the list of them, the question before one, and making it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from dashboard.kinds import FORMS
from dashboard.kinds.form import Form
from dashboard.parts.toasts import announce
from dashboard.queries import newest
from dashboard.queries.operations import SIZE, UNDER_WAY, with_figures
from dashboard.views.addresses import address, came_from
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from dashboard.views.selection import field, matching, of_all, reason, selected
from workflow_processor.models import DeadLetter, HeldMessage, Operation
from workflow_processor.operations import acts
from workflow_processor.operations.acts import Order

SAMPLE = 5


@looks
@require_http_methods(["GET", "POST"])
def operations(request: HttpRequest) -> HttpResponse:
    """The list; by POST, a new one."""
    return _make(request) if request.method == "POST" else _list(request)


@looks
@require_GET
def new_operation(request: HttpRequest) -> HttpResponse:
    """Asks first: what it is about, how many that are, how fast, why."""
    form, until = _form(request), newest()
    ticked = [] if of_all(request) else selected(request)
    chosen = DeadLetter.objects.filter(id__in=[seen.id for seen in ticked])
    letters = chosen if ticked else matching(request, until)
    return show(
        request,
        "operations/new.html",
        section="operations",
        form=form,
        query=field(request, "q"),
        ticked=ticked,
        until=until,
        count=letters.count(),
        able=letters.filter(state__in=form.kind.states).count(),
        held=HeldMessage.objects.filter(gate__head__in=letters.order_by().values("id")).exists(),
        sample=letters.select_related("source").order_by("-id")[:SAMPLE],
        next=came_from(request),
    )


def _make(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    try:
        order = Order(
            kind=form.kind.name,
            selection=Operation.Selection.QUERY if of_all(request) else Operation.Selection.TICKED,
            query=field(request, "q") if of_all(request) else "",
            reason=reason(request),
            rate=number(request.POST, "rate") or None,
            trial=number(request.POST, "trial"),
            parameters=form.read(request.POST.dict()),
        )
        letters = matching(request, _until(request)) if of_all(request) else selected(request)
        operation = acts.plan(person(request), order, letters)
    except ValueError as error:
        announce(request, f"Nothing was begun. {error}", level=messages.ERROR)
        return redirect(came_from(request))
    seconds = int(settings.UNDO_SECONDS) if form.kind.name == "requeue" else 0
    undo_url = address("operation-undos", operation.pk) if seconds else ""
    announce(request, f"Operation {operation.pk} begins.", undo_url=undo_url, seconds=seconds)
    return redirect("operation", operation.pk)


def _list(request: HttpRequest) -> HttpResponse:
    """The latest first; with `show=running` those under way alone."""
    running, older = request.GET.get("show") == "running", number(request.GET, "older")
    found = Operation.objects.order_by("-id")
    if running:
        found = found.filter(state__in=UNDER_WAY)
    rows = with_figures((found.filter(id__lt=older) if older else found)[: SIZE + 1])
    kept = {"show": "running" if running else ""}
    return show(
        request,
        "operations/operations.html",
        operations=rows[:SIZE],
        running=running,
        forms=FORMS,
        newer_url=address("operations", **kept) if older else "",
        older_url=address("operations", older=rows[SIZE - 1].record.pk, **kept) if len(rows) > SIZE else "",
    )


def _form(request: HttpRequest) -> Form:
    try:
        return FORMS[field(request, "kind")]
    except KeyError as error:
        raise BadRequest("There is no such kind of operation.") from error


def _until(request: HttpRequest) -> UUID:
    try:
        return UUID(field(request, "until"))
    except ValueError as error:
        raise BadRequest("It is not said up to which message.") from error
