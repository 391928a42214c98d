"""A message beside the list: what failed and why, the first of its payload, and what can be done."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.parts.payload import payload
from dashboard.queries.letter import Letter
from dashboard.views.message import found
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import DeadLetter, State

SHOWN = 4_000
"""Bytes of the payload."""


@looks
@require_GET
def preview(request: HttpRequest, id: UUID) -> HttpResponse:
    """The preview of one in the list of `q`; nothing where it stands as the page has it. What is done there
    leads back to `next`."""
    letter = found(id)
    if request.GET.get("standing") == letter.standing:
        return HttpResponse(status=204)
    return show(request, "messages/_preview.html", **_drawn(letter, request.GET.get("next", "")))


def selected(request: HttpRequest, id: UUID | None) -> dict[str, Any]:
    """The preview of the message that the list's address names, if it is there."""
    try:
        return _drawn(Letter.find(id), request.get_full_path()) if id else {}
    except DeadLetter.DoesNotExist:
        return {}


def _drawn(letter: Letter, back: str) -> dict[str, Any]:
    record, body = letter.record, bytes(letter.revision.body)
    return {
        "letter": letter,
        "record": record,
        "editable": record.state in (State.PARKED, State.WAITING),
        "selection": f"{record.id}:{record.version}",
        "payload": payload(body[:SHOWN]),
        "size": len(body),
        "back": back,
    }
