"""One message: what failed and why, its bytes, its history; and what its page fetches of itself."""

from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from consumers.errors import OfficeError
from dashboard.editing.differences import differences
from dashboard.editing.headers import Header, rows
from dashboard.queries.letter import Letter
from dashboard.queries.tokens import spell
from dashboard.views.addresses import address
from dashboard.views.going_on import going_on
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from dashboard.views.suggestions import suggested
from workflow_processor.models import DeadLetter, Revision, State


@looks
@require_GET
def message(request: HttpRequest, id: UUID) -> HttpResponse:
    letter = found(id)
    return show(
        request,
        "messages/message.html",
        section="messages",
        **standing(request, letter),
        body=letter.revision.body,
        properties=_properties(letter.revision),
        body_url=address("body", id, letter.revision.number),
        differences_url=address("differences", id),
        correlated=f"correlation:{spell(letter.record.correlation_id)}",
    )


@looks
@require_GET
def status(request: HttpRequest, id: UUID) -> HttpResponse:
    """The parts that change while the page is open; nothing where they are as the page has them."""
    letter = found(id)
    if request.GET.get("standing") == letter.standing:
        return HttpResponse(status=204)
    seen: dict[str, Any] = {name: request.GET.get(name) for name in ("shown", "failures")}
    return show(request, "messages/_status.html", **standing(request, letter), **seen)


@looks
@require_GET
def body(request: HttpRequest, id: UUID, number: int) -> HttpResponse:
    """The exact bytes of a revision, as a download that no browser takes for a page."""
    del request
    revision = get_object_or_404(Revision, dead_letter=id, number=number)
    return HttpResponse(
        bytes(revision.body),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{id}-{number}.bin"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@looks
@require_GET
def revision_differences(request: HttpRequest, id: UUID) -> HttpResponse:
    """What differs between two revisions, `before` and `after`."""
    letter = found(id)
    before, after = (_revision(letter, request, name) for name in ("before", "after"))
    sides = differences(before.message(), after.message(), before.return_address, after.return_address)
    template = "messages/_differences.html" if request.headers.get("HX-Request") else "messages/compare.html"
    return show(
        request,
        template,
        section="messages",
        letter=letter,
        before_name=f"Revision {before.number}",
        after_name=f"Revision {after.number}",
        differences=sides,
    )


def found(id: UUID) -> Letter:
    try:
        return Letter.find(id)
    except DeadLetter.DoesNotExist as error:
        raise Http404 from error


def standing(request: HttpRequest, letter: Letter) -> dict[str, Any]:
    """What the parts that change are drawn from."""
    record = letter.record
    around = going_on(request, record.id)
    return {
        "letter": letter,
        "record": record,
        "editable": record.state in (State.PARKED, State.WAITING),
        "selection": f"{record.id}:{record.version}",
        "suggestion": suggested(letter),
        "discard_url": address("discards", ids=f"{record.id}:{record.version}", next=around["after"]),
        **around,
    }


def _revision(letter: Letter, request: HttpRequest, name: str) -> Revision:
    try:
        number = int(request.GET.get(name, ""))
    except ValueError as error:
        raise BadRequest("A revision is named by its number.") from error
    return get_object_or_404(Revision, dead_letter=letter.record, number=number)


def _properties(revision: Revision) -> dict[str, Any]:
    """Headers and what else the broker knows, each with its type; or why they cannot be read."""
    properties = revision.message().properties
    try:
        described = {name: value for name, value in properties.described().items() if value is not None}
        return {
            "headers": [_listed(header) for header in rows(properties.headers)],
            "described": [_listed(header) for header in rows(described)],
        }
    except (OfficeError, ValueError) as error:
        return {"unreadable": str(error), "raw": properties.raw}


def _listed(header: Header) -> dict[str, str]:
    note = "set by the office" if header.ours else header.kind
    return {"name": header.name, "value": header.value, "note": note}
