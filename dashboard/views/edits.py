"""Editing a message: the form, the difference, and the new revision."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from dashboard.editing import drafts
from dashboard.editing.differences import differences
from dashboard.editing.drafts import Draft
from dashboard.editing.known import Known
from dashboard.parts.toasts import announce
from dashboard.queries.letter import Letter
from dashboard.views.addresses import address
from dashboard.views.edit_page import addresses, check, edit_page
from dashboard.views.going_on import going_on
from dashboard.views.message import found
from dashboard.views.numbers import whole
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from dashboard.views.selection import reason
from workflow_processor import acts, live
from workflow_processor.lifecycle import Seen
from workflow_processor.models import Revision

SAVED = "#saved={}"
"""Tells the browser to forget what it kept of this edit: `static/js/drafts.js`."""


@looks
@require_GET
def new_edit(request: HttpRequest, id: UUID) -> HttpResponse:
    """The form, with the message as it is; with `read=western` its bytes as that text, with `as=fields` its
    body as fields."""
    if not request.user.has_perm("workflow_processor.edit_dead_letter"):
        raise PermissionDenied
    letter = found(id)
    begun = drafts.western if request.GET.get("read") == "western" else drafts.untouched
    draft = begun(letter.revision)
    draft.as_fields = request.GET.get("as") == "fields"
    draft.outline = Known(letter.record, draft.base.message()).outline
    return edit_page(request, letter, draft, letter.record.version)


@looks
@require_POST
def edits(request: HttpRequest) -> HttpResponse:
    """Shows the difference (`then` is review), saves (save), or saves and requeues (send); or shows the body
    as fields or as text."""
    letter, draft, version = _sent(request)
    then = request.POST.get("then")
    if then in ("fields", "text") and not (draft.filled and draft.filled.problems):
        draft.as_fields = then == "fields"
    if draft.problems or then not in ("save", "send"):
        return edit_page(request, letter, draft, version, status=422 if draft.problems else 200)
    seen = Seen(letter.record.id, version)
    if not draft.parts:
        return _unchanged(request, seen, send=then == "send")
    outcome = acts.edit(person(request), seen, draft.revision, send=then == "send")
    if outcome.unchanged:
        return _stale(request, letter, draft)
    live.announce("changed")
    send = then == "send"
    said = "Saved as a new revision and requeued." if send else "Saved as a new revision."
    _tell(request, seen.id, said, sent=send)
    return redirect(_onwards(request, seen, sent=send) + SAVED.format(seen.id))


@looks
@require_POST
def checks(request: HttpRequest) -> HttpResponse:
    """What is wrong with the draft as it is typed."""
    letter, draft, _ = _sent(request)
    return show(request, "messages/_check.html", checked=check(letter, draft))


def _sent(request: HttpRequest) -> tuple[Letter, Draft, int]:
    form = request.POST
    try:
        letter = found(UUID(form.get("id", "")))
        version, number = whole(form.get("version", "")), whole(form.get("base", ""))
        base = get_object_or_404(Revision, dead_letter=letter.record, number=number)
        outline = Known(letter.record, base.message()).outline
        return letter, drafts.sent(base, form.dict(), addresses(), outline), version
    except ValueError as error:
        raise BadRequest("That is no form of an edit.") from error


def _unchanged(request: HttpRequest, seen: Seen, *, send: bool) -> HttpResponse:
    """Nothing was changed, so no revision is made; it may still be sent as it is."""
    if not send:
        announce(request, "Nothing was changed, so no revision was made.", level=messages.INFO)
        return redirect(_onwards(request, seen, sent=False))
    if acts.requeue(person(request), [seen], reason(request)).changed:
        live.announce("changed")
        _tell(request, seen.id, "Requeued unchanged.", sent=True)
        return redirect(_onwards(request, seen, sent=True))
    announce(request, "Not requeued: the message was changed in the meantime.", level=messages.WARNING)
    return redirect(_onwards(request, seen, sent=False))


def _onwards(request: HttpRequest, seen: Seen, *, sent: bool) -> str:
    """What is saved is looked at; after what is sent the next one of the list comes."""
    around = going_on(request, seen.id)
    found: str = around["after" if sent else "here"]
    return found


def _stale(request: HttpRequest, letter: Letter, draft: Draft) -> HttpResponse:
    """Somebody was quicker: the person's work is kept, on what the message is now."""
    letter = found(letter.record.id)
    draft_now = draft.on(letter.revision)
    since = differences(
        draft.base.message(),
        letter.revision.message(),
        draft.base.return_address,
        letter.revision.return_address,
    )
    context: dict[str, Any] = {"stale": True, "since": since}
    return edit_page(request, letter, draft_now, letter.record.version, status=409, **context)


def _tell(request: HttpRequest, id: UUID, said: str, *, sent: bool) -> None:
    seconds = int(settings.UNDO_SECONDS)
    undo_url = address("undos", id=id, next=address("message", id)) if sent and seconds else ""
    announce(request, said, undo_url=undo_url, seconds=seconds)
