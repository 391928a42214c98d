"""Corrected messages from a file: taken in, shown, and made revisions by an operation."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from dashboard.editing import imported
from dashboard.kinds import FORMS
from dashboard.parts.toasts import announce
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason
from workflow_processor.acts.record import check
from workflow_processor.models import ImportFile, Operation
from workflow_processor.operations import acts, files
from workflow_processor.operations.acts import Order

NAME_LIMIT = 200


@looks
@require_GET
def new_import(request: HttpRequest) -> HttpResponse:
    """Asks for the file."""
    check(person(request), "edit_dead_letter")
    return show(request, "imports/new.html", section="messages")


@looks
@require_POST
def imports(request: HttpRequest) -> HttpResponse:
    """Takes the file in; nothing happens to any message yet."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        announce(request, "Nothing was imported: choose a file.", level=messages.ERROR)
        return redirect("new-import")
    name = (upload.name or "file").replace("\0", "")[:NAME_LIMIT]
    return redirect("import", files.take_in(person(request), name, upload).pk)


@looks
@require_GET
def one_import(request: HttpRequest, id: int) -> HttpResponse:
    """What the file would change, and what of it cannot be used."""
    check(person(request), "edit_dead_letter")
    file = get_object_or_404(ImportFile, pk=id)
    return show(
        request,
        "imports/import.html",
        section="messages",
        file=file,
        form=FORMS["import"],
        standing=files.standing(id),
        shown=imported.sample(id),
        next=address("messages"),
    )


@looks
@require_POST
def confirmations(request: HttpRequest, id: int) -> HttpResponse:
    """Makes an operation of what the file would change."""
    file = get_object_or_404(ImportFile, pk=id)
    order = Order(
        kind="import",
        selection=Operation.Selection.FILE,
        query=file.name,
        reason=reason(request),
        rate=number(request.POST, "rate") or None,
        trial=number(request.POST, "trial"),
        parameters={"file": id, "send": request.POST.get("send") == "on"},
    )
    try:
        operation = acts.plan(person(request), order, files.changed(id))
    except acts.NothingToDo:
        announce(request, "Nothing was started: the file no longer changes anything.", level=messages.WARNING)
        return redirect("import", id)
    announce(request, f"Operation {operation.pk} started.")
    return redirect("operation", operation.pk)
