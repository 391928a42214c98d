"""Operations: the list of them, the question before one, and making it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from dashboard.editing.changes import mark
from dashboard.kinds import FORMS
from dashboard.kinds.form import Form
from dashboard.parts.toasts import announce
from dashboard.queries import newest
from dashboard.queries.operations import SIZE, UNDER_WAY, with_figures
from dashboard.queries.tallies import Numbers
from dashboard.views.addresses import address, came_from
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from dashboard.views.selection import asked, field, matching, of_all, reason, selected
from workflow_processor.acts.record import check
from workflow_processor.models import DeadLetter, HeldMessage, Operation, RepairRule
from workflow_processor.operations import acts
from workflow_processor.operations.acts import Order

SAMPLE = 5


@looks
@require_http_methods(["GET", "POST"])
def operations(request: HttpRequest) -> HttpResponse:
    """The list; by POST, a new one."""
    return _make(request) if request.method == "POST" else _list(request)


@looks
@require_http_methods(["GET", "POST"])
def new_operation(request: HttpRequest) -> HttpResponse:
    """Asks first: what it is about, how many that are, how fast, why; by POST, with what it would make of
    them."""
    if not of_all(request) and not selected(request):
        announce(request, "Nothing was selected.", level=messages.WARNING)
        return redirect(came_from(request))
    return question(request, _form(request))


def question(request: HttpRequest, form: Form, status: int = 200, **context: Any) -> HttpResponse:
    """The page that asks, with what was typed in it already; `no_reason` says that one is needed."""
    until = _until(request) if field(request, "until") else newest()
    ticked = [] if of_all(request) else selected(request)
    chosen = DeadLetter.objects.filter(id__in=[seen.id for seen in ticked])
    letters = chosen if ticked else matching(request, until)
    able = letters.filter(state__in=form.kind.states)
    if ticked:
        numbers = Numbers(chosen.count(), able.count())
    else:
        numbers = asked(request).numbers(until, form.kind.states)
    return show(
        request,
        "operations/new.html",
        status=status,
        section="operations",
        form=form,
        fields=request.POST,
        query=field(request, "q"),
        ticked=ticked,
        until=until,
        count=numbers.found,
        able=numbers.able,
        held=HeldMessage.objects.filter(gate__head__in=letters.order_by().values("id")).exists(),
        sample=able.select_related("source").order_by("-id")[:SAMPLE],
        rules=RepairRule.objects.order_by("name"),
        next=came_from(request),
        **_previewed(request, form, letters),
        **context,
    )


def reason_wanted(request: HttpRequest, form: Form) -> HttpResponse:
    """The page that asks, since no reason was given for what needs one."""
    return question(request, form, 422, no_reason=f"A {form.kind.name} needs a reason.")


def _previewed(request: HttpRequest, form: Form, letters: QuerySet[DeadLetter]) -> dict[str, Any]:
    """What it would make of them, or why that cannot be told."""
    if not form.preview or "previewed" not in request.POST:
        return {}
    check(person(request), form.kind.permission)
    try:
        return {"preview": form.preview(form.read(request.POST.dict()), letters)}
    except ValueError as error:
        return {"problem": str(error)}


def _make(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if form.kind.needs_reason and not reason(request):
        return reason_wanted(request, form)
    try:
        parameters = form.read(request.POST.dict())
        if form.preview and request.POST.get("previewed") != mark(parameters):
            return question(request, form)
        order = Order(
            kind=form.kind.name,
            selection=Operation.Selection.QUERY if of_all(request) else Operation.Selection.TICKED,
            query=field(request, "q") if of_all(request) else "",
            reason=reason(request),
            rate=number(request.POST, "rate") or None,
            trial=number(request.POST, "trial"),
            parameters=parameters,
        )
        letters = matching(request, _until(request)) if of_all(request) else selected(request)
        operation = acts.plan(person(request), order, letters)
    except ValueError as error:
        announce(request, f"Nothing was started. {error}", level=messages.ERROR)
        return question(request, form, 422)
    seconds = int(settings.UNDO_SECONDS) if form.kind.name == "requeue" else 0
    undo_url = address("operation-undos", operation.pk) if seconds else ""
    announce(request, f"Operation {operation.pk} started.", undo_url=undo_url, seconds=seconds)
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
        newer_url=address("operations", **kept) if older else "",
        older_url=address("operations", older=rows[SIZE - 1].record.pk, **kept) if len(rows) > SIZE else "",
    )


def _form(request: HttpRequest) -> Form:
    form = FORMS.get(field(request, "kind"))
    if not form or form.elsewhere:
        raise BadRequest("There is no such kind of operation.")
    return form


def _until(request: HttpRequest) -> UUID:
    try:
        return UUID(field(request, "until"))
    except ValueError as error:
        raise BadRequest("It is not said up to which message.") from error
